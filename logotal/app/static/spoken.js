// The lanes for people who do not see them: a list of which the selected item and its neighbours are in the page.

import { describe, selectedItem } from "/static/items.js";
import { $, make, plural } from "/static/navigation.js";
import { state } from "/static/state.js";

function option(item, index) {
  const node = make("div", describe(item));
  node.id = `option-${index}`;
  node.setAttribute("role", "option");
  node.setAttribute("aria-selected", String(item.key === state.selected));
  node.setAttribute("aria-posinset", String(index + 1));
  node.setAttribute("aria-setsize", String(state.items.length));
  return node;
}

function sameOptions(options) {
  const there = [...$("options").children];
  return there.length === options.length && options.every((option, k) => option.isEqualNode(there[k]));
}

/** Puts the selected item and its neighbours into the list. */
export function showOptions() {
  const selected = selectedItem(), at = state.items.indexOf(selected), lanes = $("lanes");
  const first = Math.max(at - 1, 0);
  const options = state.items.slice(first, at + 2).map((item, k) => option(item, first + k));
  if (!sameOptions(options)) $("options").replaceChildren(...options); // a screen reader reads what is new
  lanes.setAttribute("aria-label", `Timeline of ${state.video.id}: ${plural(state.items.length, "bar")}`);
  if (selected) lanes.setAttribute("aria-activedescendant", `option-${at}`);
  else lanes.removeAttribute("aria-activedescendant");
}
