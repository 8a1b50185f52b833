// All keys of the page in one table, from which the help is made as well.

import * as changing from "/static/changing.js";
import * as drafts from "/static/drafts.js";
import { showHistory } from "/static/history.js";
import { cancelGesture } from "/static/gestures.js";
import { selectedItem } from "/static/items.js";
import { fit, zoom } from "/static/lanes.js";
import * as marking from "/static/marking.js";
import { $, make } from "/static/navigation.js";
import * as player from "/static/player.js";
import { moveSelection, select, selectFirst, selectLast } from "/static/selecting.js";
import { refresh, say, state } from "/static/state.js";

const ZOOM = 1.6;
const DIGITS = [..."123456789"], SHIFTED = DIGITS.map((digit) => `Shift+${digit}`);

/** Zooms about the selected item or, where none is, about the playhead. */
function zoomBy(factor) {
  const item = selectedItem();
  zoom(factor, item ? (item.start + item.end) / 2 : player.now());
}
export const zoomIn = () => zoomBy(ZOOM);
export const zoomOut = () => zoomBy(1 / ZOOM);

/** Gives up what was begun; with nothing begun, the selection. */
function escape() {
  if (state.open === null) return select(null);
  state.open = null;
  say("Given up.");
  refresh();
}

function typeLabel() {
  $("new-label").focus();
}

// Of each key: what is shown in the help where that is not the key itself, what it does, and the function.
const GROUPS = [
  ["Play", [
    [["Space"], "play or pause", player.togglePlay],
    [[","], "one frame back", () => player.stepFrames(-1)],
    [["."], "one frame on", () => player.stepFrames(1)],
    [["<"], "slower", () => player.changeSpeed(-1)],
    [[">"], "faster", () => player.changeSpeed(1)],
    [["L"], "loop the selected action", player.toggleLoop],
  ]],
  ["Mark", [
    [["S"], "start an action at the playhead", marking.markStart],
    [["E"], "end it at the playhead", marking.markEnd],
    [["M"], "mark a moment at the playhead", marking.markMoment],
    [DIGITS, "choose the label of the next action", (name) => marking.chooseLabelNumber(Number(name))],
    [["N"], "type a new label", typeLabel],
    [["Shift+I"], "ignore the span from S to the playhead, or the selected one", marking.ignore],
    [["D"], "the whole video is labelled, or no longer", marking.toggleWhole],
  ]],
  ["Select", [
    [["ArrowLeft"], "the action before", () => moveSelection(-1)],
    [["ArrowRight"], "the action after", () => moveSelection(1)],
    [["Home"], "the first action", selectFirst],
    [["End"], "the last action", selectLast],
    [["Escape"], "give up what was begun, or select nothing", escape],
  ]],
  ["Change the selected action", [
    [["["], "start one frame earlier", () => changing.nudge("start", -1)],
    [["]"], "start one frame later", () => changing.nudge("start", 1)],
    [["{"], "end one frame earlier", () => changing.nudge("end", -1)],
    [["}"], "end one frame later", () => changing.nudge("end", 1)],
    [["Enter"], "edit its times by keys", changing.beginEditing],
    [SHIFTED, "give it another label", (name) => changing.relabelNumber(Number(name.at(-1)))],
    [["X"], "split it at the playhead", changing.split],
    [["J"], "join it with the next of its label", changing.merge],
    [["Delete", "Backspace"], "delete it", changing.remove],
    [["Ctrl+Z"], "undo", changing.undo],
    [["Ctrl+Shift+Z", "Ctrl+Y"], "make the undone again", changing.redo],
  ]],
  ["While editing by keys", [
    [["ArrowLeft"], "one frame earlier", () => changing.nudgeEditing(-1)],
    [["ArrowRight"], "one frame later", () => changing.nudgeEditing(1)],
    [["Shift+ArrowLeft"], "ten frames earlier", () => changing.nudgeEditing(-10)],
    [["Shift+ArrowRight"], "ten frames later", () => changing.nudgeEditing(10)],
    [["Tab"], "move the start, the end or both", changing.nextEdge],
    [["Enter"], "keep the new times", () => changing.endEditing(true)],
    [["Escape"], "leave the times as they were", () => changing.endEditing(false)],
  ]],
  ["Drafts of the model", [
    [["A"], "accept", drafts.accept],
    [["R"], "reject", drafts.reject],
  ]],
  ["View", [
    [["+", "="], "zoom in", zoomIn],
    [["-"], "zoom out", zoomOut],
    [["0"], "the whole video", fit],
    [["H"], "earlier states of this video", showHistory],
    [["?"], "these keys", showHelp],
  ]],
];
const EDITING = "While editing by keys";
const plain = new Map(), editing = new Map();
for (const [group, rows] of GROUPS) {
  for (const [names, , run] of rows) for (const name of names) (group === EDITING ? editing : plain).set(name, run);
}

/** What a key event is called in the table. */
function nameOf(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const letter = /^[^\x00-\x7f]$/.test(event.key) ? /^Key([A-Z])$/.exec(event.code)?.[1] : null; // other scripts
  let key = letter ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  if (digit && event.key.length === 1) key = digit; // whatever the keyboard writes there
  if (key === " ") key = "Space";
  const shifted = event.shiftKey && (/^[A-Z0-9]$/.test(key) || key.length > 1);
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

// Keys that an element needs itself.
const OWN = [
  ["input:not([type=range]), select, textarea", () => true],
  ["input[type=range]", (name) => /^(Arrow|Home|End)/.test(name)],
  ["button, a, summary", (name) => name === "Space" || name === "Enter"],
];

function press(event) {
  if (event.altKey && !event.getModifierState("AltGraph")) return;
  if (document.querySelector("dialog[open]")) return;
  const name = event.getModifierState("AltGraph") ? event.key : nameOf(event);
  if (/^(Enter|Escape)$/.test(name) && event.target.matches("input:not(form input)")) return $("lanes").focus();
  if (OWN.some(([where, owns]) => event.target.closest(where) && owns(name))) return;
  if (name === "Escape" && cancelGesture()) return;
  const run = (state.editing && editing.get(name)) || plain.get(name);
  if (!run) return;
  event.preventDefault();
  if (state.editing && !editing.has(name)) changing.endEditing();
  run(name);
}

const SHOWN = { ArrowLeft: "←", ArrowRight: "→" };
const shown = (name) => name.replace(/Arrow\w+/, (arrow) => SHOWN[arrow]);

/** Shows the table of keys. */
export function showHelp() {
  $("help").showModal();
}

function fillHelp() {
  for (const [group, rows] of GROUPS) {
    const list = make("dl");
    for (const [names, does] of rows) {
      const term = make("dt"), ends = names.length > 2 ? [names[0], names.at(-1)] : names;
      ends.forEach((name, k) => term.append(k ? (names.length > 2 ? " to " : " or ") : "", make("kbd", shown(name))));
      list.append(term, make("dd", does));
    }
    const section = make("section");
    section.append(make("h3", group), list);
    $("help-keys").append(section);
  }
}

export function listenToKeys() {
  fillHelp();
  document.addEventListener("keydown", press);
}
