// Results: how good the model of each round is, how that changed, and where it fails.

import { get } from "/static/api.js";
import { $, clock, editAddress, make, sentence, whenOld } from "/static/navigation.js";

const SVG = "http://www.w3.org/2000/svg";
const SCORES = [["f1", "F1", "ink-0"], ["map", "mAP", "ink-1"]];
const UNMEASURED = { f1: null, map: null, per_label: [], places: [], advice: [], pages: [] };
const NO_NUMBER = "–";
const HEIGHT = 220, LEFT = 34, RIGHT = 52, TOP = 12, BOTTOM = 38;
let rounds = [];

const decimals = (score) => (score === null ? NO_NUMBER : score.toFixed(2));
const when = (time) => new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

// Sentences
/** What changed since the round before: "F1 0.71, before 0.58". */
function change(newest, before) {
  const parts = SCORES.filter(([key]) => newest[key] !== null).map(([key, name]) => {
    const old = before?.[key] ?? null;
    return `${name} ${decimals(newest[key])}` + (old === null ? "" : `, before ${decimals(old)}`);
  });
  return parts.length ? `Round ${newest.number}: ${parts.join("; ")}.` : `Round ${newest.number} has no numbers.`;
}

function meaning(newest) {
  if (newest.f1 === null && newest.map === null) {
    return "There are too few labelled videos to hold some back, so nothing could be measured. Label more videos.";
  }
  return "The numbers are of videos that the model has not learned from.";
}

// Tables
function row(title, cells) {
  const line = make("tr"), head = make("th", title);
  head.scope = "row";
  line.append(head, ...cells);
  return line;
}

const measured = (round) => round.f1 !== null || round.map !== null;

const PAGES = { report: ["report", "Report of"], diagnosis: ["errors", "Errors of"] };

function pagesCell({ number, pages }) {
  const cell = make("td", pages.length ? "" : NO_NUMBER, "words");
  for (const kind of pages) {
    const [name, spoken] = PAGES[kind], link = make("a", name);
    link.href = `/rounds/${number}/${kind}`;
    link.setAttribute("aria-label", `${spoken} round ${number}`);
    cell.append(...(cell.childNodes.length ? [", "] : []), link);
  }
  return cell;
}

function roundRow(round) {
  const counts = ["found", "missed", "wrong"].map((key) => (measured(round) ? round[key] : NO_NUMBER));
  const numbers = [round.actions, ...counts, decimals(round.f1), decimals(round.map)];
  const words = [when(round.time), round.network].map((text) => make("td", text, "words"));
  return row(round.number, [...words, ...numbers.map((number) => make("td", number)), pagesCell(round)]);
}

const labelRow = ({ label, actions, found, missed, wrong }) =>
  row(label, [actions, found, missed, wrong].map((number) => make("td", number)));

function showRounds() {
  $("rounds").replaceChildren(...rounds.map(roundRow));
  $("rounds").lastElementChild.setAttribute("aria-current", "true");
  $("rounds-table").scrollTop = $("rounds-table").scrollHeight;
}

function showLabels(newest) {
  $("by-label").hidden = !newest.per_label.length || !measured(newest);
  $("labels").replaceChildren(...newest.per_label.map(labelRow));
}

// Places
function placeItem({ video, start, sentence }) {
  const item = make("li"), link = make("a", `${sentence}, at ${clock(start)} in ${video}`);
  link.href = `${editAddress(video)}#t=${start}`;
  item.append(link);
  return item;
}

function showPlaces({ places, advice }) {
  $("places-panel").hidden = !places.length;
  $("places").replaceChildren(...places.map(placeItem));
  $("advice").hidden = !advice.length;
  $("advice").replaceChildren(...advice.map((text) => make("li", text)));
}

// The chart
function shape(name, attributes, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

/** Round numbers from 0 to `most`, about five of them. */
function ticks(most) {
  const rough = most / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
}

function drawAxes(chart, { x, y, width, most }) {
  for (const score of [0, 0.25, 0.5, 0.75, 1]) {
    chart.append(shape("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(score), y2: y(score) }));
    chart.append(shape("text", { x: LEFT - 6, y: y(score) + 4, "text-anchor": "end" }, score));
  }
  for (const actions of ticks(most)) {
    chart.append(shape("text", { x: x(actions), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, actions));
  }
  const middle = (LEFT + width - RIGHT) / 2;
  chart.append(shape("text", { x: middle, y: HEIGHT - 4, "text-anchor": "middle" }, "labelled actions"));
}

/** A curve of one score with its name at its end, `lift` pixels away from the last point. */
function drawScore(chart, { x, y }, [key, name, ink], lift) {
  const points = rounds.filter((round) => round[key] !== null).map((round) => [x(round.actions), y(round[key])]);
  if (!points.length) return;
  const group = shape("g", { class: ink }), [lastX, lastY] = points.at(-1);
  group.append(shape("polyline", { class: "curve", points: points.join(" ") }));
  for (const [cx, cy] of points) group.append(shape("circle", { class: "mark", cx, cy, r: 4 }));
  group.append(shape("text", { x: lastX + 9, y: lastY + 4 + lift }, name));
  chart.append(group);
}

function drawChart() {
  const chart = $("chart"), width = chart.parentElement.clientWidth - 28;
  const most = Math.max(1, ...rounds.map((round) => round.actions));
  const scale = {
    width, most,
    x: (actions) => LEFT + (actions / most) * (width - LEFT - RIGHT),
    y: (score) => TOP + (1 - score) * (HEIGHT - TOP - BOTTOM),
  };
  chart.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  chart.replaceChildren();
  drawAxes(chart, scale);
  const ends = SCORES.map(([key]) => scale.y(rounds.findLast((round) => round[key] !== null)?.[key] ?? 0));
  const crowded = Math.abs(ends[0] - ends[1]) < 14, away = ends[0] <= ends[1] ? -7 : 7;
  SCORES.forEach((score, place) => drawScore(chart, scale, score, crowded ? (place ? -away : away) : 0));
}

// Beginning
function show() {
  $("empty").hidden = rounds.length > 0;
  $("all").hidden = !rounds.length;
  if (!rounds.length) return;
  const newest = rounds.at(-1);
  $("change").textContent = change(newest, rounds.at(-2));
  $("meaning").textContent = meaning(newest);
  $("progress").hidden = !rounds.some(measured);
  showRounds();
  showLabels(newest);
  showPlaces(newest);
  if (!$("progress").hidden) drawChart();
}

async function load() {
  try {
    const answer = await get("/api/rounds");
    rounds = answer.rounds.map((round) => ({ ...UNMEASURED, ...round }));
    $("failure").hidden = true;
    show();
  } catch (error) {
    $("failure").textContent = sentence(error);
    $("failure").hidden = false;
  }
}

new ResizeObserver(() => { if (!$("progress").hidden && rounds.length) drawChart(); }).observe($("progress"));
whenOld(load);
load();
