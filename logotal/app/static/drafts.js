// Answers to the drafts of the model: accepted, rejected, or corrected.

import { plural } from "/static/navigation.js";
import { newAction } from "/static/marking.js";
import { selectDraftFrom, selectedOf } from "/static/selecting.js";
import { say, state } from "/static/state.js";

const SAME = 0.5, NEAR = 0.5; // tIoU of spans, and seconds between moments, that mean the same for the server

/** The action that a draft becomes; by changes it is corrected. */
export function fromDraft({ start, end, label }, changes = {}) {
  const corrected = Object.keys(changes).length > 0;
  return { ...newAction(start, end, label), origin: corrected ? "model + person" : "model", ...changes };
}

/** Whether the server takes an action as the answer to a draft. */
function answers(action, draft) {
  if (action.label !== draft.label) return false;
  if (action.start === action.end || draft.start === draft.end) {
    return Math.abs(action.start + action.end - draft.start - draft.end) <= 2 * NEAR;
  }
  const shared = Math.min(action.end, draft.end) - Math.max(action.start, draft.start);
  return shared >= SAME * (action.end - action.start + draft.end - draft.start - shared);
}

/** The edit that answers a draft by actions. Where they are far from it, there is no action such as the draft. */
export function answered(draft, actions) {
  const { start, end, label } = draft, edit = { put: actions, drafts: { remove: [draft] } };
  if (!actions.some((action) => answers(action, draft))) edit.rejected = { add: [{ start, end, label }] };
  return edit;
}

/** Accepts the selected draft as it is, and goes to the next. */
export function accept() {
  const item = selectedOf(["draft"], "select a draft to accept it.");
  if (!item) return;
  state.video.edit(answered(item.draft, [fromDraft(item.draft)]), "accepting");
  selectDraftFrom(item.start, "Accepted.");
}

/** Refuses the selected draft, and goes to the next. */
export function reject() {
  const item = selectedOf(["draft"], "select a draft to reject it.");
  if (!item) return;
  state.video.edit(answered(item.draft, []), "rejecting");
  selectDraftFrom(item.start, "Rejected.");
}

/** The drafts of at least the score of the slider. */
export const strongDrafts = () => state.items.filter(({ kind, score }) => kind === "draft" && score >= state.least);

/** Accepts all drafts of at least the score of the slider. */
export function acceptStrong() {
  const strong = strongDrafts();
  if (!strong.length) return say("No draft has such a score.");
  const drafts = strong.map(({ draft }) => draft), put = drafts.map((draft) => fromDraft(draft));
  state.video.edit({ put, drafts: { remove: drafts } }, "accepting");
  say(`${plural(strong.length, "draft")} accepted.`);
}

