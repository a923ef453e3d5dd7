/* Failures: what needs a look, targets that say the same as one entry: where, the SQL with its caret, the server's words,
   and who is concerned. */

const NAMES_SHOWN = 24;

const placeText = (failure) => [
  failure.file && `${failure.file}${failure.line ? `:${failure.line}` : ""}${failure.column ? `:${failure.column}` : ""}`,
  failure.statement ? `statement ${failure.statement}` : null,
].filter(Boolean).join(", ");

/* Lines of "- " and "+ ": what the objects of an undecidable statement were, and are. */
const differenceLines = (text) => text.trimEnd().split("\n").map((line) =>
  element("span", { class: line.startsWith("-") ? "minus" : line.startsWith("+") ? "plus" : null }, `${line}\n`));

const said = (rows) => {
  const known = rows.filter(([, value]) => value);
  return known.length
    ? element("dl", { class: "said" }, ...known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])) : null;
};

const codeBlock = (label, ...content) => element("pre", { tabindex: "0", role: "group", "aria-label": label }, ...content);

/* Everything known about a failure; of clusters and of single targets. */
const failureParts = (failure, reason) => {
  const place = placeText(failure);
  const sql = failure.excerpt ?? failure.sql;
  return [
    place ? element("p", { class: "mono" }, place) : null,
    sql ? codeBlock("SQL", sql.replace(/\n+$/, "")) : null,
    said([
      ["server", [failure.code, failure.message].filter(Boolean).join("  ")], ["detail", failure.detail],
      ["lock held by", failure.blocker], ["hint", failure.hint],
      ["", reason && reason !== failure.message ? reason : null],
    ]),
    failure.difference ? element("p", {}, "Its objects before the statement (−) and now (+):") : null,
    failure.difference ? codeBlock("Objects before and now", ...differenceLines(failure.difference)) : null,
  ];
};

const clusterTitle = (state, count, failure) => {
  const step = failure?.revision ? `: revision ${failure.revision}, ${failure.direction}` : "";
  return `${targetsWord(count)} ${STATES[state].label}${step}${failure?.class ? ` (${failure.class})` : ""}`;
};

const nameList = (cluster, targets) => {
  const open = openLists.has(cluster.signature);
  const names = open || targets.length === NAMES_SHOWN + 1 ? targets : targets.slice(0, NAMES_SHOWN);
  const rest = targets.length - names.length;
  return element("div", { class: "names" },
    ...names.map((target) => element("button", { class: "link", type: "button", "data-target": target.name, "data-key": `target-${target.name}` }, target.name)),
    rest ? element("button", { type: "button", class: "quiet", "data-all": cluster.signature, "data-key": `all-${cluster.signature}` },
      `and ${number(rest)} more: show all`) : null);
};

const openLists = new Set();
const closedClusters = new Set();

const clusterItem = (model, cluster) => {
  const targets = cluster.targets.map((place) => model.targets[place]);
  const [example] = targets;
  const summary = example.failure?.message ?? example.reason ?? "";
  const item = element("details", { class: "cluster", "data-signature": cluster.signature },
    element("summary", { "data-key": `cluster-${cluster.signature}` },
      mark(example.state, { "aria-hidden": "true" }),
      element("h3", {}, clusterTitle(cluster.outcome, targets.length, example.failure)),
      element("p", {}, summary)),
    element("div", { class: "cluster-body" },
      ...(example.failure ? failureParts(example.failure, example.reason) : [element("p", {}, example.reason ?? "")]),
      targets.length > 1 && example.failure ? element("p", { class: "hint" }, `As ${example.name} said it.`) : null,
      nameList(cluster, targets)));
  item.open = !closedClusters.has(cluster.signature);
  return item;
};

/* Only the first ones are open at once: a page of failures is read from its top. */
const CLUSTERS_OPEN = 5;
const seenClusters = new Set();

/* Most targets first, as in the text report, but what failed before what was only not reached or left alone. */
const FIRST = ["failed", "outcome-unknown"];
const orderedClusters = (model) => [
  ...model.clusters.filter((cluster) => FIRST.includes(cluster.outcome)),
  ...model.clusters.filter((cluster) => !FIRST.includes(cluster.outcome)),
];

const CLUSTERS_SHOWN = 50; /* until all are asked for */
const ALL_CLUSTERS = " ";
const clusterParts = (model, clusters) => {
  const few = openLists.has(ALL_CLUSTERS) ? clusters : clusters.slice(0, CLUSTERS_SHOWN);
  const rest = clusters.length - few.length;
  return [...few.map((cluster) => clusterItem(model, cluster)), rest
    ? element("button", { type: "button", "data-all": ALL_CLUSTERS, "data-key": "all-clusters" }, `Show ${number(rest)} more`) : ""];
};

const drawFailures = (model) => {
  const part = byId("failure-list");
  const clusters = orderedClusters(model);
  clusters.forEach((cluster, place) => {
    if (!seenClusters.has(cluster.signature) && place >= CLUSTERS_OPEN) closedClusters.add(cluster.signature);
    seenClusters.add(cluster.signature);
  });
  const shownClusters = clusters.filter((cluster) => !isFiltered() || cluster.targets.some((place) => shownPlaces[place]));
  const drawn = JSON.stringify([model.run.id, model.run.finished, shownClusters, [...openLists], isFiltered()]);
  if (part.dataset.drawn === drawn) return; /* a live page leaves alone what its reader may be marking */
  part.dataset.drawn = drawn;
  const nothing = clusters.length ? "None of what needs a look is among the targets shown."
    : model.run.finished ? "Nothing: no target failed or was left behind." : "Nothing so far.";
  keepFocus(part, () => part.replaceChildren(...(shownClusters.length
    ? clusterParts(model, shownClusters) : [element("p", { class: "empty" }, nothing)])));
};

const listenToFailures = () => {
  const part = byId("failure-list");
  part.addEventListener("click", (event) => {
    const { target, all } = event.target.closest("button")?.dataset ?? {};
    if (target !== undefined) openDetail(target);
    if (all !== undefined) {
      openLists.add(all);
      refilter();
    }
  });
  part.addEventListener("toggle", (event) => {
    const { signature } = event.target.dataset;
    if (event.target.open) closedClusters.delete(signature);
    else closedClusters.add(signature);
  }, true);
};
