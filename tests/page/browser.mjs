// Owns the browser of the page's tests: one Chromium for all, a page for each test. A page that asks for anything but its own
// file, or says anything on its console, fails its test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const modules = createRequire(resolve(process.env.PAGE_MODULES, "package.json"));
const { chromium } = modules("playwright-core");
export const axeFile = modules.resolve("axe-core/axe.min.js");

const folder = mkdtempSync(join(tmpdir(), "dbfleet-page."));
const samples = new Map();

// The page of a run of tests/page/page_sample.c, as a file.
export const sampleFile = (kind, targets = 240) => {
  const name = `${kind}-${targets}`;
  if (!samples.has(name)) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, execFileSync(process.env.PAGE_SAMPLE, [kind, String(targets)], { maxBuffer: 1 << 28 }));
    samples.set(name, file);
  }
  return samples.get(name);
};

export const sampleText = (kind, targets, ...more) =>
  execFileSync(process.env.PAGE_SAMPLE, [kind, String(targets), ...more], { maxBuffer: 1 << 28 }).toString();

let browser;
export const startBrowser = async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
};
export const stopBrowser = async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
};

const watch = (page, allowed) => {
  const heard = [];
  page.on("console", (message) => heard.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!allowed(request.url())) heard.push(`request: ${request.url()}`);
  });
  return heard;
};

// Opens a URL, runs what is to be tried, and fails for whatever the page said or asked for.
export const withUrl = async (url, allowed, settings, tried) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const heard = watch(page, allowed);
  try {
    await page.goto(url);
    await page.waitForSelector("html[data-drawn]");
    await tried(page);
    assert.deepEqual(heard, []);
  } finally {
    await context.close();
  }
};

export const withPage = (kind, { targets, hash = "", ...settings } = {}, tried) => {
  const file = `file://${sampleFile(kind, targets)}`;
  return withUrl(file + hash, (url) => url.split("#")[0] === file || url.startsWith("data:"), settings, tried);
};

export const text = (page, selector) => page.locator(selector).innerText();
export const hash = (page) => page.evaluate(() => location.hash);
// After a change, the page draws in the next frame.
export const frame = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
