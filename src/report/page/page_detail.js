/* Detail: one target from its heads before to its heads after, step by step, over the page. */

const detail = { opener: null };

const detailFacts = (target) => [
  ["group", target.group],
  ["wave", target.wave ? `${target.wave}  ${waveName(page.model, target.wave)}` : null],
  ["server", target.server], ["engine", target.version ?? target.dialect],
  ["started", target.started ? moment(target.started) : null],
  ["took", took(target)],
  ["worker", target.worker ? String(target.worker) : null],
  ["backup", target.backup],
];

const stepRow = (step) =>
  element("tr", {},
    element("th", { scope: "row" }, element("span", { class: "mono" }, revisionKey(step) || step.direction),
      step.message ? element("div", { class: "muted" }, step.message) : null),
    element("td", {}, step.state),
    element("td", { class: "number" }, step.started ? clock(step.started) : ""),
    element("td", { class: "number" }, step.started ? duration(step.took) : ""),
    element("td", { class: "number" }, step.total === undefined ? "" : `${step.done}/${step.total}`),
    element("td", { class: "number" }, step.tries > 1 ? `${step.tries}` : ""));

/* Those that were tried, then those of its path that were not. */
const stepsOf = (target) => {
  const tried = new Set(target.steps.map(revisionKey));
  const rest = (target.path ?? []).map(([revision, direction]) => ({ revision, direction }))
    .filter((step) => !tried.has(revisionKey(step)));
  return [...target.steps, ...rest.map((step) => ({ ...step, state: "not begun" }))];
};

const stepTable = (target) => {
  const steps = stepsOf(target);
  if (!steps.length) return element("p", { class: "empty" }, "It had no step to take.");
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of steps" },
    element("table", { class: "steps" },
      element("thead", {}, element("tr", {}, ...["Revision", "State", "Started", "Took", "Statements", "Tries"].map((heading, place) =>
        element("th", { scope: "col", class: place > 1 ? "number" : null }, heading)))),
      element("tbody", {}, ...steps.map(stepRow))));
};

const eventList = (target) => {
  const events = page.model.events?.filter(([, , name]) => name === target.name) ?? [];
  return events.length ? element("section", {}, element("h3", {}, "What happened"),
    element("dl", { class: "said" }, ...events.flatMap(([time, kind, , text]) =>
      [element("dt", {}, clock(time)), element("dd", {}, text ? `${kind}: ${text}` : kind)]))) : null;
};

const detailHead = (target) =>
  element("div", { class: "detail-head" },
    element("div", {}, element("h2", { id: "detail-title" }, target.name), tag(target.state)),
    element("div", { class: "tools" },
      element("button", { type: "button", "data-key": "previous", "aria-label": "Previous target", onclick: () => openBeside(-1) }, "↑"),
      element("button", { type: "button", "data-key": "next", "aria-label": "Next target", onclick: () => openBeside(1) }, "↓"),
      element("button", { type: "button", "data-key": "close", autofocus: true, onclick: () => byId("detail").close() }, "Close")));

const detailBody = (target) => {
  const command = `dbfleet explain ${target.name}`;
  return element("div", { class: "detail-body" },
    target.reason && !target.failure ? element("p", {}, target.reason) : null,
    target.failure ? element("section", { class: "cluster-body plain" }, element("h3", {}, "What went wrong"), ...failureParts(target.failure, target.reason).filter(Boolean)) : null,
    element("section", {}, element("h3", {}, "Heads"),
      element("dl", { class: "said mono" }, ...[["before", target.before], ["after", target.after], ["goal", target.goal]]
        .flatMap(([name, heads]) => [element("dt", {}, name), element("dd", {}, headsText(heads))]))),
    element("section", {}, element("h3", {}, "Steps"), stepTable(target)),
    element("section", {}, element("h3", {}, "Where and when"), said(detailFacts(target))),
    eventList(target),
    /^[\w.@-]+$/.test(target.name) ? element("div", { class: "next" }, element("code", {}, command), copyButton(command)) : null);
};

const drawDetail = (model) => {
  const dialog = byId("detail");
  const target = filter.target && model.targets.find((one) => one.name === filter.target);
  if (!target) {
    if (dialog.open) dialog.close();
    return;
  }
  if (dialog.target === target && dialog.open) return;
  const same = dialog.target?.name === target.name;
  const scrolled = dialog.scrollTop;
  dialog.target = target;
  keepFocus(dialog, () => dialog.replaceChildren(detailHead(target), detailBody(target)));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = same ? scrolled : 0;
};

const openDetail = (name) => {
  if (!byId("detail").open) detail.opener = document.activeElement;
  hideTip();
  filter.target = name;
  writeAddress();
  drawDetail(page.model);
};

/* In the order of the table. */
const openBeside = (step) => {
  const place = rows.sorted.findIndex((target) => target.name === filter.target);
  const target = rows.sorted[place + step];
  if (target) openDetail(target.name);
};

const listenToDetail = () => {
  const dialog = byId("detail");
  dialog.addEventListener("close", () => {
    filter.target = "";
    dialog.target = null;
    writeAddress();
    if (detail.opener?.isConnected) detail.opener.focus({ preventScroll: true });
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
};
