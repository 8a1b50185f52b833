// Training: what a round would learn from, the steps of the job that runs or ran last, and its end.

import { get, post } from "/static/api.js";
import { $, STEPS, clock, editAddress, make, plural, sentence, share, watchJobs, whenOld } from "/static/navigation.js";

const KINDS = { round: "Round", copies: "Copies for browsers" };
const WINDOW = 60; // seconds over which the speed of a step is measured
const FEW = 3; // seconds that are too few to estimate from
const state = { job: undefined, text: "", said: "", busy: false, cancelling: false };
const pace = { step: "", points: [] }; // when how much of the current step was done

// What a round would learn from
async function showMaterial() {
  try {
    const { videos } = await get("/api/videos");
    const marked = videos.filter((video) => !video.broken && ["started", "labelled"].includes(video.state));
    const actions = marked.reduce((sum, video) => sum + video.actions, 0);
    $("material").textContent = marked.length
      ? `It would learn from ${plural(marked.length, "video")} with ${plural(actions, "action")}.`
      : "No actions are marked yet. Mark some in a few videos first.";
    showFirstDraft(videos.find((video) => video.drafts > 0 && !video.broken));
  } catch (error) {
    $("material").textContent = sentence(error);
  }
}

function showFirstDraft(video) {
  $("drafts").hidden = !video;
  if (!video) return;
  $("first-draft").textContent = `correct the drafts in ${video.id}`;
  $("first-draft").href = editAddress(video.id);
}

// Time that is left
/** The seconds that the current step still takes, going by its speed of late; null where nobody can tell. */
function timeLeft(job) {
  const now = performance.now() / 1000, step = `${job.number} ${job.step}`, { points } = pace;
  if (step !== pace.step || points.at(-1)?.done > job.done) points.length = 0;
  pace.step = step;
  points.push({ now, done: job.done });
  while (points.length > 2 && now - points[0].now > WINDOW) points.shift();
  const seconds = now - points[0].now, speed = (job.done - points[0].done) / seconds;
  return seconds >= FEW && speed > 0 && job.total ? Math.max(job.total - job.done, 0) / speed : null;
}

/** Seconds in words, as roughly as they are known. */
function roughly(seconds) {
  if (seconds < 10) return "a few seconds left";
  if (seconds < 90) return `about ${10 * Math.round(seconds / 10)} seconds left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} minutes left`;
  return `about ${(seconds / 3600).toFixed(1)} hours left`;
}

// The job
const running = (job) => job?.state === "running";

function bar(job, step, place) {
  const at = job.state === "done" ? job.steps.length : job.steps.indexOf(job.step);
  const part = place < at ? 1 : place > at ? 0 : share(job);
  const row = make("div", "", "step"), line = make("div", "", "group"), progress = make("progress");
  const left = place === at && running(job) ? timeLeft(job) : null;
  const words = place < at ? "done" : place > at ? "" : part === null ? job.state : `${Math.floor(100 * part)} %`;
  line.append(make("span", STEPS[step] ?? step));
  line.append(make("span", left === null ? words : `${words}, ${roughly(left)}`, "quiet numbers"));
  progress.setAttribute("aria-label", STEPS[step] ?? step);
  if (part !== null) progress.value = part;
  row.append(line, progress);
  return row;
}

/** Adds what was said since; the list stays at its end where it was there. */
function showLines(said) {
  const lines = $("lines"), atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
  const told = [...lines.children].every((line, place) => line.textContent === said[place]) ? lines.children.length : 0;
  if (!told) lines.replaceChildren();
  lines.append(...said.slice(told).map((text) => make("li", text)));
  $("log").hidden = !said.length;
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

function showJob(job) {
  const name = KINDS[job.kind] ?? job.kind;
  $("round-title").textContent = name;
  $("round-state").textContent = job.state;
  $("round-state").className = `chip state ${job.state}`;
  $("round-time").textContent = running(job) ? `${clock(job.seconds)} so far` : `took ${clock(job.seconds)}`;
  $("cancel").hidden = !running(job);
  $("cancel").textContent = state.cancelling ? "Cancelling" : "Cancel";
  $("resume").hidden = !["stopped", "failed"].includes(job.state);
  $("after").hidden = job.state !== "done" || job.kind !== "round";
  showError(job.error);
  $("bars").replaceChildren(...job.steps.map((step, place) => bar(job, step, place)));
  showLines(job.said);
  announce(running(job) ? `${name}: ${STEPS[job.step] ?? job.step}` : `${name}: ${job.state}`);
}

/** Writes an error once, so that a screen reader does not repeat it each second. */
function showError(text) {
  if ($("round-error").textContent !== (text ?? "")) $("round-error").textContent = text ?? "";
  $("round-error").hidden = !text;
}

/** Tells a screen reader of a step or an end, and not of each second. */
function announce(text) {
  if (state.said !== text) $("said").textContent = state.said = text;
}

/** Shows what the server says of its jobs; a lost connection leaves everything as it is. */
function update(jobs) {
  if (!jobs) return;
  const job = jobs.running ?? jobs.last, text = JSON.stringify(job);
  const turned = state.job !== undefined && running(state.job) !== running(job);
  $("start").hidden = Boolean(jobs.running);
  $("round").hidden = !job;
  state.cancelling &&= running(job);
  if (job && (text !== state.text || running(job))) showJob(job);
  Object.assign(state, { job, text });
  if (turned) keepFocus();
}

/** After a start or an end, the button that had the focus may be gone. */
function keepFocus() {
  const focused = document.activeElement;
  if (focused === document.body || focused.closest("[hidden]")) $("round-title").focus();
}

// What people do
function fail(error) {
  $("failure").textContent = error ? sentence(error) : "";
  $("failure").hidden = !error;
}

/** Sends a wish, and shows at once what comes of it. */
async function wish(path, body = {}) {
  if (state.busy) return; // a second click on the same button
  state.busy = true;
  fail(null);
  try {
    await post(path, body);
    update(await get("/api/jobs"));
  } catch (error) {
    state.cancelling = false;
    fail(error);
  }
  state.busy = false;
}

/** Cancels once a person has said so; the job says itself when it has stopped. */
function cancel() {
  if ($("sure").returnValue !== "yes") return;
  state.cancelling = true;
  wish("/api/jobs/cancel");
}

function start() {
  $("start").addEventListener("submit", (event) => {
    event.preventDefault();
    wish("/api/jobs", { kind: "round", network: new FormData($("start")).get("network") });
  });
  $("resume").addEventListener("click", () => wish("/api/jobs/resume"));
  $("cancel").addEventListener("click", () => {
    $("sure").returnValue = "no";
    $("sure").showModal();
  });
  $("sure").addEventListener("close", cancel);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) showMaterial(); });
  watchJobs(update);
  whenOld(showMaterial);
  showMaterial();
}

start();
