// The videos of the project: which there are, which to show, and what to label next.

import { listenForAdding } from "/static/adding.js";
import { get } from "/static/api.js";
import { $, clock, editAddress, make, plural, sentence, whenOld } from "/static/navigation.js";

const PART = 120; // cards that are made at once, so that thousands of videos do not freeze the page
const STATES = ["unlabelled", "draft", "started", "labelled", "broken"];
const names = new Intl.Collator(undefined, { numeric: true });
const state = { videos: [], next: [], listed: [], shown: PART, text: "" };

// Cards
const stateOf = (video) => (video.broken ? "broken" : video.state);

function card(video, words = null) {
  const item = $("card").content.cloneNode(true).firstElementChild, link = item.firstElementChild;
  const image = item.querySelector("img"), name = stateOf(video);
  item.querySelector(".title").textContent = video.id;
  item.querySelector(".counts").textContent = words ?? facts(video);
  item.querySelector(".marks").append(make("span", name, `chip state ${name}`));
  if (video.learned) item.querySelector(".marks").append(make("span", "learned from", "chip"));
  if (!video.broken) link.href = editAddress(video.id);
  const leaveOut = () => image.replaceWith(make("span", "", "blank"));
  image.addEventListener("error", leaveOut);
  if (video.broken) leaveOut();
  else image.src = `/thumb/${encodeURIComponent(video.id)}`;
  return item;
}

function facts({ broken, duration, actions, drafts }) {
  if (broken) return broken;
  return [clock(duration), plural(actions, "action"), drafts && plural(drafts, "draft")].filter(Boolean).join(" · ");
}

// Which videos are shown, and in which order
const ORDERS = {
  name: () => (a, b) => names.compare(a.id, b.id),
  length: () => (a, b) => (a.duration ?? 0) - (b.duration ?? 0),
  state: () => (a, b) => STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)),
  next: () => {
    const places = new Map(state.next.map(({ video }, place) => [video, place]).reverse()); // the first of each counts
    return (a, b) => (places.get(a.id) ?? Infinity) - (places.get(b.id) ?? Infinity) || ORDERS.state()(a, b);
  },
};

function list() {
  const text = $("name").value.trim().toLowerCase(), wanted = $("state").value;
  const passes = (video) => (!wanted || stateOf(video) === wanted) && video.id.toLowerCase().includes(text);
  state.listed = state.videos.filter(passes).sort(ORDERS[$("order").value]());
  $("count").textContent = `${state.listed.length} of ${plural(state.videos.length, "video")}`;
  $("empty").hidden = state.listed.length > 0;
  $("empty").textContent = state.videos.length ? "No video has this name and state."
    : "There are no videos yet. Drop video files anywhere on this page, or choose Add videos.";
  $("cards").replaceChildren(...state.listed.slice(0, state.shown).map((video) => card(video)));
  $("more").hidden = state.listed.length <= state.shown;
}

function listAnew() {
  state.shown = PART;
  list();
}

function showMore() {
  const part = state.listed.slice(state.shown, state.shown + PART);
  $("cards").append(...part.map((video) => card(video)));
  state.shown += PART;
  $("more").hidden = state.listed.length <= state.shown;
}

/** The choice of a state, with how many videos have it. */
function countStates() {
  const chosen = $("state").value;
  const count = (name) => state.videos.filter((video) => stateOf(video) === name).length;
  const options = STATES.map((name) => new Option(`${name} (${count(name)})`, name));
  $("state").replaceChildren(new Option(`all (${state.videos.length})`, ""), ...options);
  $("state").value = chosen;
}

// What the server knows
function showProgress(project) {
  const labelled = state.videos.filter((video) => video.state === "labelled").length;
  const actions = state.videos.reduce((sum, video) => sum + video.actions, 0);
  $("project").textContent = project || "Videos";
  const videos = plural(state.videos.length, "video");
  $("progress-text").textContent = `${labelled} of ${videos} labelled, ${plural(actions, "action")}`;
  $("progress").value = labelled / Math.max(state.videos.length, 1);
}

function showNext() {
  const videos = new Map(state.videos.map((video) => [video.id, video]));
  const known = state.next.filter(({ video }) => videos.has(video)).slice(0, 3);
  $("next").hidden = !known.length;
  $("next-cards").replaceChildren(...known.map(({ video, time, why }) => {
    const item = card(videos.get(video), why);
    item.firstElementChild.href += `#t=${time}`;
    return item;
  }));
}

/** Asks for the videos, and shows them anew where something has changed. */
async function load() {
  try {
    const [answer, { next }] = await Promise.all([get("/api/videos"), get("/api/next")]);
    $("failure").hidden = true;
    const text = JSON.stringify([answer, next]);
    if (text === state.text) return;
    Object.assign(state, { videos: answer.videos, next, text });
    const focused = document.activeElement.closest?.("a.card")?.href;
    showProgress(answer.project);
    countStates();
    showNext();
    list();
    if (focused) [...document.querySelectorAll("a.card")].find((link) => link.href === focused)?.focus();
  } catch (error) {
    $("failure").textContent = sentence(error);
    $("failure").hidden = false;
  }
}

function start() {
  listenForAdding(load);
  $("filter").addEventListener("input", listAnew);
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("more").addEventListener("click", showMore);
  const near = (seen) => { if (seen.some((each) => each.isIntersecting)) showMore(); };
  new IntersectionObserver(near, { rootMargin: "600px" }).observe($("more"));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) load(); });
  whenOld(load);
  load();
}

start();
