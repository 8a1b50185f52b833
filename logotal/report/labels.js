// Which labels are shown: a list with a box for each of the video's; what is hidden stays so in other videos.

const boxes = new Map();

function showLabels(labels, shown) {
  for (const label of labels) {
    if (shown) state.hidden.delete(label); else state.hidden.add(label);
    boxes.get(label).checked = shown;
  }
  countLabels();
  filter();
}

function countLabels() {
  const labels = [...boxes.keys()], shown = labels.filter((label) => !state.hidden.has(label)).length;
  $("labels-shown").textContent = shown < labels.length ? `${shown} of ${labels.length}` : String(shown);
}

/** The list for a video whose actions are `actions`. */
function listLabels(actions) {
  const colors = new Map(actions.map(({ label, color }) => [label, color]));
  boxes.clear();
  $("choices").replaceChildren(...[...colors.keys()].sort().map((label) => labelChoice(label, colors.get(label))));
  $("choice").hidden = boxes.size < 2 && !state.hidden.size;
  countLabels();
}

function labelChoice(label, color) {
  const line = make("label", "", `ink-${color}`), box = make("input");
  Object.assign(box, { type: "checkbox", checked: !state.hidden.has(label), autocomplete: "off" });
  box.addEventListener("change", () => showLabels([label], box.checked));
  boxes.set(label, box);
  line.append(box, make("span", label));
  return line;
}

function closeLabels() {
  const inside = $("choice").contains(document.activeElement);
  $("choice").open = false;
  if (inside) $("choice").querySelector("summary").focus();
}

function listenToLabels() {
  $("labels-all").addEventListener("click", () => showLabels([...boxes.keys()], true));
  $("labels-none").addEventListener("click", () => showLabels([...boxes.keys()], false));
  addEventListener("pointerdown", (event) => { if (!$("choice").contains(event.target)) $("choice").open = false; });
}
