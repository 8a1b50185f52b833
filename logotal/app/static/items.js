// The bars of the lanes: actions, drafts and ignored spans in one list.

import { keyOf } from "/static/edits.js";
import { state } from "/static/state.js";

/** Lists what is shown of the document, in the order of time. */
export function gather() {
  const { actions, drafts, ignored } = state.video.state;
  const shown = [...actions.values()].filter((action) => !state.coder || action.by === state.coder);
  state.items = [...shown.map(actionItem), ...drafts.map(draftItem), ...ignored.map(ignoredItem)]
    .sort((a, b) => a.start - b.start || a.end - b.end);
  if (state.selected && !find(state.selected)) Object.assign(state, { selected: null, editing: null, preview: null });
}

function actionItem(action) {
  const { start, end, label, subject } = action;
  return { kind: "action", key: actionKey(action), start, end, label, subject, action };
}

function draftItem(draft) {
  const { start, end, label, score } = draft;
  return { kind: "draft", key: `draft ${keyOf(draft)}`, start, end, label, score, draft };
}

function ignoredItem([start, end]) {
  return { kind: "ignored", key: ignoredKey([start, end]), start, end, label: null };
}

export const actionKey = (action) => `action ${action.id}`;
export const ignoredKey = (span) => `ignored ${keyOf(span)}`;
export const isMoment = (item) => item.end === item.start;

/** The item of a key, or undefined. */
export function find(key) {
  return state.items.find((item) => item.key === key);
}

/** The selected item, or undefined. */
export function selectedItem() {
  return find(state.selected);
}

/** An item as a gesture shows it at this moment. */
export function seen(item) {
  return state.preview?.key === item.key ? { ...item, ...state.preview } : item;
}

/** What an item is, in one line of plain text. */
export function describe(item) {
  const times = isMoment(item) ? item.start.toFixed(2) : `${item.start.toFixed(2)} to ${item.end.toFixed(2)}`;
  const kind = item.kind === "draft" ? `, draft ${item.score.toFixed(2)}` : "";
  return `${item.label ?? "ignored"}, ${times} s${kind}`;
}

/** What an item is, and which of all. */
export function describePlace(item) {
  return `${describe(item)}, ${state.items.findIndex(({ key }) => key === item.key) + 1} of ${state.items.length}`;
}
