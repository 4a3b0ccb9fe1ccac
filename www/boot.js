// Starts the page and its worker. Both run the same module, which is compiled once, while it
// arrives.

import init, { start_page } from "./web.js";

const address = new URL("./web_bg.wasm", import.meta.url);

async function compile() {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const isNamed = response.headers.get("content-type")?.startsWith("application/wasm");
  // Some servers do not know what a module is.
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

const compiled = compile();
compiled.then(() => performance.mark("kobako.compiled"));

function startWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  compiled.then((module) => worker.postMessage(module));
  return worker;
}

/** Loads its scripts while the module arrives. */
let early = startWorker();

await init({ module_or_path: await compiled });
start_page(() => {
  const worker = early ?? startWorker();
  early = undefined;
  return worker;
});
