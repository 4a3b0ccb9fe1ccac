// Starts the worker: the same module as the page's, on the worker's side.

import init, { start_worker } from "./web.js";
import { loadWhenIdle } from "./rest.js";

/** What the page asks before the module can listen. */
const held = [];
const module = await new Promise((resolve) => {
  onmessage = ({ data }) => {
    if (data instanceof WebAssembly.Module) resolve(data);
    else held.push(data);
  };
});
const exports = await init({ module_or_path: module });
start_worker();
for (const data of held) dispatchEvent(new MessageEvent("message", { data }));
loadWhenIdle(exports);
