/* Waves and groups: each wave as a card with its budget's end, soak and gates; each group as a row. */

const WAVE_STATES = {
  waiting: "waiting", confirming: "waits for confirmation", running: "running", soaking: "soaking", gating: "asks its gates",
  done: "done", halted: "halted", "not-started": "not started",
};

const gateItem = (gate) => {
  const where = gate.target ? ` on ${gate.target}` : "";
  const tries = gate.tries > 1 ? `, ${gate.tries} tries` : "";
  return element("li", {},
    element("b", { "data-passed": String(gate.passed) }, gate.passed ? "✓" : "✗",
      element("span", { class: "unseen" }, gate.passed ? " passed" : " failed")),
    element("span", {}, `${gate.name}${where}`),
    element("span", { class: "muted" }, `${duration(gate.took)}${tries}`),
    gate.saw ? element("span", { class: "saw" }, gate.saw) : null);
};

const waveTimes = (wave) => {
  const parts = [];
  if (wave.started) parts.push(`${clock(wave.started)} UTC`);
  if (wave.finished) parts.push(`took ${duration(wave.finished - wave.started)}`);
  if (wave.soak_until) parts.push(`soak until ${clock(wave.soak_until)}`);
  return parts.join(", ");
};

/* A wave may ask each of its targets: a few of them then, those that failed first. */
const FAILED_GATES_SHOWN = 8;
const PASSED_GATES_SHOWN = 3;
const gateItems = (gates, most, word) => {
  const rest = gates.length - most;
  return [...gates.slice(0, most).map(gateItem),
    rest > 0 ? element("li", { class: "more" }, element("span", { class: "muted" }, `and ${number(rest)} more ${word}`)) : null];
};
const gateList = (gates) => element("ul", { class: "gates" },
  ...gateItems(gates.filter((gate) => !gate.passed), FAILED_GATES_SHOWN, "failed"),
  ...gateItems(gates.filter((gate) => gate.passed), PASSED_GATES_SHOWN, "passed"));

const waveItem = (wave, place, targets) => {
  const counts = countStates(targets);
  return element("li", { class: "wave", "data-wave": wave.state },
    element("div", { class: "wave-head" },
      element("h3", {}, element("button", { class: "link", type: "button", "data-key": `wave-${place + 1}`, "data-wave": place + 1,
        "aria-label": `Show only wave ${place + 1}, ${wave.name}` }, `${place + 1}  ${wave.name}`)),
      element("span", { class: "muted" }, WAVE_STATES[wave.state] ?? wave.state)),
    stateBar(element("div", { class: "bar" }), counts, Math.max(targets.length, 1)),
    element("p", {}, `${targetsWord(Math.max(wave.targets, targets.length))}${countsText(counts)}`),
    waveTimes(wave) ? element("p", { class: "muted" }, waveTimes(wave)) : null,
    wave.halt_reason && wave.gates.every((gate) => gate.passed) ? element("p", { class: "reason" }, wave.halt_reason) : null,
    wave.gates.length ? gateList(wave.gates) : null);
};

const countsText = (counts) => {
  const parts = STATE_NAMES.filter((name) => counts[name]).map((name) => `${number(counts[name])} ${STATES[name].label}`);
  return parts.length ? `: ${parts.join(", ")}` : "";
};

/* ---- Groups ---- */

const GROUP_COLUMNS = [
  ["Done", ["done", "unchanged"]], ["Failed", ["failed", "outcome-unknown"]], ["Unreachable", ["unreachable"]],
  ["Left alone or stopped", ["locked", "stale", "blocked", "stopped", "cancelled"]],
  ["Rest", ["not-started", "running", "inactive"]],
];

const groupRow = (name, targets) => {
  const counts = countStates(targets);
  const sum = (names) => names.reduce((total, one) => total + (counts[one] ?? 0), 0);
  return element("tr", {},
    element("th", { scope: "row" }, element("button", { class: "link", type: "button", "data-key": `group-${name}`, "data-group": name }, name)),
    element("td", { class: "number" }, number(targets.length)),
    element("td", { class: "barred" }, stateBar(element("div", { class: "bar" }), counts, targets.length)),
    ...GROUP_COLUMNS.map(([, names]) => element("td", { class: `number${sum(names) ? "" : " muted"}` }, number(sum(names)))));
};

/* Of very many groups those with most to look at; the filter has all of them. */
const GROUPS_SHOWN = 24;
const groupRows = (groups) => {
  const all = [...groups];
  if (all.length <= GROUPS_SHOWN) return all.map(([name, targets]) => groupRow(name, targets));
  const bad = new Map(all.map(([name, targets]) => [name, targets.filter(isBad).length]));
  const worst = all.sort(([a], [b]) => bad.get(b) - bad.get(a)).slice(0, GROUPS_SHOWN);
  return [...worst.map(([name, targets]) => groupRow(name, targets)),
    element("tr", {}, element("td", { class: "muted", colspan: "8" }, `and ${counted(all.length - GROUPS_SHOWN, "more group")} with no more to look at than these`))];
};

const groupTable = (groups) =>
  element("table", {},
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, "Group"), element("th", { scope: "col", class: "number" }, "Targets"),
      element("td", {}),
      ...GROUP_COLUMNS.map(([label]) => element("th", { scope: "col", class: "number" }, label)))),
    element("tbody", {}, ...groupRows(groups)));

const drawWaves = (model) => {
  const byWave = groupedBy(model.targets, (target) => target.wave);
  byId("waves-title").textContent = model.waves.length ? "Waves and groups" : "Groups";
  keepFocus(byId("waves"), () => {
    byId("wave-list").replaceChildren(...model.waves.map((wave, place) => waveItem(wave, place, byWave.get(place + 1) ?? [])));
    byId("groups").replaceChildren(groupTable(model.groups));
  });
};

const listenToWaves = () => {
  byId("waves").addEventListener("click", (event) => {
    const said = event.target.closest("button")?.dataset;
    if (said?.wave) setFilter({ wave: filter.wave === said.wave ? "" : said.wave });
    else if (said?.group) setFilter({ group: filter.group === said.group ? "" : said.group });
  });
};
