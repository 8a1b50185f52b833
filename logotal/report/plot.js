// Geometry and drawing of one video's lanes. Nothing here knows the controls of the page.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const AXIS = 28, PAD = 6, GAP = 3, TRUTH = 9, NAME = 17, EMPTY = 56;
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/** The seconds between ticks that leave each `room` pixels. */
function tickStep(pixelsPerSecond, room) {
  const step = STEPS.find((seconds) => seconds * pixelsPerSecond >= room);
  return step || 3600 * 2 ** Math.ceil(Math.log2(room / pixelsPerSecond / 3600));
}

/** Seconds as m:ss or h:mm:ss, with `digits` after the point. */
function clock(seconds, digits = 0) {
  const scale = 10 ** digits;
  const whole = Math.round(Math.abs(seconds) * scale);
  const minutes = Math.floor(whole / (60 * scale));
  const rest = (whole / scale - minutes * 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const hours = Math.floor(minutes / 60);
  const start = hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}` : String(minutes);
  return `${seconds < 0 && whole ? "−" : ""}${start}:${rest}`;
}

const PREDICTED = 5, TRUE = 4; // numbers of an action in the data, of which a prediction's last is its score

/** The actions of a video of the data, in the order of time: [start, end, label, row, score] and [start, end, label, row]. */
function readActions(video, labels, colors) {
  const actions = [];
  const read = (numbers, width, truth) => {
    for (let i = 0; i < numbers.length; i += width) {
      const label = numbers[i + 2];
      actions.push({
        start: numbers[i], end: numbers[i + 1], label: labels[label], color: colors[label],
        row: numbers[i + 3], score: truth ? null : numbers[i + 4], truth,
      });
    }
  };
  read(video.predictions, PREDICTED, false);
  read(video.truths || [], TRUE, true);
  return actions.sort((a, b) => a.start - b.start || a.end - b.end || a.truth - b.truth);
}

/** Pixels of a bar in a lane of so many rows; `few` is whether there are few lanes. */
const barHeight = (rows, few) => rows > 3 ? 10 : rows > 1 ? 14 : few ? 28 : 18;

/** The lanes of the labels that occur in `actions`, in alphabetical order, and the height of them all. */
function layLanes(actions, withTruth, narrow) {
  const lanes = new Map();
  for (const { label, color, truth, row } of actions) {
    if (!lanes.has(label)) lanes.set(label, { label, color, rows: 1, truths: withTruth ? 1 : 0 });
    const lane = lanes.get(label), kind = truth ? "truths" : "rows";
    lane[kind] = Math.max(lane[kind], row + 1);
  }
  const ordered = [...lanes.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
  let top = 0;
  for (const lane of ordered) {
    const height = barHeight(lane.rows, ordered.length <= 3);
    lane.top = top;
    lane.bar = { y: top + (narrow ? NAME + 2 : PAD), height };
    const under = lane.bar.y + lane.rows * (height + 2) - 2;
    lane.truth = { y: under + GAP + 0.5, height: TRUTH - 1 };
    lane.height = under + (lane.truths ? GAP + lane.truths * (TRUTH + 1) - 1 : 0) + PAD - top;
    top += lane.height;
  }
  return { lanes: ordered, byLabel: lanes, bottom: ordered.length ? top : EMPTY };
}

/** Puts weak scores below strong ones and long actions below short ones: the order of drawing. */
function drawingOrder(actions) {
  return [...actions].sort((a, b) => a.score - b.score || b.end - b.start - (a.end - a.start));
}

function element(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (parent) parent.append(node);
  return node;
}

function hatch(id, ink, parent) {
  const attributes = { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const pattern = element("pattern", attributes, parent);
  element("line", { class: `hatch ${ink}`, x1: 1, y1: 0, x2: 1, y2: 5 }, pattern);
}

/** Whether it happens at one time: forms that have no room for that give it a millisecond. */
function isMoment(action) {
  return action.end - action.start < 0.0015;
}

/** What an action is, in one line of plain text. */
function describe(action) {
  const kind = action.truth ? "truth" : `score ${action.score.toFixed(2)}`;
  const times = isMoment(action) ? [action.start] : [action.start, action.end];
  return `${action.label}, ${times.map((time) => time.toFixed(2)).join(" to ")} s, ${kind}`;
}

/** The places of the ticks, and what is written there. */
function ticks(view) {
  const step = tickStep(view.scale, view.width < 500 ? 64 : 88), digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
  const from = view.first + view.left / view.scale, last = Math.min(from + view.width / view.scale, view.last);
  const found = [];
  for (let k = Math.ceil(from / step - 1e-6); k * step <= last + 1e-9; k++) {
    found.push({ x: Math.round(view.x(k * step)) + 0.5, text: clock(k * step, digits) });
  }
  return found;
}

/** The axis is a drawing of its own: it stays in sight above many lanes. */
function drawAxis(svg, view) {
  const axis = document.createDocumentFragment();
  for (const { x, text } of ticks(view)) {
    element("line", { class: "grid", x1: x, x2: x, y1: AXIS - 8, y2: AXIS }, axis);
    element("text", { class: "tick", x: x + 4, y: AXIS - 11 }, axis).textContent = text;
  }
  svg.replaceChildren(axis);
}

function box(action, layout, view) {
  const lane = layout.byLabel.get(action.label);
  const x = view.x(action.start);
  const { y, height } = action.truth ? lane.truth : lane.bar;
  const down = action.row * (height + 2);
  return { x, y: y + down, height, width: Math.max((action.end - action.start) * view.scale, 2), rx: 2 };
}

/** The actions of which something can be seen, in the order of drawing: of thousands, many lie on one pixel. */
function visible(shown, layout, view) {
  const covered = new Map();
  const seen = shown.toReversed().filter((action) => {
    const place = box(action, layout, view);
    const from = Math.max(Math.round(place.x), 0), to = Math.min(Math.round(place.x + place.width), view.width);
    if (place.x > view.width || place.x + place.width < 0) return false;
    if (action.truth) return true;
    if (!covered.has(place.y)) covered.set(place.y, new Uint8Array(view.width));
    const pixels = covered.get(place.y);
    if (from < to && !pixels.subarray(from, to).includes(0)) return false;
    pixels.fill(1, Math.max(from - 1, 0), to + 1); // a sliver of a pixel cannot be told apart either
    return true;
  });
  return seen.reverse();
}

/** Draws what `view` shows of the `shown` actions, and the `selected` one on top. */
function draw(svg, view, layout, shown, selected) {
  const drawing = document.createDocumentFragment();
  const definitions = element("defs", {}, drawing);
  for (const color of new Set(layout.lanes.map((lane) => lane.color))) hatch(`hatch-${color}`, `ink-${color}`, definitions);
  for (const { x } of ticks(view)) element("line", { class: "grid", x1: x, x2: x, y1: 0, y2: layout.bottom }, drawing);
  for (const lane of layout.lanes.slice(1)) {
    element("line", { class: "row", x1: 0, x2: view.width, y1: lane.top - 0.5, y2: lane.top - 0.5 }, drawing);
  }
  for (const action of visible(shown, layout, view)) {
    const place = box(action, layout, view);
    const node = element("rect", { ...place, class: `${action.truth ? "truth" : "prediction"} ink-${action.color}` }, drawing);
    if (action.truth) node.setAttribute("fill", `url(#hatch-${action.color})`);
    else node.style.setProperty("--share", `${15 + 85 * Math.min(Math.max(action.score, 0), 1)}%`);
    element("title", {}, node).textContent = describe(action);
  }
  if (selected) {
    const { x, y, width, height } = box(selected, layout, view);
    element("rect", { class: "selected", x: x - 1, y: y - 1, width: width + 2, height: height + 2, rx: 3 }, drawing);
  }
  svg.replaceChildren(drawing);
}

