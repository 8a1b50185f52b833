// Files that people add to the project: videos and label files, one after another.

import { post, put } from "/static/api.js";
import { $, make, plural, sentence } from "/static/navigation.js";

const VIDEO_NAME = /\.(mp4|m4v|mov|mkv|webm|avi|mts|m2ts|ts|mpe?g|wmv|flv|ogv|3gp)$/i;
const waiting = []; // files that are still to be sent
let added = () => {}; // what is done when all are sent

function addFiles(files) {
  for (const file of files) {
    const row = $("file-row").content.cloneNode(true).firstElementChild;
    row.querySelector(".title").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", `Progress of ${file.name}`);
    row.querySelector("button").addEventListener("click", () => {
      $("files-title").focus(); // the button goes
      enqueue(file, row);
    });
    $("file-rows").append(row);
    enqueue(file, row);
  }
}

function enqueue(file, row) {
  report(row, "waiting");
  $("files").hidden = false;
  waiting.push([file, row]);
  if (waiting.length === 1) sendAll();
}

function report(row, text, failed = false) {
  row.querySelector(".result").textContent = text;
  row.querySelector("button").hidden = !failed;
  row.classList.toggle("failed", failed);
}

async function sendAll() {
  $("clear").hidden = true;
  for (; waiting.length; waiting.shift()) await send(...waiting[0]);
  $("clear").hidden = false;
  await added();
}

async function send(file, row) {
  const bar = row.querySelector("progress");
  bar.hidden = false;
  try {
    await checkReadable(file);
    const video = file.type.startsWith("video/") || VIDEO_NAME.test(file.name);
    const text = video ? await sendVideo(file, row, bar) : await sendLabels(file, row);
    report(row, text);
    $("said").textContent = `${file.name}: ${text}`;
  } catch (error) {
    report(row, sentence(error), true);
    $("said").textContent = `${file.name}: ${sentence(error)}`;
  }
  bar.hidden = true;
}

/** A browser gives a folder as a file that nobody can read. */
async function checkReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Error("It cannot be read. Add files, not a folder of them.");
  }
}

async function sendVideo(file, row, bar) {
  await put(`/api/files/${encodeURIComponent(file.name)}`, file, (share) => {
    bar.value = share;
    report(row, share < 1 ? `${Math.floor(100 * share)} %` : "The server reads it.");
  });
  return "added";
}

/** Sends a label file, with an answer more each time that the server asks. */
async function sendLabels(file, row) {
  const answers = new URLSearchParams(), name = { "X-File-Name": encodeURIComponent(file.name) };
  row.querySelector("progress").removeAttribute("value");
  for (;;) {
    report(row, "importing");
    try {
      const { actions, videos, notes } = await post(`/api/import?${answers}`, file, name);
      row.querySelector(".notes").replaceChildren(...(notes ?? []).map((note) => make("li", note)));
      return `${plural(actions, "action")} in ${plural(videos, "video")} imported`;
    } catch (error) {
      if (error.status !== 422 || !error.body?.question) throw error;
      const { option } = error.body.question, answer = await ask(file.name, error.message, error.body.question);
      if (answer === null) return "left out";
      answers.set(option, answer);
    }
  }
}

/** Asks a person what the server asks; null where nobody answers. */
function ask(file, text, { option, values }) {
  const field = values?.length ? make("select") : make("input");
  if (values?.length) field.append(...values.map((value) => new Option(value, value)));
  else Object.assign(field, { type: "text", required: true });
  $("question-title").textContent = `Import of ${file}`;
  $("question-text").textContent = text;
  $("question-option").textContent = option;
  $("question-field").replaceChildren(field);
  const dialog = $("question");
  dialog.returnValue = "cancel";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    const close = () => resolve(dialog.returnValue === "answer" ? field.value : null);
    dialog.addEventListener("close", close, { once: true });
  });
}

function listenForDrops() {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(false);
    addFiles(event.dataTransfer.files);
  });
}

function listenForFiles(button, input) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    addFiles(input.files);
    input.value = "";
  });
}

/** Lets people drop and choose files; calls back when all of them are added. */
export function listenForAdding(callback) {
  added = callback;
  listenForDrops();
  listenForFiles($("add"), $("video-files"));
  listenForFiles($("import"), $("label-files"));
  $("clear").addEventListener("click", () => {
    $("file-rows").replaceChildren();
    $("files").hidden = true;
    $("add").focus();
  });
  $("leave-out").addEventListener("click", () => $("question").close("cancel"));
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
}
