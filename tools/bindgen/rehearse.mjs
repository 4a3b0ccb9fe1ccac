// Plays a first visit to a worker whose module `bindgen --instrument` has made, and prints the
// numbers of the marks that were set. Arguments: the folder of web.js and the module, the story.
// Time is the story's own, so the same functions run every time.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** How often the story is played: what happens differs by chance. */
const SEEDS = 6;
/** Seeds are as large as those that the page makes. */
const SEED_STEP = 40_000_000_000_003;
const [folder, story] = process.argv.slice(2);
let now = 0;
let tick;
let tickMs;
Date.now = () => now;
globalThis.setInterval = (act, ms) => {
  [tick, tickMs] = [act, ms];
  return 1;
};

const web = await import(pathToFileURL(resolve(folder, "web.js")));
const exports = await web.default({ module_or_path: readFileSync(join(folder, "web_bg.wasm")) });
globalThis.postMessage = (report) => web.rehearsal_hear(report);
web.start_worker();

function wait(seconds) {
  for (const end = now + seconds * 1e3; now < end; now += tickMs) tick();
}

function tell(line) {
  const request = web.rehearsal_request(line);
  if (!request) throw new Error(`the story says ${line}`);
  globalThis.onmessage({ data: request });
}

const lines = readFileSync(story, "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
for (let seed = 1; seed <= SEEDS; seed += 1) {
  tell(`begin ${seed * SEED_STEP}`);
  for (const line of lines) {
    const [verb, seconds] = line.split(" ");
    if (verb === "wait") wait(Number(seconds));
    else tell(line);
  }
}
try {
  tell("panic");
} catch {
  // It ends the worker, as it should.
}
const { memory, marks_begin: begin, marks_count: count } = exports;
const marks = new Uint8Array(memory.buffer, begin.value, count.value);
console.log([...marks.keys()].filter((number) => marks[number] === 1).join("\n"));
