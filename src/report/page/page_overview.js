/* Overview: the verdict in one sentence, what to type next, the totals and the run's circumstances. */

/* " in wave 2 of 4"; nothing where no wave is in such a state. */
const waveIn = (states) => (model) => {
  const place = model.waves.findIndex((wave) => states.includes(wave.state));
  return place < 0 ? "" : ` in wave ${place + 1} of ${model.waves.length}`;
};
const haltedWave = waveIn(["halted"]);
const currentWave = waveIn(["confirming", "running", "soaking", "gating"]);

const isBad = (target) => STATES[target.state].bad;

/* "3 failed, 12 unreachable": the states that a person must look at. */
const badText = (model) =>
  STATE_NAMES.filter((name) => STATES[name].bad && model.counts[name])
    .map((name) => `${number(model.counts[name])} ${STATES[name].label}`).join(", ");

const reachedText = (model) => {
  const reached = (model.counts.done ?? 0) + (model.counts.unchanged ?? 0);
  return `${number(reached)} of ${targetsWord(model.targets.length - (model.counts.inactive ?? 0))}`;
};

const lookText = (model) => {
  const bad = model.targets.filter(isBad).length;
  return bad ? `: ${targetsWord(bad)} ${bad === 1 ? "needs" : "need"} a look` : "";
};

/* The words for each end, in the data's words for it: [kind, sentence]. */
const VERDICTS = {
  finished: (model) => {
    if (model.run.exit_code === 0) return ["good", `Done: ${reachedText(model)} at ${goalText(model)}`];
    return [model.counts.failed || model.counts["outcome-unknown"] ? "bad" : "warn", `Not complete${lookText(model)}`];
  },
  halted: (model) => ["bad", `Halted${haltedWave(model)}${lookText(model)}`],
  interrupted: (model) => ["warn", `Interrupted${lookText(model)}`],
  running: (model) => ["work", `Running${currentWave(model)}: ${reachedText(model)} at ${goalText(model)}`],
  paused: (model) => ["warn", `Paused${currentWave(model)}: ${reachedText(model)} at ${goalText(model)}`],
  died: (model) => ["bad", `Died: its process is gone${currentWave(model)}`],
};

/* What the goal is called in a sentence. */
const goalText = (model) => {
  const { command, goal, of_run: ofRun } = model.run;
  if (command === "rollback") return `the heads from before run ${ofRun ?? goal}`;
  return goal === "heads" ? "their heads" : goal;
};

const notFinished = (model) => ["warn", `Not finished${lookText(model)}`];
const verdictOf = (model) => (VERDICTS[model.run.end] ?? notFinished)(model);

/* ---- Sentences below ---- */

const sentence = (text) => text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/* When it will likely be over, by what its targets took so far; counted from its last sign of life, not from now. */
const estimateText = ({ run }) => {
  if (run.end !== "running" || !run.estimate) return null;
  return `likely over at ${clock(run.estimate)} UTC, in about ${duration(Math.max(0, run.estimate - (run.heartbeat ?? run.started)))}`;
};

/* Why, then how far. The verdict of a run without an end says already how many are at the goal. */
const leadParts = (model) => {
  const { run, counts } = model;
  const whole = run.end === "finished" && run.exit_code === 0;
  const waiting = counts["not-started"];
  const why = run.halt_reason ? sentence(run.halt_reason) : run.paused_by && !run.finished ? `Paused by ${run.paused_by}.` : null;
  const far = whole ? ["The heads of each were read back from the database after its last step."] : [
    run.finished || run.end === "died" ? `${reachedText(model)} ${run.finished ? "reached" : "at"} ${goalText(model)}` : null,
    badText(model), counts.running ? `${number(counts.running)} in progress` : null,
    waiting ? `${number(waiting)} ${run.finished ? "not started" : waiting === 1 ? "waits" : "wait"}` : null,
    estimateText(model),
  ];
  return [why, sentence(far.filter(Boolean).join("; "))].filter(Boolean).map((text) => element("p", {}, text));
};

const fact = (name, value) => (value ? element("div", {}, element("dt", {}, name), element("dd", {}, value)) : null);

const limitsText = (run) => [
  `${run.jobs ?? 1} at a time`, run.per_host ? `${run.per_host} per host` : null,
  `max_failures ${run.max_failures ?? "0"}`, run.on_failure && run.on_failure !== "halt" ? run.on_failure : null,
].filter(Boolean).join(", ");

const commitText = (commit) =>
  commit && `${commit.slice(0, 12)}${commit.endsWith("-dirty") ? ", with changes not committed" : ""}`;

const selectionText = (run) => (run.selector ? `-l ${run.selector}` : run.of_run ? `those of run ${run.of_run}` : "the whole inventory");

const factsOf = ({ run }) => [
  fact("Started", timeElement(run.started)),
  fact(run.finished ? "Took" : "Running for",
    duration((run.finished ?? Math.max(run.heartbeat ?? 0, run.started)) - run.started)),
  fact("By", run.operator),
  fact("Track", run.track),
  fact("Targets", selectionText(run)),
  fact("Limits", limitsText(run)),
  fact("Plan file", run.plan_file),
  fact("Approved by", run.approved_by?.join(", ")),
  fact("Versions at commit", commitText(run.versions_commit)),
].filter(Boolean);

const nextParts = (run) => [
  element("span", { class: "label" }, run.end === "running" ? "Meanwhile" : "Next"),
  element("code", {}, run.next), copyButton(run.next),
];

const drawOverview = (model) => {
  const { run } = model;
  const [kind, verdict] = verdictOf(model);
  const title = byId("verdict");
  document.title = `${run.command} ${run.goal} (${run.id})`;
  byId("kicker").textContent = `${run.command} ${run.goal} · run ${run.id}`;
  title.dataset.verdict = kind;
  title.replaceChildren(element("span", { class: "verdict-mark", "aria-hidden": "true" }), element("span", {}, verdict));
  byId("lead").replaceChildren(...leadParts(model));
  byId("next").hidden = !run.next;
  if (run.next) keepFocus(byId("next"), () => byId("next").replaceChildren(...nextParts(run)));
  byId("notices").replaceChildren(...run.warnings.map((text) => element("p", { class: "notice" }, text)));
  stateBar(byId("total-bar"), model.counts, model.targets.length);
  byId("facts").replaceChildren(...factsOf(model));
  byId("made").textContent = `dbfleet ${run.dbfleet_version ?? ""} · run ${run.id} · plan ${run.plan_digest ?? "not recorded"}`;
};
