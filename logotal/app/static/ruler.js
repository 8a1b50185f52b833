// The rows above the lanes: the axis, the film strip and the sound.

import { colours, emptied } from "/static/canvas.js";
import { timeAt, view, width, xOf } from "/static/lanes.js";
import { $ } from "/static/navigation.js";
import { state } from "/static/state.js";

const AXIS = 26, STRIP = 54, WAVE = 36;
const PICTURES = 60, PICTURE = 96; // the server's strip, and the width of its pictures
const MOST_ONSETS = 300; // so many in sight are drawn
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const strip = new Image();

/** Loads the film strip of a video. */
export function loadStrip(id, loaded) {
  strip.addEventListener("load", loaded);
  strip.src = `/strip/${encodeURIComponent(id)}`;
}

/** Seconds as m:ss or h:mm:ss, with `digits` after the point. */
export function clock(seconds, digits = 0) {
  const whole = Math.round(seconds * 10 ** digits), minutes = Math.floor(whole / (60 * 10 ** digits));
  const rest = (whole / 10 ** digits - minutes * 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const hours = Math.floor(minutes / 60);
  return `${hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}` : minutes}:${rest}`;
}

/** The places of the ticks in sight, and what is written there. */
export function ticks() {
  const room = width() < 500 ? 64 : 88;
  const step = STEPS.find((seconds) => seconds * view.scale >= room) ?? 14400;
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2, last = Math.min(timeAt(width()), state.video.duration);
  const found = [];
  for (let k = Math.ceil(timeAt(0) / step); k * step <= last; k++) {
    found.push({ x: Math.round(xOf(k * step)), text: clock(k * step, digits) });
  }
  return found;
}

/** Draws the rows. */
export function drawRuler() {
  const wave = state.sound.peaks.length ? WAVE : 0, film = strip.naturalWidth ? STRIP : 0;
  const brush = emptied($("ruler"), width(), AXIS + film + wave), colour = colours();
  if (film) drawStrip(brush);
  if (wave) drawWave(brush, colour, AXIS + film);
  drawAxis(brush, colour);
}

function drawAxis(brush, colour) {
  brush.textBaseline = "middle";
  for (const { x, text } of ticks()) {
    brush.fillStyle = colour.line;
    brush.fillRect(x, 0, 1, AXIS);
    brush.fillStyle = colour.quiet;
    brush.fillText(text, x + 4, AXIS / 2);
  }
}

/** Side by side from the video's beginning, each picture of the time of its middle. */
function drawStrip(brush) {
  const first = Math.floor(Math.max(-xOf(0), 0) / PICTURE) * PICTURE + xOf(0);
  const end = Math.min(xOf(state.video.duration), width());
  const wide = strip.naturalWidth / PICTURES;
  for (let x = first; x < end; x += PICTURE) {
    const share = timeAt(x + PICTURE / 2) / state.video.duration;
    const picture = Math.min(Math.max(Math.floor(share * PICTURES), 0), PICTURES - 1);
    const part = Math.min(PICTURE, end - x) / PICTURE;
    brush.drawImage(strip, picture * wide, 0, wide * part, strip.naturalHeight, x, AXIS, PICTURE * part, STRIP);
  }
}

/** How loud it is at most in each pixel, from 0 to 1. */
function loudness() {
  const { rate, peaks } = state.sound, first = timeAt(0) * rate, step = rate / view.scale;
  return Array.from({ length: width() }, (_, x) => {
    const from = Math.floor(first + x * step), to = Math.max(Math.ceil(first + (x + 1) * step), from + 1);
    let loudest = 0;
    for (let k = from; k < to; k++) loudest = Math.max(loudest, peaks[k] ?? 0);
    return loudest / 255;
  });
}

/** The loudness about a line in the middle, and a mark at each onset of a sound. */
function drawWave(brush, colour, top) {
  const { onsets } = state.sound, middle = top + WAVE / 2;
  const halves = loudness().map((loud) => Math.max(loud * (WAVE / 2 - 2), 0.3));
  brush.fillStyle = colour.quiet;
  brush.beginPath();
  brush.moveTo(0, middle);
  halves.forEach((half, x) => brush.lineTo(x, middle - half));
  for (let x = halves.length - 1; x >= 0; x--) brush.lineTo(x, middle + halves[x]);
  brush.fill();
  brush.fillStyle = colour.accent;
  const seen = onsets.filter((time) => xOf(time) >= 0 && xOf(time) <= width());
  if (seen.length <= MOST_ONSETS) for (const time of seen) brush.fillRect(xOf(time), top, 1, WAVE);
}
