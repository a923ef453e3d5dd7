/* Fleet matrix: a mark for each target, in blocks; one of them has the keyboard's focus and arrow keys move it. Marks
   are made once for an arrangement; filters and news change their attributes only. */

const CELL_SIZES = [[60, 26, 5], [300, 22, 4], [1200, 16, 3], [4000, 12, 2], [Infinity, 9, 2]];
const MANY = 2000; /* from here on, blocks out of sight are not laid out */
const BLOCK_WIDTH = 250; /* of a small block, as in page.css */
const matrix = { by: "", run: "", length: 0, blocks: [], cells: [], current: null };

const serverName = (target) => /^\w+:\/\/([^/]*)/.exec(target.server)?.[1] || target.server.split(":")[0] || "(no server)";

/* How targets can be arranged: the name of a target's block. */
const ARRANGEMENTS = {
  group: (target) => target.group,
  wave: (target, model) => (target.wave ? `wave ${target.wave}: ${waveName(model, target.wave)}` : "in no wave"),
  server: serverName,
  state: (target) => STATES[target.state].label,
};

const blockText = (targets) => {
  const bad = targets.filter(isBad).length;
  return `${number(targets.length)}${bad ? `, ${number(bad)} to look at` : ""}`;
};

const cellText = (target) =>
  `${target.name}, ${STATES[target.state].label}, group ${target.group}${target.wave ? `, wave ${target.wave}` : ""}`;

const showCell = (cell, target) => {
  if (cell.target?.state !== target.state) {
    cell.setAttribute("data-state", target.state);
    cell.setAttribute("aria-label", cellText(target));
  }
  cell.target = target;
};

/* ---- Making ---- */

/* A few rows of marks look like a block; more of them take more width, at last all of it. */
const blockClass = (length) => {
  const row = Math.floor(BLOCK_WIDTH / matrix.gap);
  return length <= 3 * row ? "block" : length <= 8 * row ? "block medium" : "block large";
};

const makeBlock = (name, targets, pattern) => {
  const cells = element("div", { class: "cells", role: "presentation" });
  const text = element("span", {}, blockText(targets));
  const part = element("div", { class: blockClass(targets.length), role: "group", "aria-label": name },
    element("div", { class: "block-name", "aria-hidden": "true" }, element("b", { title: name }, name), text), cells);
  const made = targets.map((target) => {
    const cell = pattern.cloneNode(false);
    showCell(cell, target);
    matrix.cells[target.place] = cell;
    return cell;
  });
  cells.append(...made);
  return { part, cells, made, text };
};

const makeMatrix = (model) => {
  const [, size, gap] = CELL_SIZES.find(([most]) => model.targets.length <= most);
  const pattern = element("span", { class: "mark", role: "option", tabindex: "-1", "aria-selected": "false" });
  const part = byId("matrix");
  let blocks = [...groupedBy(model.targets, (target) => ARRANGEMENTS[matrix.by](target, model))];
  if (matrix.by === "state") blocks.sort(([, a], [, b]) => STATE_NAMES.indexOf(a[0].state) - STATE_NAMES.indexOf(b[0].state));
  if (matrix.by === "wave") blocks.sort(([, a], [, b]) => (a[0].wave || Infinity) - (b[0].wave || Infinity));
  part.toggleAttribute("data-many", model.targets.length > MANY);
  part.style.setProperty("--size", `${size}px`);
  part.style.setProperty("--gap", `${gap}px`);
  matrix.gap = size + gap;
  matrix.blocks = blocks.map(([name, targets]) => makeBlock(name, targets, pattern));
  part.replaceChildren(...matrix.blocks.map((block) => block.part));
};

/* ---- Focus ---- */

const setCurrent = (cell, focus) => {
  if (matrix.current) {
    matrix.current.tabIndex = -1;
    matrix.current.setAttribute("aria-selected", "false");
  }
  matrix.current = cell;
  if (!cell) return;
  cell.tabIndex = 0;
  cell.setAttribute("aria-selected", "true");
  if (focus) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest" });
  }
};

const drawMatrix = (model) => {
  const by = ARRANGEMENTS[filter.by] ? filter.by : "group";
  const byState = by === "state" && matrix.by === by; /* its blocks change with every state */
  const kept = matrix.by === by && matrix.run === model.run.id && matrix.length === model.targets.length;
  if (!kept || (byState && model.targets.some((target) => matrix.cells[target.place].target.state !== target.state))) {
    const focused = matrix.current && document.activeElement === matrix.current;
    const place = matrix.current?.target.place ?? 0;
    Object.assign(matrix, { by, run: model.run.id, length: model.targets.length, cells: [], current: null });
    makeMatrix(model);
    setCurrent(matrix.cells[place] ?? null, focused);
  }
  for (const target of model.targets) {
    const cell = matrix.cells[target.place];
    if (cell.target !== target) showCell(cell, target);
    const off = !shownPlaces[target.place];
    if (off !== (cell.off ?? false)) {
      cell.off = off;
      cell.classList.toggle("off", off);
    }
  }
  for (const block of matrix.blocks) {
    const text = blockText(block.made.map((cell) => cell.target));
    if (block.text.textContent !== text) block.text.textContent = text;
  }
};

/* Up and down go by the columns that a block has now; at its edge, to the next block. */
const cellBeside = (cell, key) => {
  const place = matrix.blocks.findIndex((block) => block.cells === cell.parentElement);
  const { made, cells } = matrix.blocks[place];
  const index = made.indexOf(cell);
  const columns = Math.max(1, Math.floor((cells.clientWidth + matrix.gap / 4) / matrix.gap));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -index, End: made.length - 1 - index };
  if (!(key in steps)) return null;
  const to = index + steps[key];
  if (made[to]) return made[to];
  const other = matrix.blocks[place + Math.sign(steps[key])]?.made;
  if (!other) return cell;
  return steps[key] < 0 ? other[other.length - 1] : other[0];
};

/* ---- Tooltip ---- */

const showTip = (target, x, y) => {
  const tip = byId("tip");
  const took = target.took === undefined || target.state === "running" ? "" : `, ${duration(target.took)}`;
  tip.replaceChildren(element("b", {}, target.name), `${STATES[target.state].label}${took} · ${target.group}`,
    ...(target.reason ? [element("br"), target.reason.slice(0, 200)] : []));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18}px`;
};
const hideTip = () => { byId("tip").hidden = true; };

const listenToMatrix = () => {
  const part = byId("matrix");
  part.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.target) return;
    const opens = event.key === "Enter" || event.key === " ";
    const beside = cellBeside(cell, event.key);
    if (!opens && !beside) return;
    event.preventDefault(); /* or the same key presses what the dialog puts the focus on */
    if (opens) openDetail(cell.target.name);
    else setCurrent(beside, true);
  });
  part.addEventListener("click", (event) => {
    if (!event.target.target) return;
    setCurrent(event.target, true);
    openDetail(event.target.target.name);
  });
  part.addEventListener("mouseover", (event) => {
    if (event.target.target) showTip(event.target.target, event.clientX, event.clientY);
    else hideTip();
  });
  part.addEventListener("mouseleave", hideTip);
  part.addEventListener("focusin", (event) => {
    if (!event.target.target || !event.target.matches(":focus-visible")) return;
    const box = event.target.getBoundingClientRect();
    showTip(event.target.target, box.left, box.top);
  });
  part.addEventListener("focusout", hideTip);
  addEventListener("scroll", hideTip, { passive: true });
};
