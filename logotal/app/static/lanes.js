// Geometry of the lanes: where times and labels lie on the page, zoom and pan.
//
// The spacer is as wide as the whole video, so panning is the browser's own scrolling.

import { seen } from "/static/items.js";
import { $ } from "/static/navigation.js";
import { refresh, state } from "/static/state.js";

const BAR = 22; // pixels of a bar's height
const PAD = 7, GAP = 3, NAME = 18, MOST_ROWS = 6, LEAST = 60;
const MOST_PIXELS = 8e6; // no browser scrolls much more
const scroller = $("lanes");

export const narrow = matchMedia("(max-width: 640px)");
export const view = { scale: 1, lanes: [], byLabel: new Map(), bottom: LEAST };

export const width = () => scroller.clientWidth;
export const xOf = (time) => time * view.scale - scroller.scrollLeft;
export const timeAt = (x) => (x + scroller.scrollLeft) / view.scale;
export const laneOf = (label) => view.byLabel.get(label);
export const laneAt = (y) => view.lanes.find((lane) => y >= lane.top && y < lane.top + lane.height);

/** Lays out a lane for each label: those of the project, then others that occur, then that of ignored spans. */
export function layLanes() {
  const byLabel = new Map(state.video.labels.map((label) => [label, []]));
  const ignored = state.items.filter((item) => item.kind === "ignored");
  for (const item of state.items) if (item.kind !== "ignored") byLabel.get(item.label)?.push(item);
  if (ignored.length) byLabel.set(null, ignored);
  let top = 0;
  view.lanes = [...byLabel].map(([label, items]) => {
    const bar = top + (narrow.matches ? NAME : PAD), rows = stack(items);
    const lane = { label, items, top, bar, height: bar - top + rows * (BAR + GAP) - GAP + PAD };
    top += lane.height;
    return lane;
  });
  view.byLabel = new Map(view.lanes.map((lane) => [lane.label, lane]));
  view.bottom = Math.max(top, LEAST);
  $("spacer").style.height = `${view.bottom}px`;
}

/** Puts items that overlap into rows, one below the other, and gives the number of rows. */
function stack(items) {
  const ends = [0];
  for (const item of items) {
    const free = ends.findIndex((end) => end <= item.start + 1e-6);
    item.row = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
    ends[item.row] = Math.max(ends[item.row] ?? 0, item.end);
  }
  return ends.length;
}

/** Where an item lies on the drawing, or null where its label has no lane. */
export function box(item) {
  const { start, end, label, row = 0 } = seen(item), lane = laneOf(label);
  if (!lane) return null;
  const below = label === item.label ? row : 0; // on another lane it has no row yet
  return { x: xOf(start), y: lane.bar + below * (BAR + GAP), width: (end - start) * view.scale, height: BAR };
}

/** The items at a point of the drawing, the shortest first; `near` pixels beside still count. */
export function itemsAt(x, y, near) {
  const inside = state.items.filter((item) => {
    const place = box(item);
    if (!place || y < place.y - 2 || y > place.y + place.height + 2) return false;
    return x >= place.x - near && x <= place.x + place.width + near;
  });
  return inside.sort((a, b) => a.end - a.start - (b.end - b.start));
}

const fitScale = () => Math.max(width(), 1) / state.video.duration;
const largestScale = () => Math.max(4 * fitScale(), Math.min(1000, MOST_PIXELS / state.video.duration));
export const zoomed = () => view.scale > fitScale() * 1.001;

/** Shows so many pixels for a second, and a time at `x`. */
export function showAt(scale, time, x) {
  view.scale = Math.min(Math.max(scale, fitScale()), largestScale());
  $("spacer").style.width = zoomed() ? `${state.video.duration * view.scale}px` : "100%";
  scroller.scrollLeft = time * view.scale - x;
  refresh();
}

/** Shows so many pixels for a second; the time at `anchor` stays where it is. */
export function setScale(scale, anchor = width() / 2) {
  showAt(scale, timeAt(anchor), anchor);
}

/** Zooms about a time where it is in sight, otherwise about the middle. */
export function zoom(factor, time) {
  setScale(view.scale * factor, inSight(time) ? xOf(time) : undefined);
}

export const fit = () => setScale(0);

/** Keeps the whole video in sight, or the scale, when the page has another width. */
export function keepScale(wasZoomed) {
  setScale(wasZoomed ? view.scale : 0);
}

export const inSight = (time) => xOf(time) >= 0 && xOf(time) <= width();

/** Scrolls by so many pixels. */
export function pan(pixels) {
  scroller.scrollLeft += pixels;
}

/** Scrolls so that a span is in sight. */
export function reveal(start, end) {
  if (inSight(start) && inSight(end)) return;
  const middle = ((start + end) / 2) * view.scale - width() / 2;
  scroller.scrollLeft = Math.min(middle, start * view.scale - 24);
}

/** Turns the page, as it were: the time goes on at the left. */
export function turnTo(time) {
  if (!inSight(time)) pan(xOf(time) - width() / 10);
}
