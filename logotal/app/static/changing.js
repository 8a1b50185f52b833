// Changes of what is there: times, label, subject, split, merge, delete, undo.

import { answered, fromDraft } from "/static/drafts.js";
import { actionKey, describe, ignoredKey, isMoment, selectedItem } from "/static/items.js";
import { newAction } from "/static/marking.js";
import { frameNow, seek, tidy } from "/static/player.js";
import { select, selectedOf } from "/static/selecting.js";
import { refresh, say, state } from "/static/state.js";

const ALL = ["action", "draft", "ignored"], LABELLED = ["action", "draft"];

/** The action that an item becomes by changes: a draft is corrected by them. */
function changedAction(item, changes) {
  if (item.kind === "draft") return fromDraft(item.draft, changes);
  const origin = item.action.origin === "model" ? "model + person" : item.action.origin;
  return { ...item.action, ...changes, origin };
}

/** The edit by which actions take an item's place. */
function replaced(item, actions) {
  return item.kind === "draft" ? answered(item.draft, actions) : { put: actions };
}

/** Gives an item other times, another label or a subject, and keeps it selected. */
export function change(item, changes) {
  if (Object.keys(changes).every((key) => item[key] === changes[key])) return;
  if (item.kind === "ignored") {
    const span = [changes.start, changes.end];
    state.video.edit({ ignored: { remove: [[item.start, item.end]], add: [span] } }, "moving");
    return select(ignoredKey(span));
  }
  const action = changedAction(item, changes);
  const relabelled = (changes.label ?? item.label) !== item.label;
  state.video.edit(replaced(item, [action]), relabelled ? "relabelling" : "moving");
  select(actionKey(action));
}

/** The times of an item of which an edge, or both, is moved by so many frames. */
export function movedTimes({ start, end }, edge, frames) {
  const { fps, duration } = state.video, by = frames / fps, moment = start === end;
  if (edge === "both" || moment) {
    const shift = Math.min(Math.max(by, -start), duration - end);
    return { start: tidy(start + shift), end: tidy(end + shift) };
  }
  if (edge === "start") return { start: tidy(Math.min(Math.max(start + by, 0), end - 1 / fps)), end };
  return { start, end: tidy(Math.max(Math.min(end + by, duration), start + 1 / fps)) };
}

/** Moves an edge of the selected item by frames, and shows the picture there. */
export function nudge(edge, frames) {
  const item = selectedOf(ALL, "select an action to move its edges.");
  if (!item) return;
  const times = movedTimes(item, edge, frames);
  change(item, times);
  seek(edge === "end" ? times.end : times.start);
  say(describe(selectedItem())); // a draft is an action by now
}

/** Begins to edit the selected item by keys: one step of undo, however many keys. */
export function beginEditing() {
  const item = selectedOf(ALL, "select an action with the arrow keys to edit it.");
  if (!item) return;
  state.editing = "both";
  state.preview = { key: item.key, start: item.start, end: item.end };
  say(`Editing ${describe(item)}. Arrows move it, Tab chooses the edge, Enter ends, Escape cancels.`);
  refresh();
}

const EDGES = ["start", "end", "both"];

/** Goes on to the next edge, or to both. */
export function nextEdge() {
  const item = selectedItem();
  state.editing = isMoment(item) ? "both" : EDGES[(EDGES.indexOf(state.editing) + 1) % EDGES.length];
  say(state.editing === "both" ? "Moving the whole." : `Moving the ${state.editing}.`);
  refresh();
}

export function nudgeEditing(frames) {
  const times = movedTimes(state.preview, state.editing, frames);
  Object.assign(state.preview, times);
  seek(state.editing === "end" ? times.end : times.start);
  say(`${times.start.toFixed(2)} to ${times.end.toFixed(2)} s`);
  refresh();
}

/** Ends the editing by keys, and keeps the times unless it is cancelled. */
export function endEditing(kept = true) {
  if (!state.editing) return;
  const item = selectedItem(), { start, end } = state.preview;
  state.editing = state.preview = null;
  if (item && kept) change(item, { start, end });
  say(item && kept ? describe(selectedItem()) : "Not changed.");
  refresh();
}

/** Gives the selected item another label. */
export function relabel(label) {
  const item = selectedOf(LABELLED, "select an action to give it another label.");
  if (item && label !== undefined) change(item, { label });
}

export const relabelNumber = (number) => relabel(state.video.labels[number - 1]);

/** Splits the selected item at the playhead. */
export function split() {
  const item = selectedOf(LABELLED, "select an action and move the playhead into it to split it.");
  if (!item) return;
  const time = frameNow();
  if (time <= item.start || time >= item.end) return say("Move the playhead into the action to split it there.");
  const first = changedAction(item, { end: time });
  const second = { ...first, id: newAction(time, item.end).id, start: time, end: item.end };
  state.video.edit(replaced(item, [first, second]), "splitting");
  select(actionKey(second));
  say(`Split at ${time.toFixed(2)} s.`);
}

/** Joins the selected action with the next of its label or, after the last, with the one before. */
export function merge() {
  const item = selectedOf(["action"], "select an action to join it with the next of its label.");
  if (!item) return;
  const same = state.items.filter(({ kind, label }) => kind === "action" && label === item.label);
  const at = same.findIndex(({ key }) => key === item.key), other = same[at + 1] ?? same[at - 1];
  if (!other) return say("There is no other action of this label to join it with.");
  const [first, second] = [item, other].sort((a, b) => a.start - b.start);
  const joined = changedAction(first, { start: first.start, end: Math.max(first.end, second.end) });
  state.video.edit({ put: [joined], remove: [second.action.id] }, "joining");
  select(actionKey(joined));
  say(`Joined: ${describe(joined)}`);
}

/** Deletes the selected action or ignored span; a draft is rejected instead. */
export function remove() {
  const item = selectedOf(["action", "ignored"], "select an action to delete it; R rejects a draft.");
  if (!item) return;
  const at = state.items.indexOf(item);
  if (item.kind === "action") state.video.edit({ remove: [item.action.id] }, "deleting");
  else state.video.edit({ ignored: { remove: [[item.start, item.end]] } }, "deleting");
  select((state.items[at] ?? state.items.at(-1))?.key ?? null);
  say(`Deleted: ${describe(item)}`);
}

export function undo() {
  const what = state.video.undo();
  say(what ? `Undone: ${what}.` : "There is nothing to undo.");
}

export function redo() {
  const what = state.video.redo();
  say(what ? `Done again: ${what}.` : "There is nothing to do again.");
}
