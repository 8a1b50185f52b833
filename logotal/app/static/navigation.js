// What every page has: the steps at the top with the running job, a line for a lost connection, and small words.

import { isLost, poll } from "/static/api.js";

export const STEPS = {
  labels: "Read the labels", extract: "Compute features", train: "Train", evaluate: "Score", detect: "Find drafts",
  copy: "Make copies that browsers play",
};
const watchers = [];

export const $ = (id) => document.getElementById(id);
export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
export const editAddress = (video) => `/edit?video=${encodeURIComponent(video)}`;

/** An element with a text and classes. */
export function make(name, text = "", look = "") {
  const node = document.createElement(name);
  node.textContent = text;
  node.className = look;
  return node;
}

/** Seconds as m:ss, or h:mm:ss from an hour on. */
export function clock(seconds) {
  const whole = Math.round(seconds), two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** What to tell a person whose request failed; nobody sends such a request again but that person. */
export function sentence(error) {
  return isLost(error) ? "The server does not answer, so this was not done; try again when it does." : error.message;
}

/** The share of its step that a job has done, from 0 to 1; null where nobody knows. */
export const share = ({ done, total }) => (total > 0 ? Math.min(done / total, 1) : null);

/** Calls back with the answer of /api/jobs, or with null and an error, each time that it is asked. */
export function watchJobs(callback) {
  watchers.push(callback);
}

/** Calls back when what the page shows may be old: a job has ended, or the server answers again. */
export function whenOld(callback) {
  let running = false, lost = false;
  watchJobs((jobs, error) => {
    if (jobs && (lost || (running && !jobs.running))) callback();
    lost = Boolean(error);
    if (jobs) running = Boolean(jobs.running);
  });
}

function showJob(link, job) {
  link.hidden = !job;
  if (!job) return;
  const part = share(job), step = STEPS[job.step] ?? job.step;
  link.textContent = part === null ? step : `${step} ${Math.floor(100 * part)} %`;
}

/** Makes the link to the running job, behind the steps. */
function jobLink(steps) {
  const link = make("a", "", "chip state running");
  link.id = "job";
  link.href = "/train";
  link.hidden = true;
  steps.after(link);
  return link;
}

/** Makes the line that says that the server does not answer. */
function lostLine() {
  const line = make("p", "", "message error");
  line.setAttribute("role", "alert");
  line.hidden = true;
  document.querySelector("main").prepend(line);
  return line;
}

function start() {
  const steps = document.querySelector("nav"), link = jobLink(steps), line = lostLine();
  for (const step of steps.querySelectorAll("a")) {
    if (step.pathname === location.pathname) step.setAttribute("aria-current", "page");
  }
  poll("/api/jobs", location.pathname === "/train" ? 1 : 3, (jobs, error) => {
    const text = error?.message ?? "";
    if (line.textContent !== text) line.textContent = text; // a screen reader says it once
    line.hidden = !error;
    if (jobs) showJob(link, jobs.running);
    for (const watcher of watchers) watcher(jobs, error);
  });
}

start();
