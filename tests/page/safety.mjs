// Text from databases, inventories and servers stays text, and nothing leaves the page. (browser.mjs fails every test whose page
// asks for something.)
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { frame, sampleText, text, withPage, withUrl, sampleFile } from "./browser.mjs";

const openEverything = async (page) => {
  for (const by of ["wave", "server", "state", "group"]) await page.selectOption("#fleet-by", by);
  await page.click("[data-sort=target]");
  await frame(page);
  await page.hover("#matrix .mark >> nth=0");
  await page.locator("#failure-list button.link", { hasText: "onerror" }).click();
  await page.click("[data-key=next]");
  await page.keyboard.press("Escape");
  await page.emulateMedia({ media: "print" });
  await page.waitForSelector("#target-print table");
};

test("names, groups, messages and SQL that are markup stay text in every view", () => withPage("hostile", {}, async (page) => {
  await openEverything(page);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("main img, main iframe, main script, main svg:not(.spread)").count(), 0);
  assert.match(await page.title(), /<b>head<\/b><\/title><script>/);
  assert.match(await text(page, "#notices"), /<iframe srcdoc=/);
}));

test("they do without the policy too: nothing relies on it alone", () => withPage("hostile", { bypassCSP: true }, async (page) => {
  await openEverything(page);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
}));

test("an address that is markup stays text", () =>
  withPage("halted", { hash: `#q=${encodeURIComponent("<img src=x onerror=window.hacked=1>")}&group=%3Cscript%3E&target=%22%3E%3Cimg` }, async (page) => {
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("main img").count(), 0);
  }));

test("the policy lets no other script, style or request through", async () => {
  let asked = 0;
  const server = createServer((request, response) => { asked++; response.end(); });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  try {
    await withUrl(`file://${sampleFile("halted", 240)}`, () => true, {}, async (page) => {
      page.removeAllListeners("console"); // where the browser tells what it refused
      await page.evaluate(async (url) => {
        const script = document.createElement("script");
        script.textContent = "window.hacked = true";
        const style = document.createElement("style");
        style.textContent = "h1 { visibility: hidden }";
        const image = new Image();
        image.src = url;
        document.body.append(script, style, image);
        await fetch(url).catch(() => null);
      }, `http://127.0.0.1:${server.address().port}/`);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.locator("h1").isVisible(), true);
    });
  } finally {
    server.close();
  }
  assert.equal(asked, 0);
});

test("the page without data holds less than 300 kB", () => {
  assert.ok(sampleText("empty", 0).length < 300000);
});
