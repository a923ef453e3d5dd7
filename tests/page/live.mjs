// A live page: new data are drawn without losing the reader's place, a lost connection is told and survived.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { frame, sampleText, text, withUrl } from "./browser.mjs";

const RUNNING = JSON.stringify(JSON.parse(sampleText("running", 240, "--json")));
const ENDED = JSON.stringify(JSON.parse(sampleText("halted", 240, "--json")));

const serve = async (tried) => {
  const live = { streams: new Set(), asked: 0 };
  const server = createServer((request, response) => {
    if (!request.url.startsWith("/events")) {
      response.setHeader("content-type", "text/html");
      response.end(sampleText("running", 240, "--live", "events?token=abc"));
      return;
    }
    live.asked++;
    live.url = request.url;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`retry: 50\ndata: ${RUNNING}\n\n`);
    live.streams.add(response);
    response.on("close", () => live.streams.delete(response));
  });
  live.send = (data) => { for (const stream of live.streams) stream.write(`data: ${data}\n\n`); };
  live.drop = () => { for (const stream of live.streams) stream.destroy(); };
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}/`;
  try {
    await withUrl(origin, (url) => url.startsWith(origin) || url.startsWith("data:"), {}, (page) => {
      page.removeAllListeners("console"); // a lost connection is told there by the browser itself
      return tried(page, live);
    });
  } finally {
    live.drop();
    await new Promise((done) => server.close(done));
  }
};

const connected = (page) => page.waitForFunction(() => document.getElementById("connection").textContent === "Live");

test("news are drawn; filter, focus, scroll and an open target stay", () => serve(async (page, live) => {
  await connected(page);
  assert.equal(live.url, "/events?token=abc");
  await page.fill("#filter-words", "eu");
  await frame(page);
  await page.focus("#filter-states [data-name=running]");
  await page.evaluate(() => scrollTo(0, 700));
  const before = await page.evaluate(() => scrollY);
  live.send(ENDED);
  await page.waitForFunction(() => document.getElementById("verdict").textContent.startsWith("Halted"));
  assert.equal(await page.inputValue("#filter-words"), "eu");
  assert.equal(await page.evaluate(() => scrollY), before);
  assert.equal(await text(page, "#connection"), "Run has ended");
}));

test("the focus stays on what is drawn anew", () => serve(async (page, live) => {
  await connected(page);
  const focused = () => page.evaluate(() => document.activeElement.dataset.key ?? document.activeElement.id);
  for (const selector of ["[data-key='wave-2']", "[data-key='group-us']", "#filter-states [data-name=done]", "[data-sort=took]", "#filter-words"]) {
    await page.focus(selector);
    const was = await focused();
    const seen = await page.evaluate(() => { const part = document.getElementById("lead").firstElementChild; part.dataset.seen = ""; return true; });
    assert.ok(seen);
    live.send(RUNNING);
    await page.waitForFunction(() => !document.querySelector("#lead [data-seen]"));
    assert.equal(await focused(), was);
  }
}));

test("changes alone are put in their place", () => serve(async (page, live) => {
  await connected(page);
  const message = JSON.parse(RUNNING);
  const [changed] = message.targets.map((target, place) => ({ ...target, place })).filter((target) => target.name === "canary-0002");
  delete message.targets;
  live.send(JSON.stringify({ ...message, changed: [{ ...changed, outcome: "failed", reason: "only now" }] }));
  await page.waitForSelector("#matrix [aria-label^='canary-0002, failed']");
  assert.equal(await page.locator("#matrix .mark").count(), 240);
}));

test("a newer run takes the place of the one before", () => serve(async (page, live) => {
  await connected(page);
  const message = JSON.parse(ENDED);
  message.run.id = "20261123-010000-aaaa";
  message.targets.forEach((target) => { target.name = `new-${target.name}`; });
  live.send(JSON.stringify(message));
  await page.waitForSelector("#matrix [aria-label^='new-canary-0002, done']");
  assert.match(await page.title(), /20261123-010000-aaaa/);
  assert.match(await text(page, "#timeline-summary"), /^138 targets on 24 workers in 39\.2 s\.$/);
}));

test("what did not change is left alone: a reader may be marking it", () => serve(async (page, live) => {
  await connected(page);
  await page.evaluate(() => { document.querySelector(".cluster").dataset.seen = ""; document.getElementById("lead").firstElementChild.dataset.seen = ""; });
  live.send(RUNNING);
  await page.waitForFunction(() => !document.querySelector("#lead [data-seen]"));
  assert.equal(await page.locator(".cluster[data-seen]").count(), 1);
}));

test("a lost connection is told, and the page goes on when it is back", () => serve(async (page, live) => {
  await connected(page);
  const asked = live.asked;
  live.drop();
  await page.waitForFunction(() => document.getElementById("connection").textContent.startsWith("Connection lost"));
  await connected(page);
  assert.ok(live.asked > asked);
}));

test("after the end of the run the page stays and asks no more", () => serve(async (page, live) => {
  await connected(page);
  live.send(ENDED);
  await page.waitForFunction(() => document.getElementById("connection").textContent === "Run has ended");
  const asked = live.asked;
  live.drop();
  await page.waitForTimeout(400);
  assert.equal(live.asked, asked);
  assert.match(await text(page, "#verdict"), /^Halted/);
  assert.equal(await text(page, "#connection"), "Run has ended");
}));
