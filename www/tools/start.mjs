// How long the page takes from the navigation to a prompt that takes a key, on a first visit. Keys
// are taken, and lines kept, as soon as the page is drawn; the prompt comes with the cluster.
//
// `node www/tools/start.mjs [ROUNDS]` measures what lies in dist and prints a line for each round,
// then the best and the median. Other work on the machine makes the figures worse, never better.

import { launch, serve } from "../tests/browser.mjs";

const [rounds = 5] = process.argv.slice(2).map(Number);

/** Notes, in the page, when things are there for the first time. */
function watch() {
  const seen = { ready: undefined };
  globalThis.seen = seen;
  const look = () => {
    const isReady = document.querySelector('[data-ready="true"]')
      && document.querySelector(".terminal-prompt")?.textContent.includes("$");
    const field = document.querySelector("#command-line");
    if (field) seen.drawn ??= performance.now();
    if (isReady && !field.disabled) seen.ready ??= performance.now();
    if (!seen.ready) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function round(browser, address) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.evaluateOnNewDocument(watch);
  await page.goto(`${address}?lang=en`);
  await page.waitForFunction(() => globalThis.seen.ready, { timeout: 60_000 });
  await page.focus("#command-line");
  await page.keyboard.type("k");
  await page.waitForFunction(() => document.querySelector("#command-line").value === "k");
  const found = await page.evaluate(() => {
    const marks = performance.getEntriesByType("mark");
    const at = (name) => marks.find((mark) => mark.name === name)?.startTime ?? NaN;
    const module = performance.getEntriesByType("resource").find((one) => one.name.endsWith("web_bg.wasm"));
    return {
      arrived: module?.responseEnd ?? NaN, compiled: at("kobako.compiled"), drawn: globalThis.seen.drawn,
      ready: globalThis.seen.ready,
    };
  });
  await context.close();
  return found;
}

const line = (name, { arrived, compiled, drawn, ready }) => `${name.padEnd(8)} module there after ${arrived.toFixed(0)} ms, `
  + `compiled ${compiled.toFixed(0)}, page drawn ${drawn.toFixed(0)}, ready to type ${ready.toFixed(0)} ms`;

const site = await serve();
const browser = await launch();
const found = [];
for (let number = 1; number <= rounds; number += 1) {
  found.push(await round(browser, site.address));
  console.log(line(`round ${number}`, found.at(-1)));
}
found.sort((a, b) => a.ready - b.ready);
console.log(line("best", found[0]));
console.log(line("median", found[Math.floor(found.length / 2)]));
await browser.close();
site.close();
