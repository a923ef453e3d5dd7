/* Timeline: when each worker did which target, on a canvas; zoomed by dragging, wheel-free, or by keys. What it shows as a
   picture is in the table of targets as words. */

const AXIS = 24;
const WAVE_ROW = 20;
const TICK = 96; /* least distance of two labels, in pixels */
const LEAST_SPAN = 5; /* milliseconds */
const TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000,
  900000, 1800000, 3600000, 7200000, 14400000, 43200000, 86400000];
const timeline = { from: null, to: null, lanes: 1, laneOf: [], drag: null, model: null, colors: null };

/* ---- Lanes ---- */

/* A lane for each worker. Who is at work is not recorded until a target is over, and not at all in old records: such
   targets go where there is room, into as few lanes as hold all. */
const layLanes = (model) => {
  const known = model.started.filter((target) => target.worker);
  const workers = [...new Set(known.map((target) => target.worker))].sort((a, b) => a - b);
  const lanes = new Map(workers.map((worker, place) => [worker, place]));
  const ends = workers.map(() => 0);
  timeline.known = workers.length > 0;
  timeline.laneOf = new Array(model.targets.length).fill(0);
  const put = (target, lane) => {
    timeline.laneOf[target.place] = lane;
    ends[lane] = Math.max(ends[lane] ?? 0, barEnd(model, target));
  };
  for (const target of known) put(target, lanes.get(target.worker));
  for (const target of model.started.filter((one) => !one.worker).sort((a, b) => a.started - b.started)) {
    const free = ends.findIndex((end) => end <= target.started);
    put(target, free < 0 ? ends.length : free);
  }
  timeline.lanes = Math.max(1, ends.length);
};

const barEnd = (model, target) => (target.state === "running" ? model.end : target.started + (target.took ?? 0));
const laneHeight = () => Math.max(4, Math.min(22, Math.floor(380 / timeline.lanes)));

/* ---- Drawing ---- */

/* The page's colours as a canvas takes them: asked of an element, for they differ in light and dark. */
const readColors = () => {
  const probe = element("span", { hidden: true });
  document.body.append(probe);
  const resolve = (value) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const colors = { text: resolve("var(--text)"), muted: resolve("var(--muted)"), line: resolve("var(--line)"),
    accent: resolve("var(--accent)"), sunken: resolve("var(--sunken)"), good: resolve("var(--good)"), bad: resolve("var(--bad)"), states: {} };
  for (const name of STATE_NAMES) {
    probe.dataset.state = name;
    colors.states[name] = resolve("var(--state)");
  }
  probe.remove();
  return colors;
};

const prepareCanvas = (canvas, height) => {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.font = "11px system-ui, sans-serif";
  return { context, width, height };
};

const tickText = (time, step) => (step < 1000 ? `+${duration(time - timeline.model.begin)}` : clock(time));

const drawAxis = ({ context, width, height }, x) => {
  const { colors } = timeline;
  const span = timeline.to - timeline.from;
  const step = TICKS.find((tick) => (tick / span) * width >= TICK) ?? TICKS[TICKS.length - 1];
  context.strokeStyle = colors.line;
  context.fillStyle = colors.muted;
  context.textBaseline = "alphabetic";
  for (let time = Math.ceil(timeline.from / step) * step; time <= timeline.to; time += step) {
    const at = Math.round(x(time)) + 0.5;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height - AXIS + 5);
    context.stroke();
    if (at < width - 60) context.fillText(tickText(time, step), at + 3, height - 7);
  }
};

/* Where each wave began, its soak as a tinted stretch, its gates as ticks in green or red. */
const drawWaveSpans = ({ context, width, height }, x) => {
  const { colors, model } = timeline;
  let free = -Infinity;
  model.waves.forEach((wave, place) => {
    if (!wave.started) return;
    const at = x(wave.started);
    if (wave.soak_until && wave.finished) {
      context.fillStyle = colors.sunken;
      context.fillRect(x(wave.finished), WAVE_ROW, x(wave.soak_until) - x(wave.finished), height - AXIS - WAVE_ROW);
    }
    context.fillStyle = colors.text;
    context.fillRect(Math.round(at), 0, 1, height - AXIS);
    const label = `${place + 1} ${wave.name}`;
    if (at >= free && at < width) {
      context.fillText(label, at + 5, 13);
      free = at + 15 + context.measureText(label).width;
    }
    for (const gate of wave.gates.filter((one) => one.started)) {
      context.fillStyle = gate.passed ? colors.good : colors.bad;
      context.fillRect(x(gate.started), WAVE_ROW - 4, Math.max(2, (gate.took / (timeline.to - timeline.from)) * width), 3);
    }
  });
};

const drawBars = ({ context, width }, x, top) => {
  const { colors, model } = timeline;
  const height = laneHeight();
  for (const target of model.started) {
    const left = x(target.started);
    const right = x(barEnd(model, target));
    if (right < 0 || left > width) continue;
    const whole = isBad(target) || target.state === "running"; /* told by height too, not by colour alone */
    const inset = whole || height < 6 ? 0.5 : Math.max(1, height * 0.2);
    context.globalAlpha = shown(target) ? 1 : 0.15;
    context.fillStyle = colors.states[target.state];
    context.fillRect(left, top + timeline.laneOf[target.place] * height + inset,
      Math.max(1.2, right - left - (right - left > 4 ? 1 : 0)), height - 2 * inset);
  }
  context.globalAlpha = 1;
};

