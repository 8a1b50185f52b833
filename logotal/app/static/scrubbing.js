// A drag on the rows above the lanes moves the playhead.

import { timeAt } from "/static/lanes.js";
import { $ } from "/static/navigation.js";
import { now, seek } from "/static/player.js";

const rows = $("ruler");
let drag = null; // {pointer, from}: what drags, and where the playhead was before

function press(event) {
  if (drag) return;
  drag = { pointer: event.pointerId, from: now() };
  rows.setPointerCapture(event.pointerId);
  move(event);
}

function move(event) {
  if (event.pointerId === drag?.pointer) seek(timeAt(event.clientX - rows.getBoundingClientRect().left));
}

function release(event) {
  if (event.pointerId === drag?.pointer) drag = null;
}

/** Puts the playhead back to where it was before the drag that is going on. */
export function cancelScrubbing() {
  if (drag) seek(drag.from);
  drag = null;
}

export function listenToScrubbing() {
  rows.addEventListener("pointerdown", press);
  rows.addEventListener("pointermove", move);
  for (const event of ["pointerup", "pointercancel"]) rows.addEventListener(event, release);
}
