/* Filter: which targets the page shows, and how; kept in the address behind the #, so that a link tells it. Owns the
   form; the views ask `shown(target)`. */

const KEYS = ["q", "group", "wave", "revision", "by", "sort", "target"];
const filter = { q: "", group: "", wave: "", revision: "", by: "group", sort: "", target: "", states: new Set() };
let shownPlaces = new Uint8Array(0);
let shownCount = 0;

const shown = (target) => shownPlaces[target.place] === 1;
const isFiltered = () => shownCount !== shownPlaces.length;

/* ---- Deciding ---- */

const matcher = () => {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  return (target) =>
    (filter.states.size === 0 || filter.states.has(target.state)) &&
    (!filter.group || target.group === filter.group) &&
    (!filter.wave || String(target.wave) === filter.wave) &&
    (!filter.revision || revisionsOf(target).has(filter.revision)) &&
    words.every((word) => searchText(target).includes(word));
};

const decideShown = (model) => {
  const matches = matcher();
  shownPlaces = Uint8Array.from(model.targets, (target) => (matches(target) ? 1 : 0));
  shownCount = shownPlaces.reduce((sum, one) => sum + one, 0);
};

/* ---- The address ---- */

const readAddress = () => {
  const said = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  for (const key of KEYS) filter[key] = said.get(key) ?? (key === "by" ? "group" : "");
  filter.states = new Set((said.get("state") ?? "").split(",").filter((name) => STATES[name]));
};

const writeAddress = () => {
  const said = new URLSearchParams();
  for (const key of KEYS) if (filter[key] && !(key === "by" && filter.by === "group")) said.set(key, filter[key]);
  if (filter.states.size) said.set("state", [...filter.states].join(","));
  const hash = said.toString();
  if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
};

/* ---- The form ---- */

/* The choices of a select, kept as they are where they did not change: a live page must not close an open one. */
const fillChoices = (select, choices, chosen) => {
  const said = JSON.stringify(choices);
  if (select.dataset.choices !== said) {
    select.dataset.choices = said;
    select.replaceChildren(...choices.map(([value, label]) => element("option", { value }, label)));
  }
  select.value = chosen;
  select.hidden = choices.length < 2;
};

const revisionChoices = (model) => {
  const keys = new Set();
  for (const target of model.targets) for (const key of revisionsOf(target)) keys.add(key);
  const messages = new Map(model.revisions.map((revision) => [revision.key, revision.message]));
  return [...keys].map((key) => [key, messages.get(key) ? `${key}  ${messages.get(key)}` : key]);
};

const stateButton = (name, count) =>
  element("button", {
    type: "button", "data-key": `state-${name}`, "data-name": name, title: STATES[name].means,
    "aria-pressed": String(filter.states.has(name)),
  }, mark(name, { "aria-hidden": "true" }), `${STATES[name].label} `, element("b", {}, number(count)));

const showForm = (model) => {
  const words = byId("filter-words");
  if (words.value !== filter.q) words.value = filter.q;
  const groups = [...model.groups.keys()];
  fillChoices(byId("filter-group"), [["", "All groups"], ...(groups.length > 1 ? groups.map((name) => [name, name]) : [])], filter.group);
  fillChoices(byId("filter-wave"),
    [["", "All waves"], ...model.waves.map((wave, place) => [String(place + 1), `Wave ${place + 1}: ${wave.name}`])], filter.wave);
  fillChoices(byId("filter-revision"), [["", "All revisions"], ...revisionChoices(model)], filter.revision);
  byId("fleet-by").value = filter.by;
  keepFocus(byId("filter-states"), () => byId("filter-states").replaceChildren(
    ...STATE_NAMES.filter((name) => model.counts[name]).map((name) => stateButton(name, model.counts[name]))));
  byId("filter-count").textContent = isFiltered()
    ? `${number(shownCount)} of ${targetsWord(model.targets.length)}` : targetsWord(model.targets.length);
  byId("filter-clear").disabled = !isFiltered();
};

/* Draws a part anew and puts the focus back on what has the same data-key. */
const keepFocus = (part, draw) => {
  const key = part.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  draw();
  if (key !== undefined) part.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
};

const setFilter = (changes) => {
  Object.assign(filter, changes);
  refilter();
};

const clearFilter = () => setFilter({ q: "", group: "", wave: "", revision: "", states: new Set() });

const listenToForm = () => {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filter-words").addEventListener("input", (event) => setFilter({ q: event.target.value }));
  for (const key of ["group", "wave", "revision"])
    byId(`filter-${key}`).addEventListener("change", (event) => setFilter({ [key]: event.target.value }));
  byId("fleet-by").addEventListener("change", (event) => setFilter({ by: event.target.value }));
  byId("filter-clear").addEventListener("click", () => { clearFilter(); byId("filter-words").focus(); });
  byId("filter-states").addEventListener("click", (event) => {
    const name = event.target.closest("button")?.dataset.name;
    if (!name) return;
    const states = new Set(filter.states);
    if (!states.delete(name)) states.add(name);
    setFilter({ states });
  });
};
