/* Model: the run as the page's data tells it, and what follows from it: counts, groups, spreads of durations.
   Owns no element. The data's form is src/report/report_page_json.c's. */

/* Worst first, as they stand in bars and lists. `bad`: a person must look at it. */
const STATES = {
  failed: { label: "failed", means: "a step failed", bad: true },
  "outcome-unknown": { label: "outcome unknown", means: "a step may or may not have taken effect", bad: true },
  unreachable: { label: "unreachable", means: "no connection", bad: true },
  locked: { label: "locked", means: "another dbfleet holds it", bad: true },
  stale: { label: "stale", means: "moved since it was planned: left alone", bad: true },
  blocked: { label: "blocked", means: "an exception of the plan: left alone", bad: true },
  cancelled: { label: "cancelled", means: "cancelled inside a step, which was rolled back", bad: true },
  stopped: { label: "stopped", means: "stopped between two steps: part of its path is done", bad: true },
  running: { label: "in progress", means: "at work" },
  done: { label: "done", means: "reached the goal; its heads were read back" },
  unchanged: { label: "unchanged", means: "was at the goal already" },
  "not-started": { label: "not started", means: "the run ended before its turn" },
  inactive: { label: "inactive", means: "suspended, retired or in quarantine: not part of the run" },
};
const STATE_NAMES = Object.keys(STATES);

const NO_GROUP = "(no group)";

/* ---- Reading ---- */

const stepOf = (message, [place, state, started, took, done, total, tries]) => {
  const { revision, message: text, direction } = message.revisions[place];
  return { revision, message: text, direction, state, started, took, done, total, tries };
};

/* Fills in what the data left out, in the object that was parsed: with 10,000 of them a copy would be felt. */
const targetOf = (message, target, place) => {
  target.place = place;
  target.group ??= NO_GROUP;
  target.server ??= "";
  target.wave ??= 0;
  target.worker ??= 0;
  target.planned ??= 0;
  target.failure = target.failure === undefined ? null : message.failures[target.failure];
  target.path = target.path === undefined ? null : message.paths[target.path];
  target.steps = target.steps ? target.steps.map((step) => stepOf(message, step)) : [];
  target.state = target.outcome === "not-started" && target.started && !message.run.finished ? "running" : target.outcome;
  return target;
};

/* What a search looks in, made when the first one asks. */
const searchText = (target) => (target.text ??= [target.name, target.group, target.server, target.reason,
  target.failure?.message, target.failure?.code].join("\n").toLowerCase());

/* A message of the whole run, or of what changed since; the run that the page draws from then on. */
const readMessage = (model, message) => {
  const targets = message.targets
    ? message.targets.map((raw, place) => targetOf(message, raw, place))
    : model.targets.slice();
  for (const raw of message.changed ?? []) targets[raw.place] = targetOf(message, raw, raw.place);
  return derive({ run: message.run, waves: message.waves, clusters: message.clusters, targets, events: message.events ?? model?.events });
};

/* ---- What follows ---- */

const countStates = (targets) => {
  const counts = {};
  for (const target of targets) counts[target.state] = (counts[target.state] ?? 0) + 1;
  return counts;
};

/* Targets by what `key` says of them, in the order in which it first says it. */
const groupedBy = (targets, key) => {
  const groups = new Map();
  for (const target of targets) {
    const name = key(target);
    const group = groups.get(name);
    if (group) group.push(target);
    else groups.set(name, [target]);
  }
  return groups;
};

const revisionKey = (step) => (step.direction === "up" ? step.revision : `${step.direction} ${step.revision}`.trim());

/* How long each revision took where it was finished. */
const durationsOf = (targets) => {
  const revisions = new Map();
  for (const target of targets) {
    for (const step of target.steps) {
      if (step.state !== "done") continue;
      const key = revisionKey(step);
      if (!revisions.has(key)) revisions.set(key, { key, message: step.message ?? "", samples: [] });
      revisions.get(key).samples.push({ took: step.took, target });
    }
  }
  for (const revision of revisions.values()) revision.samples.sort((a, b) => a.took - b.took);
  return [...revisions.values()];
};

/* Nearest rank, as the text report counts. */
const percentile = (samples, share) => samples[Math.max(1, Math.ceil(share * samples.length)) - 1].took;

const derive = (model) => {
  const started = model.targets.filter((target) => target.started);
  const latest = Math.max(model.run.started, model.run.finished ?? 0, model.run.heartbeat ?? 0);
  return {
    ...model,
    counts: countStates(model.targets),
    groups: groupedBy(model.targets, (target) => target.group),
    revisions: durationsOf(model.targets),
    started,
    begin: started.reduce((least, target) => Math.min(least, target.started), model.run.started),
    end: started.reduce((most, target) => Math.max(most, target.started + (target.took ?? 0)), latest),
  };
};

/* All revisions that a target took or was to take, as filters name them. */
const revisionsOf = (target) => {
  const keys = new Set(target.steps.map(revisionKey));
  for (const [revision, direction] of target.path ?? []) keys.add(revisionKey({ revision, direction }));
  return keys;
};

const waveName = (model, wave) => (wave ? model.waves[wave - 1]?.name ?? String(wave) : "in no wave");
