// The page of a plan: what reviewers see, search and print, and that nothing on it is markup of others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axeFile, text, withPage } from "./browser.mjs";

const rows = (page) => page.locator("#target-list tbody tr").count();

test("a plan shows its counts, steps with SQL and risks, waves and what is left alone", () => withPage("plan", {}, async (page) => {
  assert.equal(await text(page, "#headline"), "dbfleet upgrade head");
  assert.match(await text(page, "#lead"), /240 targets to do, 0 already there, 1 left alone/);
  assert.match(await text(page, "#notices"), /1 section is not as planned any more/);
  assert.match(await text(page, "#wave-list"), /canary\s+1 target\s+then soaks 10min; gates: http/);
  assert.match(await text(page, "#exception-list"), /no route to host\s+far/);
  const drops = page.locator("details.step", { hasText: "forget orders" });
  await drops.locator("summary").click();
  assert.match(await drops.innerText(), /drops[\s\S]*statement 1: orders: DROP TABLE orders[\s\S]*DROP TABLE orders;/);
  assert.match(await text(page, "#size-list"), /orders\s+240\s+12,000 rows, 3.1 MB; 1 could not be asked\s+tenant-00007: 9,000 rows, 2.0 MB/);
  assert.match(await text(page, "#facts"), /Approvals\s+1 of 2; ada@example.com: counts; eve.sig: does not count: its key is not known/);
}));

test("targets are searched, and many are shown bit by bit", () => withPage("plan", { targets: 1200 }, async (page) => {
  assert.equal(await rows(page), 500);
  await page.click("#target-more");
  assert.equal(await rows(page), 1000);
  await page.fill("#target-words", "tenant-0001 db02");
  assert.equal(await text(page, "#target-count"), "1 of 1,200 targets");
  assert.equal(await rows(page), 1);
  await page.fill("#target-words", "canary");
  assert.equal(await rows(page), 1);
}));

test("10,000 targets are drawn at once", () => withPage("plan", { targets: 10000 }, async (page) => {
  assert.match(await text(page, "#lead"), /10,000 targets/);
  const took = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete);
  assert.ok(took < 3000, `${took} ms`);
}));

test("on paper every step is open and every target is there", () => withPage("plan", { targets: 700 }, async (page) => {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await rows(page), 700);
  assert.equal(await page.locator("details.step:not([open])").count(), 0);
}));

test("names, reasons and SQL that are markup stay text", () => withPage("plan-hostile", { bypassCSP: true }, async (page) => {
  for (const step of await page.locator("details.step > summary").all()) await step.click();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("main img, main script").count(), 0);
}));

for (const colorScheme of ["light", "dark"])
  test(`nobody is left out of a plan (axe, ${colorScheme})`, () => withPage("plan", { colorScheme, bypassCSP: true }, async (page) => {
    for (const step of await page.locator("details.step > summary").all()) await step.click();
    await page.addScriptTag({ path: axeFile });
    const { violations } = await page.evaluate(() => axe.run());
    assert.deepEqual(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).join(" ")}`), []);
  }));

test("a narrow screen does not scroll sideways", () => withPage("plan", { viewport: { width: 380, height: 800 } }, async (page) => {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}));
