// The page on which a video is marked: it opens the video and connects the controls with what they do.

import { get, isLost, post } from "/static/api.js";
import { whenRecoloured } from "/static/canvas.js";
import * as changing from "/static/changing.js";
import { listenToDetails, showDetails } from "/static/details.js";
import { VideoDocument } from "/static/document.js";
import * as drafts from "/static/drafts.js";
import { drawLanes } from "/static/drawing.js";
import { listenToFingers } from "/static/fingers.js";
import { keepFocus, listenToFocus } from "/static/focus.js";
import { cancelGesture, listenToGestures } from "/static/gestures.js";
import { showHistory } from "/static/history.js";
import { gather } from "/static/items.js";
import { listenToKeys, showHelp, zoomIn, zoomOut } from "/static/keys.js";
import {
  fit, inSight, keepScale, laneOf, layLanes, narrow, pan, setScale, turnTo, xOf, zoomed,
} from "/static/lanes.js";
import * as marking from "/static/marking.js";
import { $, whenOld, editAddress, plural, sentence } from "/static/navigation.js";
import * as player from "/static/player.js";
import { clock, drawRuler, loadStrip } from "/static/ruler.js";
import { cancelScrubbing, listenToScrubbing } from "/static/scrubbing.js";
import { moveSelection } from "/static/selecting.js";
import { showOptions } from "/static/spoken.js";
import { myName, refresh, say, state, whenChanged } from "/static/state.js";

const AROUND = 20; // seconds that are shown around a time that the address names
const BUTTONS = {
  play: player.togglePlay, "frame-back": () => player.stepFrames(-1), "frame-on": () => player.stepFrames(1),
  loop: player.toggleLoop, begin: marking.markStart, finish: marking.markEnd, moment: marking.markMoment,
  ignore: marking.ignore, whole: marking.toggleWhole, "up-to-here": marking.labelledUpToHere,
  accept: drafts.accept, reject: drafts.reject, "accept-strong": drafts.acceptStrong,
  split: changing.split, join: changing.merge, delete: changing.remove, undo: changing.undo, redo: changing.redo,
  before: () => moveSelection(-1), after: () => moveSelection(1),
  "zoom-in": zoomIn, "zoom-out": zoomOut, fit, "show-history": showHistory, "show-help": showHelp,
  "give-up": () => state.video.giveUp(),
};

/** The document changed: by this person, by another, or by an answer of the server. */
function changed() {
  gather();
  layLanes();
  if (!state.video.labels.includes(state.label)) state.label = state.video.labels[0] ?? null;
  showSaving();
  refresh();
}

function showSaving() {
  const { pending, problem } = state.video, count = pending.length, stuck = Boolean(problem) && count > 0;
  $("saving").textContent = stuck ? "Not saved" : count ? "Saving" : "All saved";
  $("problem").hidden = !stuck;
  $("give-up").hidden = !stuck || isLost(problem);
  const kept = `${plural(count, "edit")} not saved yet, and kept in this browser until then.`;
  const text = stuck ? `${kept} ${problem.message}` : "";
  if ($("problem-text").textContent !== text) $("problem-text").textContent = text; // a screen reader says it once
}

/** The playhead is elsewhere; all else is where it was. */
function movePlayhead() {
  const time = player.now(), x = xOf(time);
  const follows = !$("player").paused && inSight(state.now);
  state.now = time;
  if (follows) turnTo(time);
  $("playhead").style.transform = $("ruler-playhead").style.transform = `translateX(${xOf(time)}px)`;
  for (const head of [$("playhead"), $("ruler-playhead")]) head.hidden = !inSight(time);
  $("now").textContent = clock(time, 2);
  $("play").textContent = $("player").paused ? "Play" : "Pause";
  if (state.open !== null || (follows && xOf(time) !== x)) refresh();
}

function paint() {
  $("ruler-row").style.paddingLeft = `${$("lanes").offsetLeft}px`;
  $("playhead").style.height = `${$("spacer").offsetHeight}px`;
  drawLanes();
  drawRuler();
  showDetails();
  showOptions();
  movePlayhead();
  $("zoom-out").disabled = $("fit").disabled = !zoomed();
  keepFocus();
}

