/* Text: makes elements and writes numbers, times and names. What comes from the data becomes text nodes and
   attribute values here, never markup. */

const byId = (id) => document.getElementById(id);

/* element("p", {class: "hint", onclick: f}, "text", child): null children are left out. */
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

const SVG = "http://www.w3.org/2000/svg";
const drawn = (tag, attributes = {}, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

/* ---- Numbers and times ---- */

const number = (value) => value.toLocaleString("en");
const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;
const targetsWord = (value) => counted(value, "target");

/* As the text report writes durations. */
const duration = (milliseconds) => {
  if (milliseconds < 100) return `${Math.floor(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const two = (value) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(milliseconds / 60000);
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
};

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "UTC",
});
const clock = (time) => CLOCK.format(time);
const moment = (time) => `${DAY.format(time)}, ${clock(time)} UTC`;

/* A moment whose tooltip is the reader's own time. */
const timeElement = (time, write = moment) =>
  element("time", { datetime: new Date(time).toISOString(), title: new Date(time).toLocaleString() }, write(time));

const list = (values, most = 3) => {
  const rest = values.length - most;
  return rest > 1 ? `${values.slice(0, most).join(", ")} and ${number(rest)} more` : values.join(", ");
};

/* Heads as a reader says them: none is the base. */
const headsText = (heads) => (heads ? heads.join(", ") || "base" : "not read");

/* ---- Parts that many views use ---- */

const mark = (state, attributes = {}) => element("span", { class: "mark", "data-state": state, ...attributes });
const tag = (state) => element("span", { class: "tag" }, mark(state, { "aria-hidden": "true" }), STATES[state].label);

/* Proportions of states, worst first; what it says is its label. */
const stateBar = (bar, counts, total) => {
  const parts = STATE_NAMES.filter((name) => counts[name]);
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", parts.map((name) => `${number(counts[name])} ${STATES[name].label}`).join(", ") || "no targets");
  bar.replaceChildren(...parts.map((name) => {
    const part = element("span", { "data-state": name, title: `${number(counts[name])} ${STATES[name].label}` });
    part.style.flex = `${counts[name] / total} 1 0`;
    return part;
  }));
  return bar;
};

const copyButton = (text) => {
  const button = element("button", { type: "button", "data-key": "copy" }, "Copy");
  button.addEventListener("click", async () => {
    const copied = await copyText(text);
    button.textContent = copied ? "Copied" : "Select and copy it";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
};

/* A page opened from a file has no clipboard in some browsers: the old way then. */
const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "unseen", "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
};

const announce = (text) => { byId("announce").textContent = text; };
