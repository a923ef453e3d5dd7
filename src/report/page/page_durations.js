/* Durations: how long each revision took on the targets shown, as a spread on one logarithmic scale for all, so that
   rows compare, and the targets that took far longer than the rest. */

const BINS = 36;
const OUTLIER = 5; /* times the median */
const OUTLIERS_SHOWN = 3;
const WIDTH = 360;
const HEIGHT = 46;

const scaleOf = (revisions) => {
  const least = Math.max(0.5, Math.min(...revisions.map((revision) => revision.samples[0].took)));
  const most = Math.max(least * 1.5, ...revisions.map((revision) => revision.samples[revision.samples.length - 1].took));
  const span = Math.log(most / least);
  return { least, most, at: (took) => (Math.log(Math.max(took, least) / least) / span) * WIDTH };
};

const line = (name, x) => drawn("line", { class: name, x1: x, x2: x, y1: 2, y2: HEIGHT - 2 });

const spreadPicture = (revision, scale) => {
  const bins = new Array(BINS).fill(0);
  for (const { took } of revision.samples) bins[Math.min(BINS - 1, Math.floor((scale.at(took) / WIDTH) * BINS))]++;
  const most = Math.max(...bins);
  const step = WIDTH / BINS;
  const bars = bins.map((count, place) => [count, place]).filter(([count]) => count).map(([count, place]) => {
    const height = Math.max(2, (Math.sqrt(count) / Math.sqrt(most)) * (HEIGHT - 6));
    return drawn("rect", { x: place * step + 0.5, y: HEIGHT - 1 - height, width: step - 1, height });
  });
  const label = `from ${duration(revision.samples[0].took)} to ${duration(percentile(revision.samples, 1))}, `
    + `median ${duration(percentile(revision.samples, 0.5))}`;
  return drawn("svg", { class: "spread", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    drawn("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }), ...bars,
    line("middle", scale.at(percentile(revision.samples, 0.5))), line("most", scale.at(percentile(revision.samples, 0.95))));
};

const outliersOf = ({ samples }) => {
  const median = percentile(samples, 0.5);
  return samples.slice(-OUTLIERS_SHOWN).reverse().filter(({ took }) => samples.length > 3 && took > OUTLIER * median);
};

const outlierList = (revision) => {
  const outliers = outliersOf(revision);
  return outliers.length
    ? element("div", { class: "names" }, ...outliers.map(({ took, target }) => element("span", {},
      element("button", { class: "link", type: "button", "data-target": target.name, "data-key": `slow-${revision.key}-${target.name}` }, target.name),
      ` ${duration(took)}`)))
    : element("span", { class: "muted" }, "none");
};

const revisionRow = (revision, scale) =>
  element("tr", {},
    element("th", { scope: "row" }, element("span", { class: "mono" }, revision.key),
      revision.message ? element("div", { class: "muted" }, revision.message) : null),
    element("td", { class: "number" }, number(revision.samples.length)),
    ...[0.5, 0.95, 1].map((share) => element("td", { class: "number" }, duration(percentile(revision.samples, share)))),
    element("td", { class: "spread-cell" }, spreadPicture(revision, scale)),
    element("td", {}, outlierList(revision)));

const column = (label, name) => element("th", { scope: "col", class: name }, label);

const durationTable = (revisions) => {
  const scale = scaleOf(revisions);
  return element("table", {},
    element("thead", {}, element("tr", {},
      column("Revision"), column("Targets", "number"), column("Median", "number"), column("95 %", "number"), column("Longest", "number"),
      element("th", { scope: "col" }, element("span", { class: "spread-scale" },
        element("span", {}, duration(scale.least)), element("span", {}, "logarithmic; line: median, dashed: 95 %"), element("span", {}, duration(scale.most)))),
      column(`Over ${OUTLIER} × median`))),
    element("tbody", {}, ...revisions.map((revision) => revisionRow(revision, scale))));
};

/* Who was called out as slow while at work, and what it waited for then. */
const calledOut = (model) => {
  const events = (model.events ?? []).filter(([, kind]) => kind === "slow-target");
  return events.length ? element("section", { class: "called-out" }, element("h3", {}, "Called out while at work"),
    element("dl", { class: "said" }, ...events.flatMap(([time, , name, text], place) => [element("dt", {}, clock(time)),
      element("dd", {}, element("button", { class: "link", type: "button", "data-target": name, "data-key": `called-${place}` }, name), `  ${text ?? ""}`)]))) : "";
};

const drawDurations = (model) => {
  const revisions = (isFiltered() ? durationsOf(model.targets.filter(shown)) : model.revisions)
    .filter((revision) => !filter.revision || revision.key === filter.revision);
  const part = byId("duration-list");
  keepFocus(part, () => part.replaceChildren(revisions.length
    ? durationTable(revisions) : element("p", { class: "empty" }, "No revision was finished on the targets shown."), calledOut(model)));
};

const listenToDurations = () => {
  byId("duration-list").addEventListener("click", (event) => {
    const name = event.target.closest("button")?.dataset.target;
    if (name !== undefined) openDetail(name);
  });
};
