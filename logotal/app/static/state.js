// What the person has before them, and the parts of the page that show it.

import { $ } from "/static/navigation.js";

export const state = {
  video: null, // the document
  items: [], // the bars that are shown, in the order of time
  selected: null, // the key of the selected item
  now: 0, // where the playhead was seen last
  label: null, // the label of the next action
  open: null, // the start of an action that has no end yet
  preview: null, // {key, start, end, label}: where a gesture has moved an item to
  editing: null, // which edge the keys move: "start", "end" or "both"
  coder: "", // the coder whose actions alone are shown
  least: 0.5, // the score from which drafts are accepted together
  sound: { rate: 1, peaks: [], onsets: [] },
};

const painters = [];
let requested = 0;

/** Has a function called before the next picture whenever something changed. */
export function whenChanged(painter) {
  painters.push(painter);
}

/** Shows what changed with the next picture. */
export function refresh() {
  if (requested) return;
  requested = requestAnimationFrame(() => {
    requested = 0;
    for (const painter of painters) painter();
  });
}

/** Tells the person what happened: by eye and by screen reader. */
export function say(sentence) {
  $("said").textContent = sentence;
}

/** The person's name as it is written into actions. */
export const myName = () => localStorage.getItem("logotal name") ?? "";
