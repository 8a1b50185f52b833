// Where the keys go: to the lanes, unless the person has gone elsewhere by keys.

import { $ } from "/static/navigation.js";

let byPointer = false; // whether the last thing used was a mouse or a finger

const toLanes = () => $("lanes").focus({ preventScroll: true });

/** Gives the keys back to the lanes after a click, so that Space plays and letters mark. */
function giveKeysBack(event) {
  if (!byPointer || document.querySelector("dialog[open]")) return;
  if (event.target.closest("main button, main select")) toLanes();
}

/** Gives the keys to the lanes where what had them is gone or disabled by now; some browsers lose them there. */
export function keepFocus() {
  if (document.activeElement.closest("#editor :disabled, #editor [hidden]")) toLanes();
}

export function listenToFocus() {
  addEventListener("pointerdown", () => { byPointer = true; }, true);
  addEventListener("keydown", () => { byPointer = false; }, true);
  document.addEventListener("click", (event) => { if (!event.target.closest("select")) giveKeysBack(event); });
  document.addEventListener("change", giveKeysBack);
}
