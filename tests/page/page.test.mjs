// The tests of the HTML page, in one process: they share a browser.
import { after, before } from "node:test";
import { startBrowser, stopBrowser } from "./browser.mjs";

before(startBrowser);
after(stopBrowser);

await import("./views.mjs");
await import("./filters.mjs");
await import("./keyboard.mjs");
await import("./looks.mjs");
await import("./safety.mjs");
await import("./large.mjs");
await import("./live.mjs");
await import("./watch.mjs");
await import("./plan.mjs");
