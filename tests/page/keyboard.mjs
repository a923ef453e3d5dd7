// Everything can be reached and done with the keyboard alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hash, text, withPage } from "./browser.mjs";

const focusedName = (page) => page.evaluate(() => document.activeElement.getAttribute("aria-label"));

test("one mark of the matrix is in the tab order; arrows go on, across blocks too", () => withPage("halted", {}, async (page) => {
  assert.equal(await page.locator("#matrix [tabindex='0']").count(), 1);
  await page.focus("#matrix [tabindex='0']");
  assert.match(await focusedName(page), /^canary-0001, unreachable, group canary, wave 1$/);
  await page.keyboard.press("End");
  assert.match(await focusedName(page), /^canary-0005/);
  await page.keyboard.press("ArrowRight");
  assert.match(await focusedName(page), /^eu-0006/);
  await page.keyboard.press("ArrowDown");
  assert.match(await focusedName(page), /^eu-00[4-6]\d/, "the next row of the block");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.match(await focusedName(page), /^canary-0005/);
  assert.equal(await page.locator("#matrix [tabindex='0']").count(), 1);
}));

test("Enter opens a mark's target, Escape goes back to the mark", () => withPage("halted", {}, async (page) => {
  await page.focus("#matrix [tabindex='0']");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  assert.equal(await text(page, "#detail-title"), "canary-0002");
  assert.equal(await hash(page), "#target=canary-0002");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#detail").isVisible(), false);
  assert.match(await focusedName(page), /^canary-0002/);
  await page.waitForFunction(() => location.hash === ""); /* the address follows what is shown */
}));

test("the table's rows are reached by arrows, page keys and End", () => withPage("halted", {}, async (page) => {
  await page.focus("#target-table .window button[tabindex='0']");
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  assert.equal(await focused(), "eu-0101");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "eu-0115");
  await page.keyboard.press("PageDown");
  await page.keyboard.press("End");
  const last = await page.evaluate(() => document.activeElement.closest(".row").getAttribute("aria-rowindex"));
  assert.equal(last, "241");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#detail").isVisible(), true);
}));

test("a target's neighbours are opened in the table's order", () => withPage("halted", { hash: "#sort=target&target=apac-0201" }, async (page) => {
  await page.click("[data-key=next]");
  assert.equal(await text(page, "#detail-title"), "apac-0202");
  await page.click("[data-key=previous]");
  assert.equal(await text(page, "#detail-title"), "apac-0201");
}));

test("the timeline zooms and moves by keys", () => withPage("halted", {}, async (page) => {
  const summary = () => text(page, "#timeline-summary");
  await page.focus("#timeline-canvas");
  await page.keyboard.press("+");
  const zoomed = await summary();
  assert.match(zoomed, /shown from/);
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await summary(), zoomed);
  await page.keyboard.press("0");
  assert.doesNotMatch(await summary(), /shown from/);
}));

test("the first stop is a way past the navigation", () => withPage("halted", {}, async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "verdict");
}));
