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

const GATES_SHOWN = 4; /* of a wave that asks each target: those that failed, and a few of the others */
const gateList = (gates) => {
  const failed = gates.filter((gate) => !gate.passed);
  const passed = gates.filter((gate) => gate.passed);
  const some = passed.slice(0, Math.max(GATES_SHOWN - failed.length, 1));
  const rest = passed.length - some.length;
  return element("ul", { class: "gates" }, ...failed.map(gateItem), ...some.map(gateItem),
    rest ? element("li", {}, element("span", { class: "muted" }, `and ${rest} more passed`)) : null);
};

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
    wave.halt_reason ? element("p", { class: "reason" }, wave.halt_reason) : null,
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

const groupTable = (groups) =>
  element("table", {},
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, "Group"), element("th", { scope: "col", class: "number" }, "Targets"),
      element("td", {}),
      ...GROUP_COLUMNS.map(([label]) => element("th", { scope: "col", class: "number" }, label)))),
    element("tbody", {}, ...[...groups].map(([name, targets]) => groupRow(name, targets))));

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
