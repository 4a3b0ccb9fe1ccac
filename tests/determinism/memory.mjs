// Prints how many bytes of WebAssembly memory a Pod takes: node memory.mjs MODULE NODES PODS
import { readFile } from "node:fs/promises";

const [path, nodes, pods] = process.argv.slice(2);
const bytes = await readFile(path);
const measure = async (count) => {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const running = instance.exports.keep_pods(Number(nodes), count);
  return { running, memory: instance.exports.memory.buffer.byteLength };
};
const empty = await measure(0);
const full = await measure(Number(pods));
const bytesPerPod = Math.round((full.memory - empty.memory) / full.running);
console.log(JSON.stringify({ nodes: Number(nodes), pods: full.running, memory: full.memory, bytes_per_pod: bytesPerPod }));
