// `kubectl edit` and `vi`: the page's editor takes the place of one on the terminal.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, output, serve, shows, type } from "./browser.mjs";

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

const waits = (page) => page.waitForSelector(".files-waiting .cm-content");
const isClosed = (page) => page.waitForFunction(() => !document.querySelector(".files-waiting"));

/** Presses the button with this text below the editor that is waited for. */
const press = (page, text) => page.evaluate((text) => {
  [...document.querySelectorAll(".files-waiting button")].find((button) => button.textContent.startsWith(text)).click();
}, text);

for (const width of [1440, 390]) {
  test(`kubectl edit opens the editor and takes what is saved, ${width} wide`, async () => {
    const page = await open(browser, site.address, { width });
    await type(page, "kubectl create configmap a --from-literal=k=old");
    await shows(page, "configmap/a created");
    await type(page, "kubectl edit configmap a");
    await waits(page);
    await page.waitForFunction(() => document.activeElement.classList.contains("cm-content"));
    // The cursor stands at the beginning, before the comments.
    await page.keyboard.type("# seen\n");
    await page.keyboard.down("Control");
    await page.keyboard.press("s");
    await page.keyboard.up("Control");
    await isClosed(page);
    await shows(page, "Edit cancelled, no changes made.");

    await type(page, "kubectl edit configmap a");
    await waits(page);
    await press(page, "Close without saving");
    await isClosed(page);

    await type(page, "vi notes.txt");
    await waits(page);
    await page.waitForFunction(() => document.activeElement.classList.contains("cm-content"));
    await page.keyboard.type("remember");
    await press(page, "Save and close");
    await isClosed(page);
    await type(page, "cat notes.txt; kubectl get configmap a -o jsonpath={.data.k}; echo");
    await shows(page, /remember\s*old/);
    assert.ok(!(await output(page)).includes("panicked"));
    assert.deepEqual(page.problems, []);
    await page.browserContext().close();
  });
}
