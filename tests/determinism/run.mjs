// Prints the digests of so many random sessions, computed by the WebAssembly module.
import { readFile } from "node:fs/promises";

const [path, count] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(path), {});
for (let seed = 0n; seed < BigInt(count); seed++) {
  const digest = BigInt.asUintN(64, instance.exports.digest(seed));
  console.log(digest.toString(16).padStart(16, "0"));
}
