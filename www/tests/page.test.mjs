// What a person does on the page, done in a real browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { frames, launch, open, output, ready, rests, serve, shows, tiles, type } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let site;

before(async () => {
  site = await serve();
  browser = await launch();
});
after(async () => {
  // If it did not start, that is what is to be told.
  await browser?.close();
  site.close();
});

/** Every rule of WCAG 2.2 AA, target sizes included. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "target-size": { enabled: true } },
  }));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

test("a Deployment comes up, heals, breaks and is healed, by keyboard alone", async () => {
  const page = await open(browser, site.address);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.type("kubectl apply -f nginx.yaml");
  await page.keyboard.press("Enter");
  await shows(page, "deployment.apps/web created");
  await page.waitForSelector(".pod");
  await tiles(page, "ready", 3);

  const name = await page.$eval(".pod", (pod) => pod.title);
  await page.keyboard.type(`kubectl delete pod ${name} --wait=false`);
  await page.keyboard.press("Enter");
  await shows(page, `pod "${name}" deleted`);
  await page.waitForFunction((old) => !document.querySelector(`.pod[title="${old}"]`), {}, name);
  await tiles(page, "ready", 3);

  await page.keyboard.type("kubectl set image deployment/web nginx=nginx:none");
  await page.keyboard.press("Enter");
  await tiles(page, "image", 1);
  assert.equal(await page.$$eval('.pod[data-state="ready"]', (pods) => pods.length), 3);
  assert.equal(await page.$eval(".rail", (rail) => rail.dataset.rollout), "rollout.held");
  await page.keyboard.type("kubectl get pods");
  await page.keyboard.press("Enter");
  await shows(page, /ErrImagePull|ImagePullBackOff/);

  await page.keyboard.type("kubectl rollout undo deployment/web");
  await page.keyboard.press("Enter");
  await shows(page, "deployment.apps/web rolled back");
  await tiles(page, "image", 0);
  await tiles(page, "ready", 3);
  assert.equal(await page.$eval(".rail", (rail) => rail.dataset.rollout), "rollout.complete");

  assert.deepEqual(page.problems, []);
  const origin = new URL(site.address).origin;
  assert.deepEqual(page.requests.filter((url) => new URL(url).origin !== origin), []);
  await page.browserContext().close();
});

test("the views break no rule of accessibility", async () => {
  for (const [theme, lang, width, height] of [
    ["light", "en", 1440, 900], ["dark", "ja", 1440, 900], ["light", "ja", 820, 1180],
    ["light", "en", 390, 844], ["dark", "ja", 390, 844],
  ]) {
    const page = await open(browser, site.address, { theme, lang, width, height });
    const where = `${theme} ${lang} ${width}`;
    assert.deepEqual(await violations(page), [], where);
    await type(page, "kubectl apply -f nginx.yaml -f crash.yaml -f broken-image.yaml");
    await tiles(page, "ready", 3);
    await page.waitForSelector('.pod[data-state="crash"]');
    if (width > 700) {
      await page.click('.pod[title="broken"]');
      await page.waitForSelector(".inspector pre");
    }
    for (const tab of width < 1040 ? [1, 2, 3] : [0]) {
      if (tab) await page.click(`.page-tabs button:nth-child(${tab})`);
      await rests(page);
      assert.deepEqual(await violations(page), [], `${where} tab ${tab}`);
    }
    await page.browserContext().close();
  }
});

test("the inspector shows what kubectl says", async () => {
  const page = await open(browser, site.address);
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  await page.click(".pod");
  const panel = (text) => page.waitForFunction(
    (wanted) => document.querySelector(".inspector pre")?.textContent.includes(wanted), {}, text);
  await panel("Controlled By:");
  await page.click(".inspector [role=tab]:nth-child(2)");
  await panel("kind: Pod");
  await page.click(".inspector [role=tab]:nth-child(3)");
  await panel("Pulling image");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector(".inspector"));
  // From the picture, too: the focus stays where somebody selects.
  await page.click(".pod");
  await page.waitForSelector(".inspector");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector(".inspector"));
  await page.browserContext().close();
});

test("a file is edited, saved and applied", async () => {
  const page = await open(browser, site.address);
  await page.waitForSelector(".cm-content");
  await page.click(".cm-content");
  await page.evaluate(() => {
    const line = [...document.querySelectorAll(".cm-line")].find((found) => found.textContent.includes("replicas: 3"));
    const range = document.createRange();
    range.selectNodeContents(line);
    range.collapse(false);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  });
  await page.keyboard.press("Backspace");
  await page.keyboard.type("2");
  await page.waitForFunction(() => document.querySelector(".file-list em"));
  await page.click(".editor-bar .button-primary");
  await shows(page, "deployment.apps/web created");
  await tiles(page, "ready", 2);
  await page.browserContext().close();
});

test("time stands still, steps and runs", async () => {
  const page = await open(browser, site.address);
  await page.click(".run");
  const clock = () => page.$eval(".clock", (found) => found.textContent);
  await frames(page, 20);
  const stopped = await clock();
  await frames(page, 100);
  assert.equal(await clock(), stopped);
  await type(page, "kubectl apply -f nginx.yaml");
  await page.click(".segments button:nth-child(2)");
  await page.waitForFunction(() => document.querySelector(".rail"));
  await page.click(".run");
  await tiles(page, "ready", 3);
  assert.notEqual(await clock(), stopped);
  await page.browserContext().close();
});

test("a session survives a reload, and so does what was typed", async () => {
  const page = await open(browser, site.address);
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  const names = await page.$$eval(".pod", (pods) => pods.map((pod) => pod.title).sort());
  await page.focus("#command-line");
  const kept = await page.evaluate(() => localStorage.getItem("kobako.session"));
  await page.keyboard.type("kubectl get po");
  await page.waitForFunction(() => localStorage.getItem("kobako.line") === "kubectl get po");
  // Time alone is kept, too, from time to time.
  await page.waitForFunction((old) => localStorage.getItem("kobako.session") !== old, {}, kept);
  await page.reload();
  await ready(page);
  await tiles(page, "ready", 3);
  assert.deepEqual(await page.$$eval(".pod", (pods) => pods.map((pod) => pod.title).sort()), names);
  assert.equal(await page.$eval("#command-line", (field) => field.value), "kubectl get po");
  assert.match(await output(page), /deployment.apps\/web created/);
  await page.browserContext().close();
});

test("new Pods travel from the scheduling tray to their nodes, restored ones do not", async () => {
  const early = () => {
    globalThis.travels = [];
    const { animate } = Element.prototype;
    Element.prototype.animate = function note(frames, options) {
      globalThis.travels.push([this.dataset.uid, frames[0].transform]);
      return animate.call(this, frames, options);
    };
  };
  const page = await open(browser, site.address, { early });
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  const travels = await page.evaluate(() => globalThis.travels);
  assert.equal(new Set(travels.map(([uid]) => uid)).size, 3);
  // The tray is above the nodes.
  for (const [, from] of travels) assert.match(from, /^translate\(-?[0-9.]+px,-[0-9.]+px\)$/);
  const kept = await page.evaluate(() => localStorage.getItem("kobako.session"));
  await page.waitForFunction((old) => localStorage.getItem("kobako.session") !== old, {}, kept);
  await page.reload();
  await ready(page);
  await tiles(page, "ready", 3);
  assert.deepEqual(await page.evaluate(() => globalThis.travels), []);
  await page.browserContext().close();
});

test("a line typed while the cluster starts is run as soon as it is there", async () => {
  // The worker hears nothing, and so does nothing, until it is released.
  const early = () => {
    const post = Worker.prototype.postMessage;
    const held = [];
    Worker.prototype.postMessage = function hold(...message) {
      held.push(() => post.apply(this, message));
    };
    globalThis.release = () => {
      Worker.prototype.postMessage = post;
      for (const send of held) send();
    };
  };
  const page = await open(browser, site.address, { early, waits: false });
  await page.waitForSelector("#command-line");
  await type(page, "kubectl get nodes");
  await page.keyboard.type("kubectl get po");
  assert.equal(await page.$eval("[data-ready]", (app) => app.dataset.ready), "false");
  await page.evaluate(() => globalThis.release());
  await shows(page, /\$ kubectl get nodes\s+NAME +STATUS/);
  assert.equal(await page.$eval("#command-line", (field) => field.value), "kubectl get po");
  await page.browserContext().close();
});

test("a mistake of ours ends in a card, and the files are kept", async () => {
  const page = await open(browser, site.address, { extra: "&panic", waits: false });
  await page.waitForSelector(".failure textarea");
  assert.deepEqual(await violations(page), []);
  assert.match(await page.$eval(".failure pre", (found) => found.textContent), /the page asked for it/);
  await page.browserContext().close();
});

test("names and logs that look like HTML are text", async () => {
  const page = await open(browser, site.address);
  await type(page, "echo '<img src=x onerror=alert(1)><b>bold</b>'");
  await shows(page, "<img src=x onerror=alert");
  assert.equal(await page.$$eval('[role="log"] img, [role="log"] b', (found) => found.length), 0);
  await page.browserContext().close();
});

test("Tab completes, Esc and Tab leave", async () => {
  const page = await open(browser, site.address);
  await page.focus("#command-line");
  await page.keyboard.type("kubectl rollout und");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("#command-line").value === "kubectl rollout undo ");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement.id), "command-line");
  await page.browserContext().close();
});
