// The published module is in two parts, of which a first visit needs one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isParted, launch, open, output, serve, shows, tiles, type } from "./browser.mjs";

const REST = "web_rest.wasm";
/** What no first visit does. */
const SELDOM = "seq 3 | awk '{ print $1 * 7 }'";
const skip = isParted ? false : "this page is not built as it is published";
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What somebody does who reads README.md. */
async function visit(page) {
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  await type(page, "kubectl get pods");
  await shows(page, /web-\S+ +1\/1 +Running/);
  const name = await page.$eval('.pod[data-state="ready"]:not(.pod-system)', (pod) => pod.title);
  await page.click(`.pod[title="${name}"]`);
  await page.waitForSelector(".inspector pre");
  await page.keyboard.press("Escape");
  await type(page, `kubectl delete pod ${name}`);
  await shows(page, `pod "${name}" deleted`);
  await tiles(page, "ready", 3);
  await type(page, "kubectl set image deployment/web nginx=nginx:none");
  await tiles(page, "image", 1);
  await page.keyboard.type("kubectl rollout und");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("#command-line").value.endsWith("undo "));
  await page.keyboard.type("deployment/web");
  await page.keyboard.press("Enter");
  await shows(page, "deployment.apps/web rolled back");
  await tiles(page, "image", 0);
  await tiles(page, "ready", 3);
  await page.click('.languages button[lang="ja"]');
  await page.waitForFunction(() => document.documentElement.lang === "ja");
}

/** How often a visit may be tried: what its session calls depends a little on chance. */
const VISITS = 3;

test("a first visit gets by with the first part, on the page and in the worker", { skip }, async () => {
  const site = await serve();
  const calls = [];
  for (let number = 0; number < VISITS && calls.length === number; number += 1) {
    const page = await open(browser, site.address);
    const call = new Promise((resolve) => {
      page.on("console", (message) => {
        if (message.text().startsWith("loading the rest")) resolve(message.text());
      });
    });
    await visit(page);
    await page.reload();
    await tiles(page, "ready", 3);
    assert.equal(await page.$(".failure"), null);
    assert.equal(await page.$(".notice"), null);
    const called = await Promise.race([call, Promise.resolve()]);
    if (called) calls.push(called);
    await page.browserContext().close();
  }
  assert.ok(calls.length < VISITS, calls.join("\n"));
  site.close();
});

test("what a first visit does not need is loaded when it is called", { skip }, async () => {
  const site = await serve();
  const page = await open(browser, site.address);
  assert.ok(!site.served.includes(REST));
  await type(page, SELDOM);
  await shows(page, /7\n14\n21/);
  assert.equal(site.served.filter((name) => name === REST).length, 1);
  await page.browserContext().close();
  site.close();
});

test("what speaks to the browser works in the rest, too", { skip }, async () => {
  const site = await serve();
  const page = await open(browser, site.address);
  await type(page, "kubectl explain pod.spec.containers.image");
  await shows(page, /FIELD: image <string>[^]*Container image name/);
  assert.ok(site.served.includes("descriptions.tsv"));
  assert.deepEqual(page.problems, []);
  await page.browserContext().close();
  site.close();
});

test("it is loaded by itself when nobody does anything", { skip }, async () => {
  const site = await serve();
  const page = await open(browser, site.address);
  while (!site.served.includes(REST)) await page.evaluate(() => new Promise(requestAnimationFrame));
  await type(page, SELDOM);
  await shows(page, /7\n14\n21/);
  assert.equal(site.served.filter((name) => name === REST).length, 1);
  assert.deepEqual(page.problems, []);
  await page.browserContext().close();
  site.close();
});

test("without it, what was typed is kept and the page says what is missing", { skip }, async () => {
  const site = await serve({ without: [REST] });
  const page = await open(browser, site.address);
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  await type(page, SELDOM);
  await page.waitForFunction(() => document.querySelector(".notice")?.textContent.includes("could not be loaded"));
  await page.waitForFunction((line) => document.querySelector("#command-line").value === line, {}, SELDOM);
  await tiles(page, "ready", 3);
  assert.match(await output(page), /deployment.apps\/web created/);
  assert.equal(await page.$(".failure"), null);
  await page.browserContext().close();
  site.close();
});
