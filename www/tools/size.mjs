// Measures the page's files as a server with brotli would send them. Arguments: folder, result.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const [folder, result] = process.argv.slice(2);

/** What is loaded only when it is needed: the editor. */
const isLazy = (name) => name.startsWith("vendor/");

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

const sizes = files.map((file) => {
  const bytes = readFileSync(file);
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  return { name: relative(folder, file), raw: bytes.length, brotli: packed.length };
});
sizes.sort((a, b) => b.brotli - a.brotli);

const sum = (list) => list.reduce((total, size) => total + size.brotli, 0);
const firstVisit = sum(sizes.filter((size) => !isLazy(size.name)));
for (const { name, raw, brotli } of sizes) console.log(`${String(brotli).padStart(9)}  ${String(raw).padStart(9)}  ${name}`);
console.log(`first visit ${firstVisit} bytes of brotli, everything ${sum(sizes)}`);

mkdirSync(dirname(result), { recursive: true });
writeFileSync(result, `${JSON.stringify({ first_visit_brotli: firstVisit, everything_brotli: sum(sizes), files: sizes }, null, 2)}\n`);
