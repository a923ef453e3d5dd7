// Light and dark, paper, narrow screens, and what a reader with a screen reader or without colours gets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { axeFile, text, withPage } from "./browser.mjs";

const axe = readFileSync(axeFile, "utf8");

const violations = async (page) => {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ")}`);
};

// The window is as high as the page: contrast is only judged for what is drawn.
for (const colorScheme of ["light", "dark"]) {
  for (const [kind, hash] of [["halted", ""], ["halted", "#target=eu-0115"], ["running", "#state=done&by=state"]])
    test(`axe-core finds nothing: ${kind}${hash}, ${colorScheme}`, () => withPage(kind, { hash, colorScheme, bypassCSP: true, viewport: { width: 1280, height: 6000 } },
      async (page) => assert.deepEqual(await violations(page), [])));
}

test("axe-core finds nothing on a narrow screen", () => withPage("halted", { bypassCSP: true, viewport: { width: 390, height: 9000 } },
  async (page) => assert.deepEqual(await violations(page), [])));

for (const [kind, width] of [["halted", 390], ["hostile", 390], ["halted", 768], ["hostile", 1024], ["halted", 1440]])
  test(`at ${width} pixels nothing is wider than the page: ${kind}`, () => withPage(kind, { viewport: { width, height: 900 } }, async (page) => {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  }));

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("the page follows the system, and the button fixes light or dark", () => withPage("halted", { colorScheme: "dark" }, async (page) => {
  const dark = await background(page);
  await page.click("#theme");
  assert.equal(await text(page, "#theme"), "Theme: light");
  const light = await background(page);
  assert.notEqual(light, dark);
  await page.click("#theme");
  assert.equal(await text(page, "#theme"), "Theme: dark");
  assert.equal(await background(page), dark);
}));

test("on paper all failures are open, targets are a plain table, controls are gone", () => withPage("halted", { targets: 2000, colorScheme: "dark" }, async (page) => {
  await page.emulateMedia({ media: "print" });
  await page.waitForSelector("#target-print table");
  assert.equal(await page.locator("#filter-words").isVisible(), false);
  assert.equal(await page.locator(".cluster:not([open])").count(), 0);
  assert.match(await text(page, "#target-print"), /of 2,000 targets: those that need a look/);
  assert.equal(await background(page), "rgb(255, 255, 255)");
  const paper = await page.pdf({ format: "A4" });
  assert.ok(paper.length > 20000);
  await page.emulateMedia({ media: "screen" });
  await page.waitForSelector("#target-print table", { state: "detached" });
  assert.ok(await page.locator(".cluster:not([open])").count() > 0, "what was closed is closed again");
}));

test("every state has a shape of its own", () => withPage("halted", { targets: 2000 }, async (page) => {
  const shapes = await page.evaluate(() => [...document.querySelectorAll("#filter-states .mark")].map((mark) => {
    const after = getComputedStyle(mark, "::after");
    const own = getComputedStyle(mark);
    const plain = after.content === "none";
    return [plain ? "" : after.maskImage, own.boxShadow !== "none", own.backgroundImage !== "none", own.backgroundColor === "rgba(0, 0, 0, 0)"].join();
  }));
  assert.equal(shapes.length, 12);
  assert.equal(new Set(shapes).size, 12);
}));