function wheel(event) {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const anchor = event.clientX - $("lanes").getBoundingClientRect().left;
    setScale((xOf(1) - xOf(0)) * Math.exp(-event.deltaY * 0.004), anchor);
  } else if (event.currentTarget === $("ruler-row")) {
    pan(event.deltaX);
  }
}

function listen() {
  for (const [id, run] of Object.entries(BUTTONS)) $(id).addEventListener("click", () => run());
  for (const row of [$("ruler-row"), $("lanes")]) row.addEventListener("wheel", wheel, { passive: false });
  $("lanes").addEventListener("scroll", refresh);
  $("name").value = myName();
  $("name").addEventListener("change", () => localStorage.setItem("logotal name", $("name").value.trim()));
  $("coder").addEventListener("change", () => { state.coder = $("coder").value; changed(); });
  $("make-copy").addEventListener("click", makeCopy);
  narrow.addEventListener("change", changed);
  let wasZoomed = false;
  new ResizeObserver(() => keepScale(wasZoomed)).observe($("lanes"));
  whenChanged(() => { wasZoomed = zoomed(); });
  whenRecoloured(refresh);
  addEventListener("beforeunload", (event) => { if (state.video.pending.length) event.preventDefault(); });
  addEventListener("hashchange", arrive);
  whenOld(lookForCopy);
  listenToDetails();
  listenToGestures();
  listenToScrubbing();
  listenToFingers(() => { cancelGesture(); cancelScrubbing(); });
  listenToKeys();
  listenToFocus();
}

async function makeCopy() {
  $("make-copy").disabled = true;
  $("copying").textContent = "The copy is being made; the video appears here when it is ready.";
  try {
    await post("/api/copies", { video: state.video.id });
    await lookForCopy();
  } catch (error) {
    $("copying").textContent = sentence(error);
    $("make-copy").disabled = false;
  }
}

/** Shows the video where there is a copy by now that this browser can play. */
async function lookForCopy() {
  if (player.canPlay()) return;
  const answer = await get(state.video.address).catch(() => null);
  if (answer?.playable) player.load(answer.media);
}

/** Goes to the time that the address names: #t=SECONDS. */
function arrive() {
  const time = Number(new URLSearchParams(location.hash.slice(1)).get("t") ?? NaN);
  if (!Number.isFinite(time)) return;
  setScale($("lanes").clientWidth / AROUND);
  player.seek(time);
  pan(xOf(time) - $("lanes").clientWidth / 2);
}

/** Links to the videos before and after in the list. */
async function linkNeighbours() {
  const { videos } = await get("/api/videos");
  const at = videos.findIndex(({ id }) => id === state.video.id);
  for (const [id, step] of [["previous-video", -1], ["next-video", 1]]) {
    const video = videos[at + step];
    $(id).hidden = !video;
    if (video) $(id).href = editAddress(video.id);
  }
}

async function loadSound() {
  const sound = await get(`/wave/${encodeURIComponent(state.video.id)}`);
  state.sound = { rate: sound.rate || 1, peaks: sound.peaks, onsets: sound.onsets ?? [] };
  refresh();
}

/** The video of the address or, where it names none, the one to label next. */
async function chosenVideo() {
  const id = new URLSearchParams(location.search).get("video");
  if (id) return id;
  const { next } = await get("/api/next");
  const video = next[0]?.video ?? (await get("/api/videos")).videos[0]?.id;
  if (video) history.replaceState(null, "", editAddress(video));
  return video;
}

async function open(id) {
  state.video = new VideoDocument(await get(`/api/videos/${encodeURIComponent(id)}`));
  Object.assign(state.video, { changed, told: say });
  document.title = `${id} · logotal`;
  $("title").textContent = id;
  $("length").textContent = ` / ${clock(state.video.duration)}`;
  $("editor").hidden = false;
  changed();
  listen();
  player.listenToPlayer(movePlayhead);
  if (state.video.playable) player.load(state.video.media); else player.cannotPlay();
  fit();
  whenChanged(paint);
  arrive();
  loadStrip(id, refresh);
  state.video.exchange();
  window.editor = { document: state.video, lanes: { xOf, laneOf } }; // for tests
  await Promise.all([linkNeighbours(), loadSound()]);
}

async function start() {
  try {
    const id = await chosenVideo();
    if (id) await open(id);
    else $("none").hidden = false;
  } catch (error) {
    $("failure").textContent = sentence(error);
    $("failure").hidden = false;
  }
}

start();
