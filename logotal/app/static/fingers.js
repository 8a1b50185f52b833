// Two fingers on the lanes, or on the rows above them, zoom the time axis about the point between them and pan with it.
//
// From the second finger on they have the rows until the last one is lifted, and what the first had begun is given up.

import { showAt, timeAt, view } from "/static/lanes.js";
import { $ } from "/static/navigation.js";

const rows = [$("ruler-row"), $("lanes")];
let grip = null; // where so many fingers were when they came: {time, spread, scale}
let giveUp = () => {};

/** The fingers that came down on the rows. */
const fingersOf = (event) => [...event.touches].filter(({ target }) => rows.some((row) => row.contains(target)));

/** The middle of the first two fingers, in pixels of the lanes, and how far they are apart; of one as of one pixel. */
function measure([first, second = first]) {
  const middle = (first.clientX + second.clientX) / 2 - $("lanes").getBoundingClientRect().left;
  return { middle, spread: Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY) || 1 };
}

function take(fingers) {
  const { middle, spread } = measure(fingers);
  grip = { time: timeAt(middle), spread, scale: view.scale };
}

/** Keeps the browser from scrolling or zooming the page; where it has begun to scroll it does not ask. */
function keep(event) {
  if (event.cancelable) event.preventDefault();
}

function came(event) {
  const fingers = fingersOf(event);
  if (fingers.length < 2) return;
  giveUp();
  keep(event);
  take(fingers);
}

function moved(event) {
  if (!grip) return;
  keep(event);
  const { middle, spread } = measure(fingersOf(event));
  showAt((grip.scale * spread) / grip.spread, grip.time, middle);
}

function left(event) {
  const fingers = fingersOf(event);
  if (!fingers.length) grip = null;
  else if (grip) take(fingers);
}

/** Begins to listen; `callback` gives up what a single finger has begun. */
export function listenToFingers(callback) {
  giveUp = callback;
  for (const row of rows) {
    row.addEventListener("touchstart", came, { passive: false });
    row.addEventListener("touchmove", moved, { passive: false });
    for (const event of ["touchend", "touchcancel"]) row.addEventListener(event, left);
  }
}
