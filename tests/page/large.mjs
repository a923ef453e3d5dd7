// 10,000 targets: the times are written down; the limits are wide, for busy machines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "./browser.mjs";

const TARGETS = 10000;
const LIMIT = 5000;

// Milliseconds from an input's event to the end of the frame that shows it.
const timed = (page, value) => page.evaluate((words) => new Promise((done) => {
  const field = document.getElementById("filter-words");
  const begin = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
}), value);

test("10,000 targets are drawn, filtered and scrolled without lag", (t) => withPage("halted", { targets: TARGETS }, async (page) => {
  const first = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  const whole = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete);
  const filters = [];
  for (const words of ["e", "eu", "eu-01", "no such name", ""]) filters.push(await timed(page, words));
  await page.locator("#fleet").scrollIntoViewIfNeeded();
  for (const words of ["us", ""]) filters.push(await timed(page, words));
  t.diagnostic(`first paint ${Math.round(first)} ms, loaded ${Math.round(whole)} ms, filters ${filters.map(Math.round).join(", ")} ms`);
  assert.ok(Math.max(whole, ...filters) < LIMIT);
}));

test("thousands of groups and hundreds of kinds of failures are no lag either", (t) => withPage("many", { targets: TARGETS }, async (page) => {
  const filters = [];
  for (const words of ["cust", "relation", ""]) filters.push(await timed(page, words));
  t.diagnostic(`filters ${filters.map(Math.round).join(", ")} ms`);
  assert.ok(Math.max(...filters) < LIMIT);
  assert.equal(await page.locator(".cluster").count(), 50);
  assert.match(await page.locator("#groups").innerText(), /and 2,476 more groups/);
  await page.getByRole("button", { name: /^Show \d+ more$/ }).click();
  await page.waitForFunction(() => document.querySelectorAll(".cluster").length > 100);
}));

test("of 10,000 rows only those in sight exist", () => withPage("halted", { targets: TARGETS }, async (page) => {
  const rows = () => page.locator("#target-table .window .row").count();
  assert.ok(await rows() < 40);
  await page.evaluate(() => { document.querySelector("#target-table .window").scrollTop = 200000; });
  await page.waitForFunction(() => document.querySelector("#target-table .window .row").getAttribute("aria-rowindex") > 5000);
  assert.ok(await rows() < 40);
  assert.equal(await page.locator("#matrix .mark").count(), TARGETS);
}));
