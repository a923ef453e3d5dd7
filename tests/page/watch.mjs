// The page as "dbfleet watch" serves it, while a real run over SQLite files goes: its headers do not stand in the page's way, what
// happens is drawn, and the end, a kill and the end of the server are told.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { text, withUrl } from "./browser.mjs";

const DBFLEET = process.env.DBFLEET;
const TARGETS = 3;

// A project whose second revision counts that far.
const makeProject = (folder, count) => {
  const revision = (id, revises, sql) => writeFileSync(join(folder, "versions", `${id}_x.sql`),
    `-- revision: ${id}\n-- revises: ${revises}\n-- message: step ${id}\n\n-- migrate:up\n${sql}\n\n-- migrate:down\nselect 1;\n`);
  mkdirSync(join(folder, "versions"));
  writeFileSync(join(folder, "dbfleet.yaml"), "version: 1\ninventory: inventory.yaml\n");
  writeFileSync(join(folder, "inventory.yaml"), `targets: [{name: "t{1..${TARGETS}}", url: "sqlite:t{1..${TARGETS}}.db", create: true}]\n`);
  revision("r01", "", "create table a (n integer);");
  revision("r02", "r01", `insert into a with recursive n (i) as (select 1 union all select i + 1 from n limit ${count}) select count(*) from n;`);
};

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const ended = (child) => new Promise((done) => (child.exitCode === null && child.signalCode === null ? child.on("exit", done) : done()));

const until = async (holds) => {
  for (let tries = 0; tries < 200; tries++, await sleep(50)) if (await holds()) return;
  assert.fail(`did not come true: ${holds}`);
};

const isRunning = (folder) => {
  try {
    return JSON.parse(execFileSync(DBFLEET, ["runs", "--format", "json"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] }))[0]?.end === "running";
  } catch {
    return false;
  }
};

// Starts a run and a watch of it, and opens the page.
const watchRun = async (count, tried) => {
  const folder = mkdtempSync(join(tmpdir(), "dbfleet-watch."));
  makeProject(folder, count);
  const run = spawn(DBFLEET, ["upgrade", "head", "--yes", "--jobs", "1"], { cwd: folder, stdio: "ignore" });
  const watch = spawn(DBFLEET, ["watch"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  let url = "";
  watch.stdout.on("data", (data) => { url += data; });
  try {
    await until(() => isRunning(folder));
    await until(() => url.endsWith("\n"));
    const origin = url.trim();
    await withUrl(origin, (asked) => asked.startsWith(origin) || asked.startsWith("data:"), {}, (page) => tried(page, { run, watch }));
  } finally {
    for (const child of [run, watch]) child.kill("SIGKILL");
    await Promise.all([run, watch].map(ended));
    rmSync(folder, { recursive: true });
  }
};

const says = (page, selector, words) => page.waitForFunction(([where, what]) => document.querySelector(where).textContent.includes(what), [selector, words]);

test("a run that goes on is drawn to its end, and the page stays when the server goes", () => watchRun(3000000, async (page, { run, watch }) => {
  await says(page, "#connection", "Live");
  await ended(run);
  await says(page, "#verdict", "Done");
  await says(page, "#connection", "Run has ended");
  page.removeAllListeners("console"); // that the server is gone is told there by the browser itself
  watch.kill("SIGINT");
  await ended(watch);
  assert.equal(watch.exitCode, 0);
  await sleep(300);
  assert.match(await text(page, "#verdict"), /Done/);
  assert.equal(await text(page, "#connection"), "Run has ended");
}));

test("a reload shows the run as it is", () => watchRun(200000000, async (page) => {
  await says(page, "#connection", "Live");
  await page.reload();
  await page.waitForSelector("html[data-drawn]");
  await says(page, "#connection", "Live");
  await says(page, "#verdict", "Running");
}));

test("a run that is killed is shown as died", () => watchRun(200000000, async (page, { run }) => {
  await says(page, "#connection", "Live");
  run.kill("SIGKILL");
  await ended(run);
  await says(page, "#verdict", "Died");
}));