/** Draws the playhead at `x`, or moves it there: it moves sixty times a second, and the rest need not. */
function drawPlayhead(svg, x, height, knob) {
  let head = svg.querySelector(".head");
  if (!head) {
    head = element("g", { class: "head" }, svg);
    element("line", { class: "playhead", x1: 0, x2: 0, y1: knob ? height - 8 : 0, y2: height }, head);
    if (knob) element("path", { class: "knob", d: `M-5 ${height - 14}h10l-5 8z` }, head);
  }
  head.setAttribute("transform", `translate(${x})`);
}

/** The shown actions at a point of the drawing, the topmost first; a few pixels beside still count. */
function actionsAt(x, y, view, layout, shown) {
  const inside = shown.filter((action) => {
    const place = box(action, layout, view);
    return Math.abs(x - place.x - place.width / 2) <= place.width / 2 + 3 && y >= place.y - 1 && y <= place.y + place.height + 1;
  });
  return inside.reverse();
}

/** The largest tIoU of a prediction with a truth of its label, or null where none has it. */
function bestOverlap(action, actions) {
  let best = null;
  for (const truth of actions) {
    if (!truth.truth || truth.label !== action.label) continue;
    const shared = Math.max(0, Math.min(action.end, truth.end) - Math.max(action.start, truth.start));
    const union = action.end - action.start + truth.end - truth.start - shared;
    best = Math.max(best, union > 0 ? shared / union : 0);
  }
  return best;
}

/** How far the nearest truth of a moment's label is, in seconds, or null where there is none. */
function nearest(moment, actions) {
  const away = actions.filter((truth) => truth.truth && truth.label === moment.label)
    .map((truth) => Math.abs((truth.start + truth.end) / 2 - moment.start));
  return away.length ? Math.min(...away) : null;
}
