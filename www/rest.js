// Loads the part of the module that a first visit does not need (tools/bindgen/src/split.rs): in
// the worker, when something in it is called or when nothing else is to be done.

/** What an error says when that part cannot be had; crates/web/src/bridge.rs knows it. */
const MISSING = "The rest of the simulator could not be loaded";
/** How long nobody has asked the worker for anything when the rest is loaded. */
const IDLE_MS = 4_000;

const address = new URL("./web_rest.wasm", import.meta.url);

function join(first, module) {
  if (first.rest_loaded.value) return;
  new WebAssembly.Instance(module, { first });
  first.rest_loaded.value = 1;
}

/** Loads it at once. The call that needs it waits, so the request is a synchronous one. */
export function load(first) {
  // A page that waited would stand still; all that it calls is in the first part.
  if (typeof window !== "undefined") throw new Error("the page needs the rest of the module");
  console.debug("loading the rest of the simulator", new Error().stack);
  const request = new XMLHttpRequest();
  try {
    request.open("GET", address, false);
    request.responseType = "arraybuffer";
    request.send();
  } catch (error) {
    throw new Error(`${MISSING}: ${error.message}`);
  }
  if (request.status !== 200) throw new Error(`${MISSING}: ${request.status} ${address.pathname}`);
  join(first, new WebAssembly.Module(request.response));
}

/** Loads it when nobody has asked for anything for a while. Nothing comes of it without a net. */
export function loadWhenIdle(first) {
  // Only a published module is in parts.
  if (!first.rest_loaded) return;
  let timer;
  const begin = async () => {
    removeEventListener("message", wait);
    if (first.rest_loaded.value) return;
    try {
      const response = await fetch(address);
      if (response.ok) join(first, await WebAssembly.compile(await response.arrayBuffer()));
    } catch {
      // It is loaded when it is needed, or that says what is missing.
    }
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(begin, IDLE_MS);
  };
  addEventListener("message", wait);
  wait();
}
