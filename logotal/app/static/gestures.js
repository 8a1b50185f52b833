// Mouse and touch on the lanes: a bar or its edge is dragged, a new action is drawn, a click selects or seeks.
//
// A gesture changes the preview only, and makes one edit at its end. A bar that is dragged onto another lane gets its
// label. A finger moves what is selected; elsewhere it scrolls, as everywhere on the page, unless it was held still:
// then it draws a new action, or moves the bar below it.

import { change, endEditing } from "/static/changing.js";
import { find, isMoment } from "/static/items.js";
import { box, itemsAt, laneAt, timeAt } from "/static/lanes.js";
import { add, chooseLabel } from "/static/marking.js";
import { $ } from "/static/navigation.js";
import { now, seek } from "/static/player.js";
import { select } from "/static/selecting.js";
import { snapped, snappedSpan } from "/static/snapping.js";
import { refresh, say, state } from "/static/state.js";

const MOUSE = { still: 3, edge: 6, near: 4 }, TOUCH = { still: 10, edge: 16, near: 10 }; // pixels
const HOLD = 500; // milliseconds
const surface = $("drawing");
let gesture = null;

const reach = (event) => (event.pointerType === "touch" ? TOUCH : MOUSE);

function place(event) {
  const frame = surface.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
}

/** Which part of an item lies at x: an edge, or both for the whole. */
function partAt(item, x, near) {
  if (isMoment(item)) return "both";
  const { x: left, width } = box(item), edge = Math.min(near, width / 3);
  if (x <= left + edge) return "start";
  return x >= left + width - edge ? "end" : "both";
}

/** The item that a press takes: the selected one where it lies there, otherwise the shortest. */
function taken(event) {
  const { x, y } = place(event), found = itemsAt(x, y, reach(event).near);
  return { found, item: found.find(({ key }) => key === state.selected) ?? found[0] };
}

function press(event) {
  if (event.button !== 0 || gesture) return;
  endEditing();
  const { x, y } = place(event), { found, item } = taken(event), touch = event.pointerType === "touch";
  gesture = { pointer: event.pointerId, x, y, moved: false, found, item, was: state.selected, touch };
  if (item) Object.assign(gesture, { part: partAt(item, x, reach(event).edge), from: timeAt(x) });
  else gesture.from = snapped(timeAt(x), null, event.altKey);
  gesture.label = item ? undefined : laneAt(y)?.label;
  if (mayScroll()) return waitForHold();
  surface.setPointerCapture(event.pointerId);
  if (item && item.key !== state.selected) select(item.key);
}

/** Whether the gesture is that of a finger with which the browser may still scroll. */
const mayScroll = () => gesture.touch && !gesture.held && gesture.item?.key !== state.selected;

function waitForHold() {
  if (gesture.item || gesture.label) gesture.timer = setTimeout(hold, HOLD);
}

/** The finger was held still: from now on it moves the bar below it, or draws. */
function hold() {
  gesture.held = true;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(15);
  if (gesture.item) return select(gesture.item.key);
  state.preview = drawn(gesture, gesture.from);
  say(`Drag to mark: ${gesture.label}.`);
  refresh();
}

function move(event) {
  if (!gesture) return hover(event);
  if (event.pointerId !== gesture.pointer) return;
  const { x, y } = place(event), label = labelAt(gesture, y);
  const far = Math.hypot(x - gesture.x, gesture.touch ? y - gesture.y : 0);
  gesture.moved ||= far > reach(event).still || label !== gesture.item?.label;
  if (!gesture.moved) return;
  if (mayScroll()) return clearTimeout(gesture.timer);
  state.preview = gesture.item
    ? { ...dragged(gesture, timeAt(x), event.altKey), label }
    : drawn(gesture, timeAt(x), event.altKey);
  refresh();
}

/** The label of a dragged bar when the pointer is at y; the edges of one, and ignored spans, stay in their lane. */
function labelAt({ item, part }, y) {
  if (part !== "both" || item.kind === "ignored") return item?.label;
  return laneAt(y)?.label ?? item.label;
}

/** Where the item of a gesture is when the pointer is at a time. */
function dragged({ item, part, from }, time, free) {
  const { key, start, end } = item, by = time - from, frame = 1 / state.video.fps;
  if (part === "both") return { key, ...snappedSpan(start + by, end + by, key, free) };
  if (part === "start") return { key, start: Math.min(snapped(start + by, key, free), end - frame), end };
  return { key, start, end: Math.max(snapped(end + by, key, free), start + frame) };
}

/** The new action of a gesture on an empty lane. */
function drawn({ from, label }, time, free) {
  if (!label) return null;
  const to = snapped(time, null, free);
  const [start, end] = state.video.moments ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  return { key: "new", kind: "action", label, start, end };
}

function release(event) {
  if (event.pointerId !== gesture?.pointer) return;
  const { item, moved, label } = gesture, { preview } = state, ended = gesture;
  drop();
  if (!moved) click(ended, place(event).x);
  else if (preview && item) keep(preview);
  else if (preview && (preview.end > preview.start || state.video.moments)) {
    if (label !== state.label) chooseLabel(label);
    add(preview.start, preview.end);
  }
}

function keep({ key, start, end, label }) {
  const item = find(key);
  if (item) change(item, { start, end, label });
}

/** A click selects and goes there, and a second one takes what lies below; beside all bars it moves the playhead. */
function click({ item, found, was, touch }, x) {
  if (!item) {
    select(null);
    return seek(timeAt(x));
  }
  const below = found[(found.indexOf(item) + 1) % found.length];
  const next = item.key === was && !touch ? below : item;
  select(next.key);
  if (now() < next.start || now() > next.end) seek(next.start);
}

function hover(event) {
  const { found, item } = taken(event), part = item && partAt(item, place(event).x, reach(event).edge);
  surface.style.cursor = !found.length ? "crosshair" : part === "both" ? "grab" : "ew-resize";
}

/** Gives up the gesture that is going on; whether there was one. */
export function cancelGesture() {
  if (!gesture) return false;
  if (state.preview) say("Not changed.");
  drop();
  return true;
}

function drop() {
  clearTimeout(gesture?.timer);
  gesture = state.preview = null;
  refresh();
}

/** Keeps the browser from scrolling with a finger that takes what is selected, or was held. */
function keepFromScrolling(event) {
  if (gesture?.touch && !mayScroll() && event.cancelable) event.preventDefault();
}

/** Keeps the browser from showing what it can do with a picture, which a finger that is held asks for. */
function keepFromMenu(event) {
  if (gesture?.touch || event.pointerType === "touch") event.preventDefault();
}

export function listenToGestures() {
  surface.addEventListener("pointerdown", press);
  surface.addEventListener("pointermove", move);
  surface.addEventListener("pointerup", release);
  surface.addEventListener("pointercancel", drop);
  surface.addEventListener("contextmenu", keepFromMenu);
  for (const name of ["touchstart", "touchmove"]) {
    surface.addEventListener(name, keepFromScrolling, { passive: false });
  }
}
