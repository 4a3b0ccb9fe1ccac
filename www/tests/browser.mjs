// A real browser and a server of files for the tests: what they share.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const dist = process.env.DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** Whether the module is in two parts, as it is published. */
export const isParted = existsSync(join(dist, "web_rest.wasm"));

/** Offers dist, but for some files, below a path of its own, as a site within a site. */
export function serve({ without = [] } = {}) {
  const served = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const name = pathname.replace(/^\/deep\/path\//, "") || "index.html";
    const file = join(dist, normalize(name));
    try {
      if (without.includes(name)) throw new Error("not offered");
      const { size } = statSync(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-length": size });
      served.push(name);
      createReadStream(file).pipe(response);
    } catch {
      response.writeHead(404).end();
    }
  });
  // A test that fails need not close it.
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = `http://127.0.0.1:${server.address().port}/deep/path/`;
      resolve({ address, served, close: () => server.close() });
    });
  });
}

export function launch(more = []) {
  return puppeteer.launch({
    executablePath: chromium,
    headless: true,
    args: [...more, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--font-render-hinting=none"],
    protocolTimeout: 240_000,
  });
}

/** Opens the page and waits until it can be typed into. Requests and errors are collected; `early` runs in the page before its own scripts. */
export async function open(browser, address, { width = 1440, height = 900, theme = "light", lang = "en", extra = "", waits = true, early } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.requests = [];
  page.problems = [];
  page.on("request", (request) => page.requests.push(request.url()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(message.text());
  });
  await page.setViewport({ width, height, deviceScaleFactor: 1 });
  if (early) await page.evaluateOnNewDocument(early);
  const begun = Date.now();
  await page.goto(`${address}?theme=${theme}&lang=${lang}${extra}`);
  if (waits) await ready(page);
  page.readyMs = Date.now() - begun;
  return page;
}

/** Waits for the prompt. */
export async function ready(page) {
  await page.waitForSelector('[data-ready="true"]', { timeout: 120_000 });
  await page.waitForFunction(() => document.querySelector(".terminal-prompt")?.textContent.includes("$"), { timeout: 120_000 });
}

/** Types a command and presses Enter. */
export async function type(page, line) {
  await page.focus("#command-line");
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** What the terminal shows. */
export function output(page) {
  return page.$eval('[role="log"]', (log) => log.textContent);
}

/** Waits until the terminal shows a text or what matches. */
export function shows(page, pattern, timeout = 120_000) {
  const source = pattern.source ?? pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return page.waitForFunction(
    (text) => new RegExp(text).test(document.querySelector('[role="log"]').textContent), { timeout }, source);
}

/** Waits until so many tiles are in that state. */
export function tiles(page, state, count, timeout = 120_000) {
  return page.waitForFunction(
    (wanted, number) => document.querySelectorAll(`.pod[data-state="${wanted}"]:not(.pod-leaving)`).length === number,
    { timeout }, state, count);
}

/** Waits until nothing moves that comes to an end, so that colours are those which stay. */
export function rests(page) {
  return page.waitForFunction(() => document.getAnimations().every((animation) =>
    animation.playState !== "running" || animation.effect.getComputedTiming().endTime === Infinity));
}

/** Lets the page draw so many frames. */
export function frames(page, count) {
  return page.evaluate((count) => new Promise((resolve) => {
    const frame = () => {
      count -= 1;
      if (count > 0) requestAnimationFrame(frame);
      else resolve();
    };
    requestAnimationFrame(frame);
  }), count);
}
