// Search and filters, and the address that keeps them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frame, hash, text, withPage } from "./browser.mjs";

const lit = (page) => page.locator("#matrix .mark:not(.off)").count();
const rowCount = async (page) => Number(await page.getAttribute("#target-table", "aria-rowcount")) - 1;

test("search finds names, servers and messages, all of its words", () => withPage("halted", {}, async (page) => {
  await page.fill("#filter-words", "EU-011");
  await frame(page);
  assert.equal(await lit(page), 10);
  await page.fill("#filter-words", "unique eu-0115");
  await frame(page);
  assert.equal(await lit(page), 1);
  assert.equal(await rowCount(page), 1);
  assert.equal(await text(page, "#filter-count"), "1 of 240 targets");
  assert.equal(await hash(page), "#q=unique+eu-0115");
}));

test("states add up, and stand in the address", () => withPage("halted", {}, async (page) => {
  await page.click("#filter-states [data-name=failed]");
  await page.click("#filter-states [data-name=unreachable]");
  await frame(page);
  assert.equal(await rowCount(page), 4);
  assert.equal(await page.getAttribute("#filter-states [data-name=failed]", "aria-pressed"), "true");
  assert.equal(await hash(page), "#state=failed%2Cunreachable");
  await page.click("#filter-clear");
  await frame(page);
  assert.equal(await rowCount(page), 240);
  assert.equal(await hash(page), "");
}));

test("group, wave and revision narrow each other", () => withPage("halted", {}, async (page) => {
  await page.selectOption("#filter-group", "eu");
  await page.selectOption("#filter-wave", "2");
  await frame(page);
  const few = await rowCount(page);
  assert.ok(few > 0 && few < 84);
  await page.selectOption("#filter-revision", "4b1f0c27a9de");
  await frame(page);
  assert.equal(await page.locator("#duration-list tbody tr").count(), 1);
}));

test("an address opens the page as it was", () => withPage("halted", { hash: "#group=us&state=unreachable&by=state&sort=-took" }, async (page) => {
  assert.equal(await rowCount(page), 1);
  assert.equal(await page.inputValue("#filter-group"), "us");
  assert.equal(await page.inputValue("#fleet-by"), "state");
  assert.equal(await page.getAttribute("#target-table [role=columnheader] >> nth=6", "aria-sort"), "descending");
}));

test("an address that says nonsense shows everything", () => withPage("halted", { hash: "#state=nosuch&sort=nosuch&by=nosuch&target=nosuch" }, async (page) => {
  assert.equal(await rowCount(page), 240);
  assert.equal(await page.locator("#detail").isVisible(), false);
}));

test("a name of a part in the address goes there", () => withPage("halted", { hash: "#durations" }, async (page) => {
  await page.waitForFunction(() => Math.abs(document.getElementById("durations").getBoundingClientRect().top) < innerHeight / 2);
}));

test("the failures shown are those of the targets shown", () => withPage("halted", {}, async (page) => {
  await page.click("#filter-states [data-name=unreachable]");
  await frame(page);
  assert.equal(await page.locator(".cluster").count(), 1);
  await page.click("#filter-states [data-name=unreachable]");
  await page.click("#filter-states [data-name=done]");
  await frame(page);
  assert.match(await text(page, "#failure-list"), /among the targets shown/);
}));

test("headings sort, again the other way, then no more", () => withPage("halted", {}, async (page) => {
  const first = () => page.locator("#target-table .window .row >> nth=0").locator("button").innerText();
  await page.click("[data-sort=target]");
  await frame(page);
  assert.equal(await first(), "apac-0201");
  await page.click("[data-sort=target]");
  await frame(page);
  assert.equal(await first(), "us-0200");
  await page.click("[data-sort=target]");
  await frame(page);
  assert.equal(await first(), "eu-0101", "what failed comes first");
}));

test("a wave's and a group's name filter by it", () => withPage("halted", {}, async (page) => {
  await page.click("[data-key='wave-1']");
  await frame(page);
  assert.equal(await hash(page), "#wave=1");
  await page.click("[data-key='wave-1']");
  await page.click("[data-key='group-us']");
  await frame(page);
  assert.equal(await hash(page), "#group=us");
}));
