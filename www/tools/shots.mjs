// Pictures of the page, to be looked at: every size, theme and language, empty, under way, broken
// and healed. `node www/tools/shots.mjs FOLDER [SIZE…]` takes them of what lies in dist.
// `node www/tools/shots.mjs FOLDER frames` takes every frame of an apply instead.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, open, serve, shows, tiles, type } from "../tests/browser.mjs";

const [folder = "target/shots", ...wanted] = process.argv.slice(2);
const SIZES = { 1440: [1440, 900], 820: [820, 1180], 390: [390, 844] };
mkdirSync(folder, { recursive: true });
const site = await serve();
const browser = await launch();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function story(size, theme, lang) {
  const [width, height] = SIZES[size];
  const page = await open(browser, site.address, { width, height, theme, lang });
  const shot = async (name, tab) => {
    if (width < 1040 && tab) await page.click(`.page-tabs button:nth-child(${tab})`);
    await pause(400);
    await page.screenshot({ path: join(folder, `${size}-${theme}-${lang}-${name}.png`) });
    if (width < 1040 && tab) await page.click(".page-tabs button:nth-child(1)");
  };
  await pause(600);
  await shot("1-empty");
  await shot("1-empty-files", 2);
  await type(page, "kubectl apply -f nginx.yaml");
  await page.waitForSelector('.pod[data-state="creating"]');
  await shot("2-creating");
  await tiles(page, "ready", 3);
  await type(page, "kubectl set image deployment/web nginx=nginx:1.27.0");
  await shows(page, "image updated");
  await page.waitForSelector('.pod[data-state="terminating"]');
  await shot("3-rolling", 3);
  await tiles(page, "ready", 3);
  await type(page, "kubectl set image deployment/web nginx=nginx:none");
  await tiles(page, "image", 1);
  await type(page, "kubectl get pods");
  await shows(page, /ErrImagePull|ImagePullBackOff/);
  await shot("4-broken");
  await shot("4-broken-cluster", 3);
  if (width < 1040) await page.click(".page-tabs button:nth-child(3)");
  await page.click('.nodes .pod[data-state="image"]');
  await page.waitForSelector(".inspector pre");
  await shot("5-inspector");
  await page.keyboard.press("Escape");
  if (width < 1040) await page.click(".page-tabs button:nth-child(1)");
  await type(page, "kubectl rollout undo deployment/web");
  await tiles(page, "image", 0);
  await tiles(page, "ready", 3);
  await type(page, "kubectl get deployments,pods -o wide");
  await shot("6-healed");
  await shot("6-healed-cluster", 3);
  await page.browserContext().close();
}

/** Every frame that the browser draws, named by its time. */
async function frames(lines) {
  const page = await open(browser, site.address);
  const session = await page.createCDPSession();
  let begun = 0;
  session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    begun ||= metadata.timestamp;
    const ms = String(Math.round((metadata.timestamp - begun) * 1e3)).padStart(6, "0");
    writeFileSync(join(folder, `frame-${ms}.png`), Buffer.from(data, "base64"));
    session.send("Page.screencastFrameAck", { sessionId });
  });
  await session.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  for (const line of lines) {
    await type(page, line);
    await pause(8_000);
  }
  await session.send("Page.stopScreencast");
  await page.browserContext().close();
}

if (wanted[0] === "frames") {
  await frames(wanted.length > 1 ? wanted.slice(1) : ["kubectl apply -f nginx.yaml"]);
} else {
  for (const size of wanted.length ? wanted : Object.keys(SIZES)) {
    for (const [theme, lang] of [["light", "en"], ["dark", "ja"]]) {
      await story(size, theme, lang);
      console.log(size, theme, lang);
    }
  }
}
await browser.close();
site.close();
