// The video: where the playhead is, frame steps, speed, the loop over the selected action.
//
// Where the browser cannot play the video, the playhead is a number of this page's own, and all else works.

import { isMoment, selectedItem } from "/static/items.js";
import { $ } from "/static/navigation.js";
import { say, state } from "/static/state.js";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];
const AROUND = 0.5; // seconds before and after a moment that a loop plays
const element = $("player");
let usable = false, alone = 0, looping = false, moved = () => {};

export const now = () => (usable ? element.currentTime : alone);
export const canPlay = () => usable;
const clamped = (time) => Math.min(Math.max(time, 0), state.video.duration);

/** Seconds with as many digits as a frame of any video needs. */
export const tidy = (time) => Math.round(time * 1e4) / 1e4;

/** The time of the frame that begins nearest to a time. */
export const frameAt = (time) => tidy(clamped(Math.round(time * state.video.fps) / state.video.fps));

/** The time at which the frame under the playhead begins. */
export const frameNow = () => tidy(Math.floor(now() * state.video.fps + 1e-2) / state.video.fps);

/** Moves the playhead. */
export function seek(time) {
  alone = clamped(time);
  if (usable) element.currentTime = alone;
  moved();
}

export function togglePlay() {
  if (!usable) return say("This browser cannot play the video.");
  if (!element.paused) return element.pause();
  if (element.ended) seek(0);
  element.play().catch(() => {}); // paused again before it began
}

/** Goes to the middle of a frame before or after, where no rounding shows its neighbour. */
export function stepFrames(count) {
  element.pause();
  seek((Math.floor(now() * state.video.fps + 1e-2) + count + 0.5) / state.video.fps);
}

function setSpeed(speed) {
  element.defaultPlaybackRate = element.playbackRate = speed;
  $("speed").value = String(speed);
}

export function changeSpeed(step) {
  const at = SPEEDS.indexOf(Number($("speed").value)) + step;
  setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]);
  say(`Speed ${$("speed").value}`);
}

/** Plays the selected action again and again, or no longer. */
export function toggleLoop() {
  if (!looping && !selectedItem()) return say("Select the action to loop first.");
  looping = !looping;
  $("loop").setAttribute("aria-pressed", String(looping));
  say(looping ? "Looping the selected action." : "No loop.");
  if (looping) seek(loopSpan().start);
  if (looping && usable && element.paused) togglePlay();
}

function loopSpan() {
  const item = selectedItem();
  if (!item) return { start: 0, end: state.video.duration };
  return isMoment(item) ? { start: clamped(item.start - AROUND), end: clamped(item.end + AROUND) } : item;
}

function keepInLoop() {
  if (!looping || element.paused) return;
  const { start, end } = loopSpan(), time = now();
  if (time >= end - 0.01 || time < start - 0.1) seek(start);
}

function tick() {
  if (element.paused) return;
  keepInLoop();
  moved();
  requestAnimationFrame(tick);
}

/** Shows a video file. */
export function load(address) {
  element.src = address;
}

function loaded() {
  usable = element.videoWidth > 0; // sound that can be played hides pictures that cannot
  if (usable && alone) element.currentTime = alone;
  $("cannot-play").hidden = usable;
  $("picture").hidden = !usable;
  moved();
}

/** Says what to do about a video that the browser cannot play. */
export function cannotPlay() {
  usable = false;
  $("cannot-play").hidden = false;
  $("picture").hidden = true;
  moved();
}

/** Begins to listen to the player; `callback` is called whenever the playhead moved. */
export function listenToPlayer(callback) {
  moved = callback;
  $("speed").append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed)));
  setSpeed(1);
  element.addEventListener("loadedmetadata", loaded);
  element.addEventListener("error", cannotPlay);
  element.addEventListener("play", tick);
  for (const event of ["timeupdate", "seeked", "pause"]) element.addEventListener(event, () => moved());
  element.addEventListener("ended", () => { if (looping) togglePlay(); });
  $("speed").addEventListener("change", () => setSpeed(Number($("speed").value)));
}
