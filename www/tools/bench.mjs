// How smooth the page is while 100 Pods roll: frames, long frames and the echo of what is typed.
//
// `node www/tools/bench.mjs [ROUNDS] [PODS]` measures what lies in dist and prints a line for each
// round, then the best and the median. Other work on the machine makes the figures worse, never
// better, so the best round says most about the page.

import { launch, open, serve, tiles, type } from "../tests/browser.mjs";

const [rounds = 3, pods = 100] = process.argv.slice(2).map(Number);
const TYPED = "kubectl get deployments --output wide";
const KEY_PAUSE_MS = 120;

/** Starts to note, in the page, when frames begin and when what was typed is painted. */
function watch() {
  const seen = { frames: [], echoes: [], long: [] };
  globalThis.seen = seen;
  let last = performance.now();
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    seen.frame = requestAnimationFrame(frame);
  };
  seen.frame = requestAnimationFrame((now) => { last = now; seen.frame = requestAnimationFrame(frame); });
  // A frame's callbacks run before it is painted, a message sent there arrives after.
  const echo = (event) => {
    const from = event.timeStamp;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => seen.echoes.push(performance.now() - from);
      port2.postMessage(0);
    });
  };
  // Only what is typed while Pods roll counts.
  seen.type = () => document.querySelector("#command-line").addEventListener("keydown", echo);
  seen.observer = new PerformanceObserver((list) => {
    seen.long.push(...list.getEntries().map((entry) => entry.duration));
  });
  seen.observer.observe({ type: "longtask" });
  seen.stop = () => {
    cancelAnimationFrame(seen.frame);
    seen.observer.disconnect();
    document.querySelector("#command-line").removeEventListener("keydown", echo);
  };
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, part) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0;
const sum = (list) => list.reduce((total, value) => total + value, 0);

async function round(browser, address) {
  const page = await open(browser, address);
  await type(page, `kubectl create deployment web --image=nginx:1.25.3 --replicas=${pods}`);
  await tiles(page, "ready", pods, 240_000);
  await page.evaluate(watch);
  await type(page, "kubectl set image deployment/web nginx=nginx:1.27.0");
  await page.waitForFunction(() => document.querySelector(".rail")?.dataset.rollout !== "rollout.complete");
  const rolled = page.waitForFunction(
    () => document.querySelector(".rail")?.dataset.rollout === "rollout.complete", { timeout: 240_000, polling: 500 });
  await page.evaluate(() => globalThis.seen.type());
  let isRolling = true;
  rolled.then(() => { isRolling = false; });
  while (isRolling) {
    for (const key of TYPED) {
      if (!isRolling) break;
      await page.keyboard.press(key === " " ? "Space" : key);
      await new Promise((resolve) => setTimeout(resolve, KEY_PAUSE_MS));
    }
    await page.keyboard.down("Control");
    await page.keyboard.press("KeyU");
    await page.keyboard.up("Control");
  }
  const seen = await page.evaluate(() => {
    const { frames, echoes, long, stop } = globalThis.seen;
    stop();
    return { frames, echoes, long };
  });
  await page.browserContext().close();
  return {
    readyMs: page.readyMs,
    rollSeconds: sum(seen.frames) / 1e3,
    fps: seen.frames.length / (sum(seen.frames) / 1e3),
    frame95: at(seen.frames, 0.95),
    frameWorst: Math.max(...seen.frames),
    late: seen.frames.filter((frame) => frame > 25).length / seen.frames.length * 100,
    longTasks: seen.long.length,
    echo50: at(seen.echoes, 0.5),
    echo95: at(seen.echoes, 0.95),
    echoWorst: Math.max(...seen.echoes),
  };
}

const line = (name, found) => `${name.padEnd(8)} ready ${found.readyMs.toFixed(0)} ms, roll ${found.rollSeconds.toFixed(1)} s, `
  + `${found.fps.toFixed(1)} frames/s (95 % within ${found.frame95.toFixed(1)} ms, worst ${found.frameWorst.toFixed(0)} ms, `
  + `${found.late.toFixed(1)} % late, ${found.longTasks} long tasks), echo median ${found.echo50.toFixed(1)} ms, `
  + `95 % ${found.echo95.toFixed(1)} ms, worst ${found.echoWorst.toFixed(0)} ms`;

const site = await serve();
const browser = await launch();
const found = [];
for (let number = 1; number <= rounds; number += 1) {
  found.push(await round(browser, site.address));
  console.log(line(`round ${number}`, found.at(-1)));
}
const by = (choose) => Object.fromEntries(Object.keys(found[0]).map((key) => {
  const values = found.map((one) => one[key]);
  return [key, choose(values, key === "fps")];
}));
console.log(line("best", by((values, isFps) => (isFps ? Math.max(...values) : Math.min(...values)))));
console.log(line("median", by((values) => at(values, 0.5))));
await browser.close();
site.close();
