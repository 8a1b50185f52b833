// The page: which video, which actions, how far zoomed, what is selected. controls.js changes these.

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const scroller = $("scroller"), player = $("player"), drawing = $("drawing"), axis = $("axis");
const narrow = matchMedia("(max-width: 640px)");
const MOST_ROWS = 1000;
const AROUND = 20; // seconds that are shown around a place
const state = {
  index: 0, video: null, actions: [], shown: [], layout: null, rows: new Map(), selected: null, scale: 1, least: 0,
  hidden: new Set(), // labels that somebody switched off, in every video
};
const extent = { first: 0, last: 1 };
let requested = 0;

function refresh() {
  if (!requested) requested = requestAnimationFrame(() => { requested = 0; paint(); });
}

function view() {
  const width = scroller.clientWidth, left = scroller.scrollLeft, { first, last } = extent, { scale } = state;
  return { width, left, scale, first, last, x: (seconds) => (seconds - first) * scale - left };
}

function paint() {
  if (!state.layout) return;
  const v = view();
  drawing.setAttribute("width", v.width);
  drawing.setAttribute("height", state.layout.bottom);
  axis.style.left = `${scroller.offsetLeft}px`;
  axis.setAttribute("width", v.width);
  draw(drawing, v, state.layout, state.shown, state.selected);
  drawAxis(axis, v);
  movePlayhead();
  const from = v.first + v.left / v.scale, to = Math.min(from + v.width / v.scale, v.last);
  const digits = (to - from) < 20 ? 1 : 0;
  $("span").textContent = `${clock(from, digits)} – ${clock(to, digits)}` + (zoomed() ? ` of ${clock(v.last)}` : "");
  $("zoom-out").disabled = $("fit").disabled = !zoomed();
  $("zoom-in").disabled = state.scale >= largestScale();
}

// Zoom and pan. The spacer is as wide as the whole video, so panning is the browser's own scrolling.
const fitScale = () => Math.max(scroller.clientWidth, 1) / (extent.last - extent.first);
const largestScale = () => Math.max(4 * fitScale(), Math.min(1000, 8e6 / (extent.last - extent.first)));
const zoomed = () => state.scale > fitScale() * 1.001;

function setScale(scale, anchor = scroller.clientWidth / 2) {
  const seconds = (scroller.scrollLeft + anchor) / state.scale;
  state.scale = Math.min(Math.max(scale, fitScale()), largestScale());
  $("spacer").style.width = zoomed() ? `${(extent.last - extent.first) * state.scale}px` : "100%";
  pan(seconds * state.scale - anchor);
  lookAway();
  refresh();
}

function zoom(factor) {
  const focus = state.selected ? (state.selected.start + state.selected.end) / 2 : playable() ? player.currentTime : NaN;
  const x = view().x(focus);
  setScale(state.scale * factor, x >= 0 && x <= scroller.clientWidth ? x : undefined);
  if (state.selected) reveal(state.selected.start, state.selected.end);
}

function reveal(start, end) {
  const v = view();
  if (v.x(end) > v.width || v.x(start) < 0) {
    const middle = ((start + end) / 2 - v.first) * v.scale - v.width / 2;
    pan(Math.min(middle, (start - v.first) * v.scale - 12));
  }
}

// Which actions are shown
const passes = (action) => !state.hidden.has(action.label) && (action.truth || action.score >= state.least);

function filter() {
  const actions = state.actions.filter(passes);
  if (state.selected && !passes(state.selected)) select(null);
  state.shown = drawingOrder(actions);
  state.layout = layLanes(actions, state.video.truths !== null, narrow.matches);
  const left = actions.filter((action) => !action.truth).length;
  $("count").textContent = `${left} of ${plural(state.video.predictions.length / PREDICTED, "action")}`;
  $("score-value").textContent = state.least.toFixed(2);
  $("empty").hidden = actions.length > 0;
  $("empty").textContent = !state.actions.length ? "No actions in this video."
    : state.hidden.size ? "No action is shown: choose labels or a lower score." : "No action has such a score.";
  $("crowded").hidden = !state.layout.lanes.some((lane) => lane.rows >= data.rows);
  $("labels").replaceChildren(...state.layout.lanes.map(laneLabel));
  $("spacer").style.height = `${state.layout.bottom}px`;
  fillTable();
  refresh();
}

