/* Overview: the verdict in one sentence, what to type next, the totals and the run's circumstances. */

/* "wave 2 (5%)", the one in which the run was halted; null where it has none. */
const haltedWave = (model) => {
  const place = model.waves.findIndex((wave) => wave.state === "halted");
  return place < 0 ? null : `wave ${place + 1} (${model.waves[place].name})`;
};

const isBad = (target) => STATES[target.state].bad;

/* "3 failed, 12 unreachable": the states that a person must look at. */
const badText = (model) =>
  STATE_NAMES.filter((name) => STATES[name].bad && model.counts[name])
    .map((name) => `${number(model.counts[name])} ${STATES[name].label}`).join(", ");

const reachedText = (model) => {
  const reached = (model.counts.done ?? 0) + (model.counts.unchanged ?? 0);
  return `${number(reached)} of ${targetsWord(model.targets.length - (model.counts.inactive ?? 0))}`;
};

/* The words for each end, in the data's words for it: [kind, sentence]. */
const VERDICTS = {
  finished: (model) => {
    if (model.run.exit_code === 0) return ["good", `Done: ${reachedText(model)} at ${goalText(model)}`];
    const failed = model.counts.failed || model.counts["outcome-unknown"];
    return [failed ? "bad" : "warn", `Finished, not complete: ${badText(model)}`];
  },
  halted: (model) => {
    const wave = haltedWave(model);
    return ["bad", `Halted${wave ? ` in ${wave}` : ""}: ${badText(model) || model.run.halt_reason}`];
  },
  interrupted: (model) => ["warn", `Interrupted: ${reachedText(model)} at ${goalText(model)}`],
  running: (model) => ["work", `Running: ${reachedText(model)} at ${goalText(model)}`],
  paused: (model) => ["warn", `Paused: ${reachedText(model)} at ${goalText(model)}`],
  died: (model) => ["bad", `Died: the process of this run is gone, ${reachedText(model)} at ${goalText(model)}`],
};

/* What the goal is called in a sentence. */
const goalText = (model) => {
  const { command, goal, of_run: ofRun } = model.run;
  if (command === "rollback") return `the heads from before run ${ofRun ?? goal}`;
  return goal === "heads" ? "their heads" : goal;
};

const verdictOf = (model) =>
  (VERDICTS[model.run.end] ?? ((of) => ["warn", `Not finished: ${reachedText(of)} at ${goalText(of)}`]))(model);

/* ---- Sentences below ---- */

const leadText = (model) => {
  const { run, counts } = model;
  const parts = [];
  if (run.halt_reason) parts.push(`${run.halt_reason[0].toUpperCase()}${run.halt_reason.slice(1)}.`);
  if (run.paused_by && !run.finished) parts.push(`Paused by ${run.paused_by}.`);
  if (counts["not-started"])
    parts.push(run.finished ? `${targetsWord(counts["not-started"])} ${counts["not-started"] === 1 ? "was" : "were"} not started.`
      : `${targetsWord(counts["not-started"])} still ${counts["not-started"] === 1 ? "waits" : "wait"}.`);
  if (!run.halt_reason && run.end === "finished" && run.exit_code === 0)
    parts.push("The heads of each were read back from the database after the last step.");
  return parts.join(" ");
};

const fact = (name, value) => (value ? element("div", {}, element("dt", {}, name), element("dd", {}, value)) : null);

const limitsText = (run) => [
  `${run.jobs ?? 1} at a time`, run.per_host ? `${run.per_host} per host` : null,
  `max_failures ${run.max_failures ?? "0"}`, run.on_failure && run.on_failure !== "halt" ? run.on_failure : null,
].filter(Boolean).join(", ");

const commitText = (commit) =>
  commit && `${commit.slice(0, 12)}${commit.endsWith("-dirty") ? ", with changes not committed" : ""}`;

const factsOf = ({ run }) => [
  fact("Started", timeElement(run.started)),
  fact(run.finished ? "Took" : "Running for",
    duration((run.finished ?? Math.max(run.heartbeat ?? 0, run.started)) - run.started)),
  fact("By", run.operator),
  fact("Track", run.track),
  fact("Targets", run.selector ? `-l ${run.selector}` : "the whole inventory"),
  fact("Limits", limitsText(run)),
  fact("Plan file", run.plan_file),
  fact("Goes on with run", run.of_run && run.command !== "rollback" ? run.of_run : null),
  fact("Versions at commit", commitText(run.versions_commit)),
].filter(Boolean);

const nextParts = (run) => [
  element("span", { class: "label" }, run.end === "running" ? "Meanwhile" : "Next"),
  element("code", {}, run.next), copyButton(run.next),
];

const drawOverview = (model) => {
  const { run } = model;
  const [kind, sentence] = verdictOf(model);
  const title = byId("verdict");
  byId("kicker").textContent = `${run.command} ${run.goal} · run ${run.id}`;
  title.dataset.verdict = kind;
  title.replaceChildren(element("span", { class: "verdict-mark", "aria-hidden": "true" }), element("span", {}, sentence));
  byId("lead").textContent = leadText(model);
  byId("next").hidden = !run.next;
  if (run.next) keepFocus(byId("next"), () => byId("next").replaceChildren(...nextParts(run)));
  byId("notices").replaceChildren(...run.warnings.map((text) => element("p", { class: "notice" }, text)));
  stateBar(byId("total-bar"), model.counts, model.targets.length);
  byId("facts").replaceChildren(...factsOf(model));
  byId("made").textContent = `dbfleet ${run.dbfleet_version ?? ""} · run ${run.id} · plan ${run.plan_digest ?? "not recorded"}`;
};
