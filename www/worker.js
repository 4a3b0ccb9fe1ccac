// Starts the worker: the same module, on the worker's side.

import init, { start_worker } from "./web.js";

await init({ module_or_path: new URL("./web_bg.wasm", import.meta.url) });
start_worker();
