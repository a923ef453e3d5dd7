/* Start: reads the data, draws every view, and draws again what a filter or a message of the live run changes. */

const page = { model: null };

/* The first ones are what a reader sees first: at the start they are on the screen before the others are drawn. */
const FIRST_VIEWS = [drawOverview, showForm, drawWaves, drawFailures];
const OTHER_VIEWS = [drawMatrix, drawTimeline, drawDurations, drawTargets, drawDetail];
const VIEWS = [...FIRST_VIEWS, ...OTHER_VIEWS];
const FILTERED_VIEWS = [showForm, drawFailures, drawMatrix, drawTimeline, drawDurations, drawTargets, drawDetail];

const draw = (views) => {
  decideShown(page.model);
  for (const view of views) view(page.model);
};

/* Keys come faster than frames: one drawing a frame. */
let asked = false;
const refilter = () => {
  writeAddress();
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw(FILTERED_VIEWS);
  });
};

/* ---- Live ---- */

const live = { waiting: [], source: null, timer: null };
const LIVE_PACE = 250; /* milliseconds between two drawings */

const showConnection = (state, text) => {
  const part = byId("connection");
  part.dataset.state = state;
  if (part.textContent !== text) part.textContent = text;
};

const takeMessages = () => {
  live.timer = null;
  for (const message of live.waiting.splice(0)) page.model = readMessage(page.model, message);
  const scrolled = scrollY;
  draw(VIEWS);
  if (scrollY !== scrolled) scrollTo(scrollX, scrolled);
  if (page.model.run.finished) showConnection("ended", "Run has ended");
};

const listenToRun = (url) => {
  showConnection("lost", "Connecting");
  live.source = new EventSource(url);
  live.source.onopen = () => showConnection("live", "Live");
  live.source.onmessage = (event) => {
    live.waiting.push(JSON.parse(event.data));
    showConnection("live", "Live");
    live.timer ??= setTimeout(takeMessages, LIVE_PACE);
  };
  live.source.onerror = () => {
    if (page.model.run.finished) {
      live.source.close();
      showConnection("ended", "Run has ended");
    } else showConnection("lost", "Connection lost, trying again");
  };
};

/* ---- Theme, paper, parts ---- */

const THEMES = ["auto", "light", "dark"];

const setTheme = (theme) => {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  recolor();
};

const recolor = () => {
  timeline.colors = null;
  if (timeline.model?.started.length) drawTimelineNow();
};

/* A page from a file may not be allowed to remember. */
const remembered = (value) => {
  try {
    if (value !== undefined) localStorage.setItem("dbfleet-theme", value);
    return localStorage.getItem("dbfleet-theme");
  } catch {
    return null;
  }
};

const listenToTheme = () => {
  const known = remembered();
  let theme = THEMES.includes(known) ? known : "auto";
  setTheme(theme);
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remembered(theme);
    setTheme(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
};

const listenToPaper = () => {
  matchMedia("print").addEventListener("change", ({ matches }) => {
    const part = byId("failure-list");
    recolor();
    if (!matches) {
      byId("target-print").replaceChildren();
      for (const item of part.querySelectorAll("[data-opened]")) item.open = false;
      return;
    }
    printTargets();
    for (const item of part.querySelectorAll("details:not([open])")) {
      item.dataset.opened = "";
      item.open = true;
    }
  });
};

/* Links to parts of the page leave the address to the filter. */
const goTo = (name) => {
  const part = byId(name);
  if (!part) return;
  part.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const title = part.querySelector("h1, h2") ?? part;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
};

const listenToLinks = () => {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    goTo(link.getAttribute("href").slice(1));
  });
  addEventListener("hashchange", () => {
    readAddress();
    draw(FILTERED_VIEWS);
  });
};

const start = () => {
  const wanted = location.hash.slice(1);
  page.model = readMessage(null, JSON.parse(byId("data").textContent));
  readAddress();
  for (const listen of [listenToForm, listenToWaves, listenToFailures, listenToMatrix, listenToDurations, listenToTimeline,
    listenToTargets, listenToDetail, listenToLinks, listenToTheme, listenToPaper]) listen();
  draw(FIRST_VIEWS);
  requestAnimationFrame(() => setTimeout(() => {
    draw(OTHER_VIEWS);
    document.documentElement.dataset.drawn = "";
    if (wanted && !wanted.includes("=")) goTo(wanted);
    const { live: url } = document.querySelector("main").dataset;
    if (url) listenToRun(url);
  }));
};

start();
