// `play.mjs ran MODULE` prints the numbers of what a first visit runs in an
// instrumented module; `play.mjs visit MODULE [FIRST REST]` prints what a whole visit answers.

import { readFileSync } from "node:fs";

const [task, ...files] = process.argv.slice(2);
const [module, rest] = files.map((file) => new WebAssembly.Module(readFileSync(file)));
let loads = 0;
let isOnline = true;
const load = () => {
  loads += 1;
  if (!isOnline) throw new Error("offline");
  new WebAssembly.Instance(rest, { first: exports });
  exports.rest_loaded.value = 1;
};
const { exports } = new WebAssembly.Instance(module, { "./rest.js": { load } });

if (task === "ran") {
  exports.start_worker(exports.rehearsal_way(), 0);
  const { memory, marks_begin: begin, marks_count: count } = exports;
  const marks = new Uint8Array(memory.buffer, begin.value, count.value);
  console.log([...marks.keys()].filter((number) => marks[number] === 1).join(" "));
} else {
  const said = [];
  const say = (...values) => said.push(values.join(" "));
  say("page", exports.start_page(7), exports.start_page(101));
  say("often", exports.start_worker(0, 3), "loads", loads);
  isOnline = false;
  try {
    say("seldom", exports.start_worker(1, 3));
  } catch (error) {
    say(error.message, "loads", loads);
  }
  isOnline = true;
  say("seldom", exports.start_worker(1, 3), "loads", loads);
  say("rest", exports.start_worker(2, 3), "loads", loads);
  say("often", exports.start_worker(0, 3), "loads", loads);
  say("rehearsal_way" in exports ? "rehearsed" : "published");
  console.log(said.join("\n"));
}