function fillTable() {
  if (!$("list").open) return;
  const listed = state.actions.filter(passes);
  const choose = (action) => select(action, true);
  state.rows = new Map(listed.slice(0, MOST_ROWS).map((action) => [action, tableRow(action, choose)]));
  $("rows").replaceChildren(...state.rows.values());
  $("more").textContent = listed.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${listed.length}.` : "";
  state.rows.get(state.selected)?.setAttribute("aria-current", "true");
}

// The selected action
function select(action, seek = false) {
  state.rows.get(state.selected)?.removeAttribute("aria-current");
  state.rows.get(action)?.setAttribute("aria-current", "true");
  state.selected = action;
  const hint = "Choose an action in the timeline to see its times and score.";
  $("details").replaceChildren(...(action ? actionCard(action, state.actions, state.video.truths !== null) : [hint]));
  $("details").classList.toggle("quiet", !action);
  if (action) reveal(action.start, action.end);
  if (action && seek && playable()) player.currentTime = action.start;
  refresh();
}

function move(step) {
  const order = state.actions.filter(passes);
  if (!order.length) return;
  const from = player.currentTime || extent.first + scroller.scrollLeft / state.scale;
  const at = state.selected ? order.indexOf(state.selected) + step
    : step > 0 ? order.findIndex((action) => action.start >= from)
    : order.findLastIndex((action) => action.start <= from);
  select(order[Math.min(Math.max(at, 0), order.length - 1)], true);
}

// The chosen video
function show(index) {
  state.index = index;
  state.video = data.videos[index];
  state.selected = null;
  state.actions = readActions(state.video, data.labels, data.colors);
  const { id, duration, source, predictions, truths, learned } = state.video;
  extent.first = Math.min(0, ...state.actions.slice(0, 1).map((action) => action.start));
  extent.last = state.actions.reduce((last, action) => Math.max(last, action.end), duration || 0);
  if (extent.last <= extent.first) extent.last = extent.first + 1;
  const facts = [id, duration === null ? null : clock(duration), plural(predictions.length / PREDICTED, "action"),
    truths && plural(truths.length / TRUE, "truth")];
  $("summary").textContent = facts.filter((fact) => fact !== null).join("  ·  ");
  if (learned) $("summary").append(" ", make("span", "learned from", "badge"));
  const kind = learned ? ", which the model has learned from" : "";
  scroller.setAttribute("aria-label", `Timeline of ${id}${kind}: ${plural(predictions.length / PREDICTED, "action")}`);
  $("labels").style.setProperty("--names", `${namesWidth(state.actions.map((action) => action.label))}px`);
  $("details").hidden = $("list").hidden = state.actions.length === 0;
  $("truth-legend").hidden = truths === null;
  $("filter").hidden = predictions.length === 0;
  listLabels(state.actions);
  load(source);
  player.setAttribute("aria-label", `Video ${id}`);
  $("video").value = String(index);
  $("previous-video").disabled = index === 0;
  $("next-video").disabled = index === data.videos.length - 1;
  select(null);
  filter();
  setScale(0);
}

function choose(index) {
  const address = `#${encodeURIComponent(data.videos[index].id)}`;
  try { history.replaceState(null, "", address); } catch { /* a notebook's frame has no address of its own */ }
  show(index);
}

/** Shows the video that the address names, at the time that may stand behind it: #VIDEO;t=SECONDS. */
function arrive() {
  const [name, ...more] = location.hash.slice(1).split(";");
  let id = "";
  try { id = decodeURIComponent(name); } catch { /* an address that somebody mistyped */ }
  show(Math.max(0, data.videos.findIndex((video) => video.id === id)));
  const time = Number(more.find((part) => part.startsWith("t="))?.slice(2) ?? NaN);
  if (Number.isFinite(time)) lookAt(time);
}

/** Shows the surroundings of a time, and plays from there. */
function lookAt(time) {
  setScale(scroller.clientWidth / AROUND);
  pan((time - extent.first) * state.scale - scroller.clientWidth / 2);
  if (playable()) player.currentTime = Math.max(time, 0);
  lookAway();
}

/** The list of places that are worth a look, each of which leads there. */
function listPlaces() {
  $("places").hidden = !data.places.length;
  $("places-count").textContent = data.places.length;
  for (const { video, time, text } of data.places) {
    const item = make("li"), link = make("a", text);
    link.href = `#${encodeURIComponent(data.videos[video].id)}` + (time === null ? "" : `;t=${time}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (const each of $("places").querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      try { history.replaceState(null, "", link.hash); } catch { /* a notebook's frame has no address of its own */ }
      arrive();
    });
    item.append(link);
    $("places").querySelector("ol").append(item);
  }
}

// Beginning
function setSlider() {
  let low = 0, high = 1, weak = 0, count = 0;
  for (const { predictions } of data.videos) {
    for (let i = PREDICTED - 1; i < predictions.length; i += PREDICTED, count++) {
      low = Math.min(low, predictions[i]);
      high = Math.max(high, predictions[i]);
      if (predictions[i] < 0.1) weak++;
    }
  }
  [$("score").min, $("score").max] = [Math.floor(low), Math.ceil(high)];
  // A detector's raw output is mostly noise, which would hide the rest; the count beside the slider says what is left.
  state.least = weak > count / 2 ? 0.1 : Math.floor(low);
  $("score").value = state.least;
}

function start() {
  if (!data.videos.length) {
    $("summary").textContent = "No videos in this report.";
    for (const part of document.querySelectorAll("main > :not(#summary)")) part.hidden = true;
    return;
  }
  setSlider();
  $("chooser").hidden = data.videos.length < 2;
  $("video").append(...data.videos.map(({ id, learned }, i) => new Option(learned ? `${id} (learned from)` : id, i)));
  $("learned").textContent = learnedSentence(data.videos);
  listPlaces();
  listen();
  arrive();
}

start();
