// Measures the page's files as a server with brotli would send them. Arguments: folder, result.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const [folder, result] = process.argv.slice(2);

/**
 * What a first visit's commands do not need: it comes when nobody does anything, or when it is
 * turned to. `www/tests/parts.test.mjs` holds that the visit gets on without the module's rest.
 */
const isLater = (name) => ["web_rest.wasm", "vendor/codemirror.js", "descriptions.tsv"].includes(name);

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
const later = sum(sizes.filter((size) => isLater(size.name)));
const firstVisit = sum(sizes) - later;
for (const { name, raw, brotli } of sizes) {
  console.log(`${String(brotli).padStart(9)}  ${String(raw).padStart(9)}  ${name}${isLater(name) ? "  (later)" : ""}`);
}
console.log(`first visit ${firstVisit} bytes of brotli, later ${later}`);

mkdirSync(dirname(result), { recursive: true });
writeFileSync(result, `${JSON.stringify({ first_visit_brotli: firstVisit, later_brotli: later, files: sizes }, null, 2)}\n`);
