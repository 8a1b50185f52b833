// Times that a dragged edge snaps to: the playhead, onsets of sounds, edges of other bars, and otherwise frames.

import { view } from "/static/lanes.js";
import { frameAt, frameNow, tidy } from "/static/player.js";
import { state } from "/static/state.js";

const REACH = 6; // pixels

/** The nearest time in reach, other than those of the item itself, or null. */
function target(time, key) {
  const edges = state.items.filter((item) => item.key !== key).flatMap(({ start, end }) => [start, end]);
  const away = (other) => Math.abs(other - time) * view.scale;
  let best = null;
  for (const other of [frameNow(), ...state.sound.onsets, ...edges]) {
    if (away(other) <= REACH && (best === null || away(other) < away(best))) best = other;
  }
  return best;
}

const inside = (time) => tidy(Math.min(Math.max(time, 0), state.video.duration));

/** A time as it snaps, or as it is where the person wants it free. */
export function snapped(time, key, free) {
  return free ? inside(time) : target(time, key) ?? frameAt(time);
}

/** A span as it snaps as a whole: by its start, otherwise by its end. */
export function snappedSpan(start, end, key, free) {
  const length = end - start, fits = (time) => Math.min(Math.max(time, 0), state.video.duration - length);
  let first = start;
  if (!free) {
    const byEnd = target(end, key);
    first = target(start, key) ?? (byEnd === null ? frameAt(start) : byEnd - length);
  }
  return { start: tidy(fits(first)), end: tidy(fits(first) + length) };
}
