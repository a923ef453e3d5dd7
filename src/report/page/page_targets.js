/* Targets: every target shown as a row that can be sorted; only the rows in sight exist, so 10,000 are as quick as ten.
   On paper, where nothing scrolls, a plain table stands in its place. */

const ROW = 34;
const WINDOW = 15; /* rows in sight */
const SPARE = 6;
const PRINTED = 500;
const rows = { sorted: [], first: -1, model: null };

const took = (target) => (target.started && target.state !== "running" ? duration(target.took ?? 0) : "");
const headsChange = (target) => {
  const before = headsText(target.before);
  const after = headsText(target.after);
  if (!target.before && !target.after) return "";
  return !target.after || before === after ? before : `${before} → ${after}`;
};
const stepsText = (target) => (target.planned ? `${target.steps.filter((step) => step.state === "done").length}/${target.planned}` : "");
const byText = (key) => (a, b) => key(a).localeCompare(key(b), "en", { numeric: true });

/* Heading, class, what a cell holds, and the order that the heading gives. */
const TARGET_COLUMNS = [
  ["Target", "", (target) => element("button", { class: "link", type: "button", "data-target": target.name, "data-key": target.name, tabindex: "-1" }, target.name), byText((target) => target.name)],
  ["Group", "medium", (target) => target.group, byText((target) => target.group)],
  ["State", "", (target) => STATES[target.state].label, (a, b) => STATE_NAMES.indexOf(a.state) - STATE_NAMES.indexOf(b.state)],
  ["Heads", "wide mono", headsChange, byText(headsChange)],
  ["Steps", "medium number", stepsText, (a, b) => b.planned - a.planned],
  ["Took", "number", took, (a, b) => (b.took ?? -1) - (a.took ?? -1)],
  ["Reason", "wide", (target) => target.reason ?? "", byText((target) => target.reason ?? "￿")],
];

const columnOf = (name) => TARGET_COLUMNS.find(([heading]) => heading.toLowerCase() === name);

/* "took" or "-took": the other way round. Unsorted, what needs a look comes first. */
const sortedTargets = (model) => {
  const targets = model.targets.filter(shown);
  const down = filter.sort.startsWith("-");
  const order = (columnOf(down ? filter.sort.slice(1) : filter.sort) ?? columnOf("state"))[3];
  return targets.sort(down ? (a, b) => order(b, a) : order);
};

/* ---- Rows ---- */

const headingCell = ([heading, name]) => {
  const key = heading.toLowerCase();
  const sort = filter.sort === key ? "ascending" : filter.sort === `-${key}` ? "descending" : null;
  const arrow = sort === "ascending" ? " ↑" : sort === "descending" ? " ↓" : "";
  return element("span", { role: "columnheader", class: name, "aria-sort": sort },
    element("button", { type: "button", "data-sort": key, "data-key": `sort-${key}` }, `${heading}${arrow}`));
};

const targetRow = (target, place) => {
  const row = element("div", { class: "row", role: "row", "aria-rowindex": place + 2 },
    element("span", { role: "cell" }, mark(target.state, { "aria-hidden": "true" })),
    ...TARGET_COLUMNS.map(([, name, content]) => {
      const held = content(target);
      return element("span", { role: "cell", class: name, title: typeof held === "string" ? held : null }, held);
    }));
  row.style.top = `${place * ROW}px`;
  row.target = target;
  return row;
};

/* The rows in sight; the one with the focus keeps it. */
const drawRows = (again) => {
  const { part, sorted } = rows;
  const first = Math.max(0, Math.floor(part.scrollTop / ROW) - SPARE);
  if (first === rows.first && !again) return;
  rows.first = first;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const space = element("div", { role: "presentation" });
  space.style.height = `${sorted.length * ROW}px`;
  part.replaceChildren(space, ...sorted.slice(first, first + WINDOW + 2 * SPARE).map((target, place) => targetRow(target, first + place)));
  const [button] = part.querySelectorAll(focused?.dataset.key ? `[data-key="${CSS.escape(focused.dataset.key)}"]` : "button.link");
  if (button) button.tabIndex = 0;
  if (focused) (button ?? part).focus({ preventScroll: true });
};

const drawTargets = (model) => {
  const part = byId("target-table");
  const scrolled = rows.part?.scrollTop ?? 0;
  rows.model = model;
  rows.sorted = sortedTargets(model);
  if (!rows.part) {
    rows.head = element("div", { class: "row head", role: "row", "aria-rowindex": "1" });
    rows.part = element("div", { class: "window", role: "rowgroup", tabindex: "-1" });
    part.append(element("div", { role: "rowgroup" }, rows.head), rows.part);
    rows.part.addEventListener("scroll", () => drawRows(false), { passive: true });
  }
  part.setAttribute("aria-rowcount", rows.sorted.length + 1);
  keepFocus(rows.head, () => rows.head.replaceChildren(
    element("span", { role: "columnheader" }, element("span", { class: "unseen" }, "Mark")), ...TARGET_COLUMNS.map(headingCell)));
  rows.part.style.height = `${Math.min(rows.sorted.length, WINDOW) * ROW}px`;
  rows.part.scrollTop = scrolled;
  drawRows(true);
};

/* ---- Paper ---- */

const printedTargets = () => {
  const { sorted } = rows;
  return sorted.length <= PRINTED ? sorted : sorted.filter(isBad).slice(0, PRINTED);
};

const printTargets = () => {
  const printed = printedTargets();
  const left = rows.sorted.length - printed.length;
  byId("target-print").replaceChildren(
    left ? element("p", { class: "hint" }, `${number(printed.length)} of ${targetsWord(rows.sorted.length)}: those that need a look. All are in the page itself.`) : "",
    element("table", {},
      element("thead", {}, element("tr", {}, ...TARGET_COLUMNS.map(([heading, name]) => element("th", { scope: "col", class: name }, heading)))),
      element("tbody", {}, ...printed.map((target) => element("tr", {},
        ...TARGET_COLUMNS.map(([heading, name, content]) => element("td", { class: name }, heading === "Target" ? target.name : content(target))))))));
};

/* ---- Listening ---- */

const focusRow = (place) => {
  const target = rows.sorted[place];
  if (!target) return;
  const top = place * ROW;
  if (top < rows.part.scrollTop) rows.part.scrollTop = top;
  if (top + ROW > rows.part.scrollTop + rows.part.clientHeight) rows.part.scrollTop = top + ROW - rows.part.clientHeight;
  drawRows(true);
  const button = rows.part.querySelector(`[data-key="${CSS.escape(target.name)}"]`);
  for (const other of rows.part.querySelectorAll("button.link")) other.tabIndex = -1;
  button.tabIndex = 0;
  button.focus({ preventScroll: true });
};

const ROW_KEYS = { ArrowUp: -1, ArrowDown: 1, PageUp: -WINDOW, PageDown: WINDOW, Home: -Infinity, End: Infinity };

const listenToTargets = () => {
  const part = byId("target-table");
  part.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.sort;
    const target = event.target.closest(".row")?.target;
    if (key) setFilter({ sort: filter.sort === key ? `-${key}` : filter.sort === `-${key}` ? "" : key });
    else if (target) openDetail(target.name);
  });
  part.addEventListener("keydown", (event) => {
    const target = event.target.closest(".row")?.target;
    if (!target || !(event.key in ROW_KEYS)) return;
    const to = rows.sorted.indexOf(target) + ROW_KEYS[event.key];
    focusRow(Math.max(0, Math.min(rows.sorted.length - 1, to)));
    event.preventDefault();
  });
};
