// Draws the lanes: a bar for each action, a hollow one for each draft, what is not labelled, what is selected.

import { colours, emptied } from "/static/canvas.js";
import { isMoment, seen, selectedItem } from "/static/items.js";
import { colourNumbers } from "/static/labels.js";
import { box, narrow, view, width, xOf } from "/static/lanes.js";
import { $ } from "/static/navigation.js";
import { ticks } from "/static/ruler.js";
import { state } from "/static/state.js";

const KNOB = 4.5, HATCH = 10; // pixels: of a moment's knob, and between the lines of what is not labelled
const ROOM = 34; // pixels that a score needs inside a bar
let brush = null, colour = null, inkOf = null;

/** Draws all that is in sight; the playhead lies above and is not drawn. */
export function drawLanes() {
  brush = emptied($("drawing"), width(), view.bottom);
  colour = colours();
  const numbers = colourNumbers(state.video.labels);
  inkOf = (label) => (label === null ? colour.quiet : colour.inks[numbers.get(label)]);
  drawGrid();
  for (const [start, end] of unlabelled()) hatch(start, end, colour.line);
  for (const [start, end] of state.video.state.ignored) shade(start, end);
  drawItems();
  if (narrow.matches) drawNames();
  if (state.open !== null) drawOpen();
  if (state.preview?.key === "new") drawNew({ kind: "action", ...state.preview });
  const selected = selectedItem();
  if (selected) drawSelected(selected);
}

function drawGrid() {
  brush.fillStyle = colour.grid;
  for (const { x } of ticks()) brush.fillRect(x, 0, 1, view.bottom);
  brush.fillStyle = colour.line;
  for (const lane of view.lanes.slice(1)) brush.fillRect(0, lane.top, width(), 1);
}

/** The spans of the video that nobody says are complete. */
function unlabelled() {
  const spans = [], labelled = [...state.video.state.labelled].sort((a, b) => a[0] - b[0]);
  let from = 0;
  for (const [start, end] of [...labelled, [state.video.duration, Infinity]]) {
    if (start > from + 1e-3) spans.push([from, start]);
    from = Math.max(from, end);
  }
  return spans;
}

function inside(start, end) {
  const left = Math.max(xOf(start), 0), right = Math.min(xOf(end), width());
  return { left, right, wide: right - left };
}

function hatch(start, end, ink) {
  const { left, right, wide } = inside(start, end);
  if (wide <= 0) return;
  brush.save();
  brush.beginPath();
  brush.rect(left, 0, wide, view.bottom);
  brush.clip();
  brush.beginPath();
  const origin = xOf(0), first = origin + Math.floor((left - view.bottom - origin) / HATCH) * HATCH;
  for (let x = first; x < right; x += HATCH) { // the lines move with the video
    brush.moveTo(x, view.bottom);
    brush.lineTo(x + view.bottom, 0);
  }
  brush.strokeStyle = ink;
  brush.globalAlpha = 0.55;
  brush.stroke();
  brush.restore();
}

function shade(start, end) {
  const { left, wide } = inside(start, end);
  if (wide <= 0) return;
  brush.globalAlpha = 0.2;
  brush.fillStyle = colour.quiet;
  brush.fillRect(left, 0, wide, view.bottom);
  brush.globalAlpha = 1;
}

/** Draws the bars, lane by lane; of those narrower than a pixel, one on each pixel of a row. */
function drawItems() {
  for (const { items } of view.lanes) {
    const drawn = [];
    for (const item of items) {
      const place = box(item);
      if (place.x > width() + KNOB || place.x + place.width < -KNOB) continue;
      const pixel = Math.floor(place.x);
      if (place.width < 1 && drawn[item.row] === pixel) continue;
      if (place.width < 1) drawn[item.row] = pixel;
      drawBar(item, place);
    }
  }
}

function drawBar(item, place, weak = false) {
  brush.globalAlpha = weak || (item.kind === "draft" && item.score < state.least) ? 0.5 : 1;
  brush.fillStyle = brush.strokeStyle = inkOf(seen(item).label);
  if (isMoment(seen(item))) drawMoment(item, place);
  else if (item.kind === "action") fillBar(place);
  else drawHollow(item, place);
  brush.globalAlpha = 1;
}

function fillBar({ x, y, width: wide, height }) {
  if (wide < 4) return brush.fillRect(x, y, Math.max(wide, 1), height);
  brush.beginPath();
  brush.roundRect(x, y, wide, height, 3);
  brush.fill();
}

function drawHollow(item, { x, y, width: wide, height }) {
  if (wide < 4) return brush.fillRect(x, y + height / 4, Math.max(wide, 1), height / 2);
  brush.lineWidth = 1.5;
  brush.setLineDash(item.kind === "ignored" ? [4, 3] : []);
  brush.beginPath();
  brush.roundRect(x + 0.75, y + 0.75, wide - 1.5, height - 1.5, 3);
  brush.fillStyle = colour.panel;
  brush.fill();
  brush.stroke();
  brush.setLineDash([]);
  if (item.kind === "draft" && wide >= ROOM) writeScore(item, x + wide / 2, y + height / 2);
}

function writeScore(item, x, y) {
  brush.globalAlpha = 1;
  brush.fillStyle = colour.text;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(item.score.toFixed(2), x, y + 1);
}

/** A moment is a thin mark with a knob, which is hollow where it is a draft. */
function drawMoment(item, { x, y, height }) {
  brush.fillRect(x - 1, y, 2, height);
  brush.beginPath();
  brush.arc(x, y + KNOB, KNOB, 0, 2 * Math.PI);
  brush.fill();
  if (item.kind === "action") return;
  brush.beginPath();
  brush.arc(x, y + KNOB, KNOB - 1.5, 0, 2 * Math.PI);
  brush.fillStyle = colour.panel;
  brush.fill();
}

/** On a phone the names stand in the lanes. */
function drawNames() {
  brush.fillStyle = colour.text;
  brush.textAlign = "left";
  brush.textBaseline = "middle";
  for (const { label, top } of view.lanes) brush.fillText(label ?? "ignored", 8, top + 10);
}

/** An action that is not there yet, where its label has a lane. */
function drawNew(item) {
  const place = box(item);
  if (place) drawBar(item, place, true);
}

/** The action that has begun and has no end yet. */
function drawOpen() {
  const [start, end] = [state.open, state.now].sort((a, b) => a - b);
  const item = { kind: "action", label: state.label, start, end: Math.max(end, start + 1 / state.video.fps) };
  drawNew(item);
  brush.fillStyle = colour.accent;
  brush.fillRect(xOf(state.open) - 1, 0, 2, view.bottom);
}

function drawSelected(item) {
  const place = box(item);
  if (!place) return;
  const round = isMoment(seen(item)) ? KNOB : 0;
  const { x, y, width: wide, height } = { ...place, x: place.x - round, width: Math.max(place.width, 1) + 2 * round };
  brush.strokeStyle = colour.text;
  brush.lineWidth = 2;
  brush.beginPath();
  brush.roundRect(x - 2, y - 2, wide + 4, height + 4, 4);
  brush.stroke();
  brush.fillStyle = colour.accent;
  if (state.editing === "start" || state.editing === "both") brush.fillRect(x - 3, y - 4, 4, height + 8);
  if (state.editing === "end" || state.editing === "both") brush.fillRect(x + wide - 1, y - 4, 4, height + 8);
}
