// What must never happen, whatever is typed: markup from names and logs, code from texts, requests
// to anybody else.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open, serve, shows, tiles, type } from "./browser.mjs";

const MARKUP = "<img src=x onerror=document.title=1><b>bold</b>";
let browser;
let elsewhere;
let site;
const asked = [];
/** What the browser asks its maker, whatever page it shows. */
const BROWSERS_OWN = ["content-autofill.googleapis.com", "update.googleapis.com", "accounts.google.com"];

/** A proxy for every address but this machine's: it only notes what it is asked for. */
function startElsewhere() {
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket) => {
    asked.push(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

before(async () => {
  site = await serve();
  elsewhere = await startElsewhere();
  browser = await launch([`--proxy-server=http://127.0.0.1:${elsewhere.address().port}`]);
});
after(async () => {
  // If it did not start, that is what is to be told.
  await browser?.close();
  elsewhere.close();
  site.close();
});

test("names and logs that look like HTML are text everywhere", async () => {
  const page = await open(browser, site.address);
  const unharmed = async (where) => {
    const found = await page.$$eval("#page img, #page b:not(h2 b, .rail-bracket b)", (all) => all.map((one) => one.outerHTML));
    assert.deepEqual(found, [], where);
  };
  await type(page, `echo '${MARKUP}'`);
  await shows(page, MARKUP);
  await unharmed("terminal");

  await type(page, "cp nginx.yaml '<b>bold<b>.yaml'");
  await page.waitForFunction(() => document.querySelector(".file-list").textContent.includes("<b>bold<b>.yaml"));
  await unharmed("list of files");
  await type(page, "kubectl apply -f '<b>bold<b>.yaml' -f '<i>missing<i>.yaml'");
  await shows(page, 'the path "<i>missing<i>.yaml" does not exist');
  await unharmed("error");

  await type(page, `kubectl run talker --image=busybox:1.36 --annotations='say=${MARKUP}' -- sh -c "echo '${MARKUP}'; sleep 600"`);
  await tiles(page, "ready", 1);
  await page.click(".pod");
  for (const [number, name] of [[1, "Describe"], [2, "YAML"], [4, "Logs"]]) {
    await page.click(`.inspector [role=tab]:nth-child(${number})`);
    await page.waitForFunction(
      (text) => document.querySelector(".inspector pre")?.textContent.includes(text), {}, "<b>bold</b>");
    await unharmed(name);
  }
  assert.notEqual(await page.title(), "1");
  await page.browserContext().close();
});

test("the page's policy forbids code from text and requests to other origins", async () => {
  const page = await open(browser, site.address);
  const policy = await page.$eval("meta[http-equiv=Content-Security-Policy]", (meta) => meta.content);
  assert.ok(!/'unsafe-eval'/.test(policy) && /default-src 'none'/.test(policy), policy);
  const refused = await page.evaluate(async () => {
    const violations = [];
    const allRefused = new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => {
        violations.push(event.effectiveDirective);
        if (violations.length === 4) resolve();
      });
    });
    // The debugger may evaluate whatever the policy says; a timer of the page may not.
    setTimeout("document.title = 'evaluated'", 0);
    await fetch("https://example.org/").catch(() => {});
    const image = new Image();
    image.src = "https://example.org/image.png";
    const script = document.createElement("script");
    script.textContent = "document.title = 'evaluated'";
    document.body.append(script);
    await allRefused;
    return violations.sort();
  });
  assert.deepEqual(refused, ["connect-src", "img-src", "script-src", "script-src-elem"]);
  assert.notEqual(await page.title(), "evaluated");
  await page.browserContext().close();
});

test("nothing is asked of any other origin, by the page or by its worker", async () => {
  asked.length = 0;
  const page = await open(browser, site.address);
  await type(page, "kubectl apply -f nginx.yaml");
  await tiles(page, "ready", 3);
  await type(page, "curl https://example.org/; kubectl get pods -v 9");
  await shows(page, /NAME +READY/);
  await page.click(".pod");
  await page.waitForSelector(".inspector pre");
  const origin = new URL(site.address).origin;
  assert.deepEqual(page.requests.filter((url) => new URL(url).origin !== origin), []);
  assert.deepEqual(asked.filter((address) => !BROWSERS_OWN.some((own) => address.includes(own))), []);
  assert.deepEqual(page.problems, []);
  await page.browserContext().close();
});
