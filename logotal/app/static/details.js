// The panels beside the video: the selected action, the label of the next one, the drafts, the coders.

import { change, movedTimes, nudge, relabel } from "/static/changing.js";
import { strongDrafts } from "/static/drafts.js";
import { isMoment, seen, selectedItem } from "/static/items.js";
import { colourNumbers } from "/static/labels.js";
import { view } from "/static/lanes.js";
import { addLabel, chooseLabel, isWholeLabelled } from "/static/marking.js";
import { $, make, plural } from "/static/navigation.js";
import { seek } from "/static/player.js";
import { refresh, state } from "/static/state.js";

const KINDS = { action: "Action", draft: "Draft of the model", ignored: "Ignored span" };
const ORIGINS = {
  person: "marked by a person", model: "accepted draft", "model + person": "corrected draft", file: "from a label file",
};

let namesShown = "";

/** Puts options into a select where they differ from what is there. */
function fill(select, options, chosen) {
  const there = [...select.options].map(({ value }) => value);
  if (there.join("\n") !== options.map(({ value }) => value).join("\n")) select.replaceChildren(...options);
  write(select, chosen ?? "");
}

/** Writes into a field that the person is not in. */
function write(field, value) {
  if (field !== document.activeElement) field.value = value;
}

function showSelected() {
  const item = selectedItem();
  $("nothing").hidden = Boolean(item);
  $("selected").hidden = !item;
  if (!item) $("kind").textContent = "Nothing is selected";
  if (!item) return;
  const { start, end } = seen(item), { kind, action } = item;
  $("kind").textContent = kind === "draft" ? `${KINDS.draft}, score ${item.score.toFixed(2)}` : KINDS[kind];
  for (const part of $("selected").querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(kind);
  }
  $("end-row").hidden = isMoment(item);
  $("start-name").textContent = isMoment(item) ? "Time" : "Start";
  fill($("item-label"), state.video.labels.map((label) => new Option(label)), item.label);
  write($("start"), start.toFixed(3));
  write($("end"), end.toFixed(3));
  write($("subject"), action?.subject ?? "");
  const from = [ORIGINS[action?.origin], action?.by && `by ${action.by}`].filter(Boolean).join(", ");
  $("origin").textContent = from;
}

/** Takes an edge from its field. */
function typed(edge) {
  const item = selectedItem(), time = $(edge).valueAsNumber;
  if (!item || Number.isNaN(time)) return;
  const frames = (time - item[edge]) * state.video.fps;
  change(item, movedTimes(item, edge, frames));
  seek(selectedItem()[edge]);
  $(edge).value = selectedItem()[edge].toFixed(3);
}

function showDrafts() {
  const drafts = state.items.filter(({ kind }) => kind === "draft").length, strong = strongDrafts().length;
  $("drafts").hidden = !drafts;
  $("drafts-title").textContent = plural(drafts, "draft");
  $("least-value").textContent = `${state.least.toFixed(2)} or more`;
  $("accept-strong").textContent = `Accept ${plural(strong, "draft")}`;
  $("accept-strong").disabled = !strong;
}

/** The names beside the lanes, made anew where they differ from what is there; each chooses its label. */
function showNames() {
  const now = JSON.stringify([state.label, ...view.lanes.map(({ label, height }) => [label, height])]);
  if (now === namesShown) return; // a name that is replaced in the middle of a click is not clicked
  namesShown = now;
  const numbers = colourNumbers(state.video.labels);
  $("names").replaceChildren(...view.lanes.map((lane, index) => laneName(lane, index, numbers.get(lane.label))));
}

function laneName({ label, height }, index, colour) {
  const name = label === null ? make("span", "ignored", "lane-name") : make("button", "", `lane-name ink-${colour}`);
  name.style.height = `${height}px`;
  if (label === null) return name;
  Object.assign(name, { type: "button", tabIndex: -1, title: label });
  name.append(make("span", label), index < 9 ? make("kbd", String(index + 1)) : "");
  name.setAttribute("aria-pressed", String(label === state.label));
  name.addEventListener("click", () => chooseLabel(label));
  return name;
}

function showCoders() {
  const names = new Set([...state.video.state.actions.values()].map(({ by }) => by).filter(Boolean));
  if (state.coder) names.add(state.coder);
  $("coders").hidden = names.size < 1;
  fill($("coder"), [new Option("Everybody", ""), ...[...names].sort().map((name) => new Option(name))], state.coder);
}

/** Shows all panels as things are now. */
export function showDetails() {
  showSelected();
  showDrafts();
  showNames();
  showCoders();
  fill($("label"), state.video.labels.map((label) => new Option(label)), state.label);
  $("whole").setAttribute("aria-pressed", String(isWholeLabelled()));
  $("undo").disabled = !state.video.done.length;
  $("redo").disabled = !state.video.undone.length;
  $("finish").disabled = state.open === null;
}

export function listenToDetails() {
  for (const button of document.querySelectorAll("[data-nudge]")) {
    const [edge, frames] = button.dataset.nudge.split(" ");
    button.addEventListener("click", () => nudge(edge, Number(frames)));
  }
  for (const edge of ["start", "end"]) $(edge).addEventListener("change", () => typed(edge));
  $("item-label").addEventListener("change", () => relabel($("item-label").value));
  $("subject").addEventListener("change", () => {
    const item = selectedItem();
    if (item) change(item, { subject: $("subject").value.trim() || null });
  });
  $("label").addEventListener("change", () => chooseLabel($("label").value));
  $("add-label").addEventListener("submit", (event) => {
    event.preventDefault();
    addLabel($("new-label").value);
    $("new-label").value = "";
    $("lanes").focus({ preventScroll: true });
  });
  $("least").addEventListener("input", () => { state.least = Number($("least").value); refresh(); });
}
