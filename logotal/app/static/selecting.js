// What is selected, and how the selection moves.

import { describe, describePlace, find, selectedItem } from "/static/items.js";
import { reveal } from "/static/lanes.js";
import { now, seek } from "/static/player.js";
import { refresh, say, state } from "/static/state.js";

/** Selects the item of a key, or nothing, and says so. */
export function select(key) {
  state.selected = key;
  const item = find(key);
  if (item) reveal(item.start, item.end);
  if (item) say(describePlace(item));
  refresh();
}

/** Selects an item and shows its beginning in the video. */
function goTo(item) {
  if (!item) return;
  seek(item.start);
  select(item.key);
}

/** Selects the action after or before the selected one or, where none is, after or before the playhead. */
export function moveSelection(step) {
  const { items } = state, at = items.findIndex(({ key }) => key === state.selected);
  if (!items.length) return say("There is no action yet: press S at the start of one, and E at its end.");
  const next = at >= 0 ? at + step
    : step > 0 ? items.findIndex(({ start }) => start >= now()) : items.findLastIndex(({ start }) => start <= now());
  goTo(items[Math.min(Math.max(next, 0), items.length - 1)]);
}

/** Selects the first or the last. */
export const selectFirst = () => goTo(state.items[0]);
export const selectLast = () => goTo(state.items.at(-1));

/** Selects the draft that begins at a time or later, or else the first. */
export function selectDraftFrom(time, sentence) {
  const drafts = state.items.filter(({ kind }) => kind === "draft");
  const next = drafts.find(({ start }) => start >= time) ?? drafts[0];
  if (next) goTo(next); else select(null);
  say(next ? `${sentence} Next: ${describePlace(next)}` : `${sentence} No draft is left.`);
}

/** The selected item where it is of these kinds; otherwise says what to do and gives null. */
export function selectedOf(kinds, advice) {
  const item = selectedItem();
  if (item && kinds.includes(item.kind)) return item;
  say(item ? `${describe(item)}: ${advice}` : `Nothing is selected: ${advice}`);
  return null;
}