const drawTimelineNow = () => {
  const { model } = timeline;
  const canvas = byId("timeline-canvas");
  const top = model.waves.length ? WAVE_ROW : 4;
  const area = prepareCanvas(canvas, top + timeline.lanes * laneHeight() + AXIS);
  const x = (time) => ((time - timeline.from) / (timeline.to - timeline.from)) * area.width;
  timeline.colors ??= readColors();
  drawAxis(area, x);
  drawWaveSpans(area, x);
  drawBars(area, x, top);
  if (timeline.drag) {
    const [a, b] = [timeline.drag.from, timeline.drag.to];
    area.context.globalAlpha = 0.2;
    area.context.fillStyle = timeline.colors.accent;
    area.context.fillRect(Math.min(a, b), 0, Math.abs(b - a), area.height - AXIS);
    area.context.globalAlpha = 1;
  }
};

const drawTimeline = (model) => {
  const part = byId("timeline-canvas");
  const whole = timeline.from === null || timeline.model?.run.id !== model.run.id || (timeline.from === timeline.model?.begin && timeline.to === timeline.model?.end);
  if (timeline.model !== model) layLanes(model);
  timeline.model = model;
  if (whole) Object.assign(timeline, { from: model.begin, to: Math.max(model.end, model.begin + LEAST_SPAN) });
  part.hidden = byId("timeline-keys").hidden = model.started.length === 0;
  byId("timeline-summary").textContent = timelineText(model);
  if (model.started.length) drawTimelineNow();
};

const timelineText = (model) => {
  if (!model.started.length) return "No target was started.";
  const lanes = timeline.known ? counted(timeline.lanes, "worker") : `${counted(timeline.lanes, "lane")} (workers were not recorded)`;
  const zoomed = timeline.from !== model.begin || timeline.to !== model.end;
  const stretch = zoomed ? `, shown from ${clock(timeline.from)} to ${clock(timeline.to)} UTC` : "";
  return `${targetsWord(model.started.length)} on ${lanes} in ${duration(model.end - model.begin)}${stretch}.`;
};

/* ---- Zoom ---- */

const zoomTo = (from, to) => {
  const { model } = timeline;
  const span = Math.min(Math.max(to - from, LEAST_SPAN), model.end - model.begin);
  timeline.from = Math.max(model.begin, Math.min(from, model.end - span));
  timeline.to = timeline.from + span;
  byId("timeline-summary").textContent = timelineText(model);
  drawTimelineNow();
};

const zoomBy = (factor) => {
  const middle = (timeline.from + timeline.to) / 2;
  const half = ((timeline.to - timeline.from) * factor) / 2;
  zoomTo(middle - half, middle + half);
};

const moveBy = (share) => {
  const step = (timeline.to - timeline.from) * share;
  zoomTo(timeline.from + step, timeline.to + step);
};

const wholeRun = () => zoomTo(timeline.model.begin, timeline.model.end);
const TIMELINE_KEYS = {
  "+": () => zoomBy(0.5), "=": () => zoomBy(0.5), "-": () => zoomBy(2), ArrowLeft: () => moveBy(-0.2), ArrowRight: () => moveBy(0.2),
  0: wholeRun, Escape: wholeRun,
};

const targetAt = (event) => {
  const canvas = byId("timeline-canvas");
  const { model } = timeline;
  const box = canvas.getBoundingClientRect();
  const lane = Math.floor((event.clientY - box.top - (model.waves.length ? WAVE_ROW : 4)) / laneHeight());
  const perPixel = (timeline.to - timeline.from) / box.width;
  const time = timeline.from + (event.clientX - box.left) * perPixel;
  return model.started.find((target) => timeline.laneOf[target.place] === lane &&
    time >= target.started - 2 * perPixel && time <= barEnd(model, target) + 2 * perPixel);
};

const endDrag = (event) => {
  const { drag } = timeline;
  timeline.drag = null;
  if (!drag) return;
  const box = byId("timeline-canvas").getBoundingClientRect();
  const time = (at) => timeline.from + (at / box.width) * (timeline.to - timeline.from);
  if (Math.abs(drag.to - drag.from) > 5) {
    zoomTo(time(Math.min(drag.from, drag.to)), time(Math.max(drag.from, drag.to)));
    return;
  }
  const target = targetAt(event);
  if (target) openDetail(target.name);
  drawTimelineNow();
};

const followPointer = (event) => {
  if (timeline.drag) {
    timeline.drag.to = event.offsetX;
    hideTip();
    drawTimelineNow();
    return;
  }
  const target = targetAt(event);
  if (target) showTip(target, event.clientX, event.clientY);
  else hideTip();
};

const listenToTimeline = () => {
  const canvas = byId("timeline-canvas");
  canvas.addEventListener("pointerdown", (event) => {
    timeline.drag = { from: event.offsetX, to: event.offsetX };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", followPointer);
  canvas.addEventListener("pointerup", endDrag);
  canvas.addEventListener("pointercancel", () => { timeline.drag = null; });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !TIMELINE_KEYS[event.key]) return;
    TIMELINE_KEYS[event.key]();
    event.preventDefault();
  });
  byId("timeline-in").addEventListener("click", () => zoomBy(0.5));
  byId("timeline-out").addEventListener("click", () => zoomBy(2));
  byId("timeline-all").addEventListener("click", wholeRun);
  new ResizeObserver(() => { if (timeline.model?.started.length) drawTimelineNow(); }).observe(canvas.parentElement);
};
