// Every view shows what the run's data say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { text, withPage } from "./browser.mjs";

test("a halted run says where, why, how far and what to type", () => withPage("halted", {}, async (page) => {
  assert.match(await text(page, "#verdict"), /^Halted in wave 4 of 5: 8 targets need a look$/);
  assert.match(await text(page, "#lead"), /Gate "error rate of the shop" failed: HTTP 503/);
  assert.match(await text(page, "#lead"), /140 of 237 targets reached head; 2 failed/);
  assert.match(await text(page, "#next"), /dbfleet apply plans\/2026-11-invoices\.yaml/);
  assert.match(await text(page, "#notices"), /no answer within 10 s/);
}));

test("a run that is done says so and asks for nothing", () => withPage("done", {}, async (page) => {
  assert.match(await text(page, "#verdict"), /^Done: 240 of 240 targets at head$/);
  assert.equal(await page.locator("#next").isVisible(), false);
  assert.match(await text(page, "#failure-list"), /Nothing: no target failed/);
}));

test("a running run shows who is at work", () => withPage("running", {}, async (page) => {
  assert.match(await text(page, "#verdict"), /^Running in wave 4 of 5/);
  assert.match(await text(page, "#filter-states"), /in progress\s+12/);
  assert.match(await text(page, "#lead"), /likely over at 16:42:\d\d UTC, in about 2m 10s/);
  assert.match(await text(page, ".wave >> nth=4"), /waiting/);
  assert.match(await text(page, "#timeline-summary"), /on 24 workers/, "those at work have room among them");
}));

test("a run without waves shows none", () => withPage("plain", {}, async (page) => {
  assert.equal(await text(page, "#waves-title"), "Groups");
  assert.equal(await page.locator(".wave").count(), 0);
  assert.equal(await page.locator("#filter-wave").isVisible(), false);
}));

test("a run without targets is a page too", () => withPage("empty", { targets: 0 }, async (page) => {
  assert.equal(await page.locator("#matrix .mark").count(), 0);
  assert.match(await text(page, "#timeline-summary"), /No target was started/);
}));

test("a wave shows its gates and what they saw", () => withPage("halted", {}, async (page) => {
  const wave = page.locator(".wave >> nth=3");
  assert.match(await wave.innerText(), /halted/);
  assert.match(await wave.locator(".gates li").first().innerText(), /✗[\s\S]*error rate of the shop[\s\S]*3 tries[\s\S]*HTTP 503/);
}));

test("the counts of groups add up to the fleet", () => withPage("halted", {}, async (page) => {
  const counts = await page.locator("#groups tbody tr td:nth-child(2)").allInnerTexts();
  assert.equal(counts.reduce((sum, count) => sum + Number(count), 0), 240);
}));

test("a failure shows place, SQL with its caret, the server's words, hint and names", () => withPage("halted", {}, async (page) => {
  const cluster = page.locator(".cluster", { hasText: "(constraint)" });
  const said = await cluster.innerText();
  assert.match(said, /1 target failed: revision 4b1f0c27a9de, up/);
  assert.match(said, /versions\/4b1f0c27a9de_index_invoices_by_customer\.sql:9:46, statement 2/);
  assert.match(said, /23505 {2}could not create unique index/);
  assert.match(said, /Find the rows that are there twice/);
  const lines = (await cluster.locator("pre").textContent()).split("\n");
  assert.equal(lines[1].indexOf("^"), 41);
  assert.ok(lines[0].length > 41);
}));

test("an undecidable statement shows its objects before and now", () => withPage("halted", {}, async (page) => {
  const cluster = page.locator(".cluster", { hasText: "(undecidable)" });
  assert.equal(await cluster.locator(".minus").innerText(), "- customers: 12 columns, 3 indexes\n");
  assert.equal(await cluster.locator(".plus").innerText(), "+ customers: 14 columns, 3 indexes\n");
}));

test("the matrix has a mark for each target, by group, wave, server and state", () => withPage("halted", {}, async (page) => {
  for (const [by, first] of [["group", "canary"], ["wave", "wave 1: canary"], ["server", "db1.canary.internal:5432"], ["state", "failed"]]) {
    await page.selectOption("#fleet-by", by);
    await page.waitForFunction((name) => document.querySelector("#matrix .block-name b")?.textContent === name, first);
    assert.equal(await page.locator("#matrix .mark").count(), 240);
  }
}));

test("the timeline draws workers, zooms by dragging and back", () => withPage("halted", {}, async (page) => {
  assert.match(await text(page, "#timeline-summary"), /^138 targets on 24 workers in 39\.2 s\.$/);
  const canvas = page.locator("#timeline-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const drawn = () => canvas.evaluate((one) => one.toDataURL());
  const whole = await drawn();
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + 100, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 60);
  await page.mouse.up();
  assert.match(await text(page, "#timeline-summary"), /shown from 16:40:\d\d to 16:40:\d\d UTC/);
  assert.notEqual(await drawn(), whole);
  await page.click("#timeline-all");
  assert.doesNotMatch(await text(page, "#timeline-summary"), /shown from/);
  assert.equal(await drawn(), whole);
}));

test("a run recorded without workers has lanes that hold all", () => withPage("plain", {}, async (page) => {
  assert.match(await text(page, "#timeline-summary"), /lanes \(workers were not recorded\)/);
}));

test("durations show median, 95 %, longest and who was far slower", () => withPage("halted", {}, async (page) => {
  const row = page.locator("#duration-list tbody tr", { hasText: "4b1f0c27a9de" });
  assert.match(await row.innerText(), /130\s+1\.0 s\s+1\.7 s\s+18\.2 s/);
  await row.locator("button", { hasText: "eu-0091" }).click();
  assert.equal(await text(page, "#detail-title"), "eu-0091");
}));

test("who was called out as slow is named, with what it waited for", () => withPage("halted", {}, async (page) => {
  assert.match(await text(page, ".called-out"), /16:40:01\s+eu-0091\s+at revision 4b1f0c27a9de for 10\.4 s, median 1\.0 s; waits for pid 4711/);
  await page.click(".called-out button");
  assert.match(await text(page, "#detail"), /What happened\s+16:40:01\s+slow-target: at revision/);
}));

test("a target opens with heads, steps, those not begun too, failure and server", () => withPage("halted", { hash: "#target=eu-0115" }, async (page) => {
  const said = await text(page, "#detail");
  assert.match(said, /could not create unique index/);
  assert.match(said, /before\s+77d0c1b2a3f4\s+after\s+9c2e77aa01b3\s+goal\s+c3e1900d77f8/);
  assert.match(said, /postgresql:\/\/db\d\.eu\.internal:5432\/eu-0115/);
  const states = await page.locator("#detail .steps tbody tr td:nth-child(2)").allInnerTexts();
  assert.deepEqual(states, ["done", "rolled-back", "not begun", "not begun"]);
}));
