// New actions, ignored spans, and what a person says of the whole video.

import { actionKey, describe, ignoredKey, selectedItem } from "/static/items.js";
import { $ } from "/static/navigation.js";
import { frameNow } from "/static/player.js";
import { select } from "/static/selecting.js";
import { myName, refresh, say, state } from "/static/state.js";

/** A new action of this person. */
export function newAction(start, end, label = state.label) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte % 36).toString(36)).join("");
  return { id, start, end, label, subject: null, origin: "person", by: myName() };
}

/** Adds an action, or says that there is no label for it. */
export function add(start, end) {
  if (!state.label) {
    $("new-label").focus();
    return say("Type a name for the first label, then mark again.");
  }
  const action = newAction(start, end);
  state.video.edit({ put: [action] }, "marking");
  select(actionKey(action));
  say(`Marked: ${describe(action)}`);
}

/** Begins an action at the playhead; in a project of moments it marks one. */
export function markStart() {
  if (state.video.moments) return markMoment();
  state.open = frameNow();
  say(`${state.label ?? "An action"} begins at ${state.open.toFixed(2)} s. Press E at its end, Escape to give it up.`);
  refresh();
}

/** Ends at the playhead what was begun. */
export function markEnd() {
  const span = closed();
  if (span) add(...span);
  else say("Press S at the start of an action first, then E at its end.");
}

/** The span from the open start to the playhead, at least a frame long, which is open no longer; or null. */
function closed() {
  if (state.open === null) return null;
  const [start, end] = [state.open, frameNow()].sort((a, b) => a - b);
  state.open = null;
  refresh();
  return [start, Math.min(Math.max(end, start + 1 / state.video.fps), state.video.duration)];
}

export function markMoment() {
  add(frameNow(), frameNow());
}

/** Chooses the label of the next action. */
export function chooseLabel(label) {
  state.label = label;
  say(`Label: ${label}`);
  refresh();
}

export function chooseLabelNumber(number) {
  const label = state.video.labels[number - 1];
  if (label === undefined) say(`There is no label ${number}.`);
  else chooseLabel(label);
}

/** Adds a label to those that can be chosen. */
export function addLabel(name) {
  const label = name.trim();
  if (!label) return;
  if (!state.video.labels.includes(label)) state.video.labels.push(label);
  state.video.changed();
  chooseLabel(label);
}

/** Ignores the span from the open start to the playhead or, where none is open, that of the selected item. */
export function ignore() {
  const item = selectedItem(), span = closed() ?? (item && item.kind !== "ignored" ? [item.start, item.end] : null);
  if (!span || span[0] === span[1]) return say("Press S at the start of what to ignore, then Shift+I at its end.");
  state.video.edit({ ignored: { add: [span] } }, "ignoring");
  select(ignoredKey(span));
}

export function isWholeLabelled() {
  const { state: { labelled }, duration } = state.video;
  return labelled.some(([start, end]) => start <= 1e-3 && end >= duration - 1e-3);
}

function setLabelled(spans, sentence) {
  state.video.edit({ labelled: { remove: state.video.state.labelled, add: spans } }, "saying what is labelled");
  say(sentence);
}

/** Says that the whole video is labelled, or no longer. */
export function toggleWhole() {
  if (isWholeLabelled()) setLabelled([], "Nothing is said to be labelled.");
  else setLabelled([[0, state.video.duration]], "The whole video is labelled.");
}

/** Says that the video is labelled from its beginning to the playhead. */
export function labelledUpToHere() {
  const time = frameNow();
  if (time > 0) setLabelled([[0, time]], `Labelled up to ${time.toFixed(2)} s.`);
  else say("Move the playhead to where you have labelled up to.");
}
