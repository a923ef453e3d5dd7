/* A plan: draws what its reviewers look at. The data is in the page; nothing is asked for. */

const plan = JSON.parse(byId("data").textContent);
const SHOWN_AT_ONCE = 500;
const found = { targets: plan.targets, shown: SHOWN_AT_ONCE };

const table = (heads, rows) =>
  element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) =>
      element("th", { scope: "col", class: head.number ? "number" : null }, head.name)))),
    element("tbody", {}, ...rows));

const row = (first, ...cells) =>
  element("tr", {}, element("th", { scope: "row" }, first), ...cells.map((cell) =>
    typeof cell === "number" ? element("td", { class: "number" }, number(cell)) : element("td", {}, cell)));

/* ---- Overview ---- */

const approvalsText = () => {
  const count = plan.approvals.filter((approval) => approval.counts).length;
  const needed = plan.approvals_needed > 0 ? [`${count} of ${plan.approvals_needed}`] : [];
  return [...needed, ...plan.approvals.map(({ signer, standing }) => `${signer}: ${standing}`)].join("; ");
};

const drawPlanOverview = () => {
  byId("headline").append(`dbfleet ${plan.title}`);
  byId("lead").append(`${targetsWord(plan.pending)} to do, ${number(plan.at_goal)} already there, ` +
    `${number(plan.left_alone)} left alone.`);
  const changed = plan.steps.filter((step) => step.changed).length;
  if (changed > 0) {
    byId("notices").append(element("p", { class: "notice" },
      `${counted(changed, "section is", "sections are")} not as planned any more: changed or gone. ` +
      "dbfleet apply refuses the plan as long as that is so."));
  }
  const facts = [
    ["Made", `${plan.created} by ${plan.operator}`], ["Not before", plan.not_before], ["Expires", plan.expires],
    ["Track", plan.track], ["Limits", plan.limits], ["Needs -x for", plan.variables.join(", ")],
    ["Digest", plan.digest], ["Approvals", approvalsText()],
  ];
  for (const [name, value] of facts)
    if (value) byId("facts").append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  byId("made").append(`Plan ${plan.digest}`);
};

/* ---- Steps ---- */

const riskKinds = (step) => [...new Set(step.risks.map((risk) => risk.kind))];

const stepElement = (step) =>
  element("details", { class: "step" },
    element("summary", {},
      element("strong", {}, `${step.word} `, element("code", {}, step.revision), step.fill ? " (fill)" : ""),
      element("span", {}, step.message),
      element("span", { class: "muted" }, step.dialect),
      ...riskKinds(step).map((kind) => element("span", { class: "risk", "data-risk": kind }, kind)),
      element("span", { class: "number" }, targetsWord(step.targets))),
    element("div", { class: "step-body" },
      step.risks.length === 0 ? null : element("ul", { class: "reasons" }, ...step.risks.map((risk) =>
        element("li", {}, element("span", { class: "risk", "data-risk": risk.kind }, risk.kind), " ",
          risk.statement ? `statement ${risk.statement}: ` : "",
          ...(risk.object ? [element("code", {}, risk.object), ": "] : []), risk.reason))),
      step.sql !== null ? element("pre", { tabindex: "0" }, element("code", {}, step.sql.trim()))
        : element("p", { class: "empty" }, step.changed ? "Its SQL is not as planned any more." : "No SQL.")));

/* ---- Sizes ---- */

const drawPlanSizes = () => {
  byId("sizes").hidden = plan.sizes.length === 0;
  byId("size-list").append(table(
    [{ name: "Table" }, { name: "Targets", number: true }, { name: "In all" }, { name: "Largest" }],
    plan.sizes.map((size) => row(element("code", {}, size.table), size.targets,
      size.unasked > 0 ? `${size.all}; ${number(size.unasked)} could not be asked` : size.all,
      size.largest.join("; ")))));
};

/* ---- Waves, paths, exceptions ---- */

const drawPlanWaves = () => {
  byId("waves").hidden = plan.waves.length === 0;
  byId("wave-list").append(...plan.waves.map((wave) =>
    element("li", { class: "wave" },
      element("div", { class: "wave-head" }, element("h3", {}, wave.name),
        element("span", { class: "count" }, targetsWord(wave.targets))),
      wave.rules ? element("p", {}, wave.rules) : null)));
};

const drawPlanPaths = () =>
  byId("path-list").append(table(
    [{ name: "Path" }, { name: "Targets", number: true }, { name: "Dialect" }, { name: "From" }, { name: "To" },
      { name: "Steps", number: true }],
    plan.paths.map((path) => row(path.name, path.targets, path.dialect, element("code", {}, path.from),
      element("code", {}, path.to), path.steps))));

const drawPlanExceptions = () => {
  byId("exceptions").hidden = plan.exceptions.length === 0;
  byId("exception-list").append(...plan.exceptions.map((group) =>
    element("div", { class: "exception" },
      element("h3", {}, `${targetsWord(group.targets.length)}: ${group.problem}`),
      group.reason ? element("div", {}, group.reason) : null,
      element("p", {}, list(group.targets, 100)))));
};

/* ---- Targets ---- */

const drawPlanTargets = () => {
  const shown = found.targets.slice(0, found.shown);
  const rest = found.targets.length - shown.length;
  const waved = plan.waves.length > 0;
  const heads = [{ name: "Target" }, { name: "Endpoint" }, { name: "Path" }, ...(waved ? [{ name: "Wave" }] : [])];
  byId("target-list").replaceChildren(table(heads, shown.map(([name, endpoint, path, wave]) =>
    row(name, endpoint, path, ...(waved ? [wave] : [])))));
  byId("target-count").textContent = found.targets.length === plan.targets.length
    ? targetsWord(plan.targets.length) : `${number(found.targets.length)} of ${targetsWord(plan.targets.length)}`;
  byId("target-more").hidden = rest <= 0;
  byId("target-more").textContent = `Show ${number(Math.min(rest, SHOWN_AT_ONCE))} more of ${number(rest)}`;
};

const searchTargets = () => {
  const words = byId("target-words").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  found.shown = SHOWN_AT_ONCE;
  found.targets = plan.targets.filter((target) => {
    const text = target.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  drawPlanTargets();
};

byId("target-words").addEventListener("input", searchTargets);
byId("target-search").addEventListener("submit", (event) => event.preventDefault());
byId("target-more").addEventListener("click", () => {
  found.shown += SHOWN_AT_ONCE;
  drawPlanTargets();
});
addEventListener("beforeprint", () => {
  for (const step of document.querySelectorAll("details.step")) step.open = true;
  found.shown = found.targets.length;
  drawPlanTargets();
});

drawPlanOverview();
byId("step-list").append(...plan.steps.map(stepElement));
drawPlanSizes();
drawPlanWaves();
drawPlanPaths();
drawPlanExceptions();
drawPlanTargets();
document.documentElement.dataset.drawn = "";
