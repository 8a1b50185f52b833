// What the user does, and what it changes.

function click(event) {
  if (grabbed?.moved) return;
  const frame = drawing.getBoundingClientRect(), v = view();
  const x = event.clientX - frame.left, y = event.clientY - frame.top;
  const found = actionsAt(x, y, v, state.layout, state.shown);
  // A second click at the same place takes the next action below.
  const next = found[(found.indexOf(state.selected) + 1) % found.length];
  if (next) select(next, true);
  else if (playable()) player.currentTime = Math.min(Math.max(v.first + (v.left + x) / v.scale, 0), player.duration || extent.last);
  else select(null);
  refresh();
}

const KEYS = {
  ArrowRight: () => move(1), ArrowLeft: () => move(-1), "+": () => zoom(1.6), "=": () => zoom(1.6),
  "-": () => zoom(1 / 1.6), "0": () => setScale(0), Escape: () => { if ($("choice").open) closeLabels(); else select(null); },
  ",": () => stepFrame(-1), ".": () => stepFrame(1), "<": () => changeSpeed(-1), ">": () => changeSpeed(1), f: toggleFollowing,
  " ": () => { if (player.paused) player.play(); else player.pause(); },
};
// Keys that an element needs itself.
const OWN = [["select, input[type=range]", () => true], ["input", (key) => key === " "], ["button, summary", (key) => key === " "],
  ["video", (key) => key === " " || key.startsWith("Arrow")]];

function press(event) {
  const key = event.key;
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, key)) return;
  if (OWN.some(([where, owns]) => event.target.closest(where) && owns(key))) return;
  if (key === " " && !playable()) return;
  event.preventDefault();
  KEYS[key]();
}

function wheel(event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  setScale(state.scale * Math.exp(-event.deltaY * 0.004), event.clientX - scroller.getBoundingClientRect().left);
}

let grabbed = null;

function grab(event) {
  if (event.pointerType === "mouse" && event.button === 0) grabbed = { x: event.clientX, left: scroller.scrollLeft, moved: false };
}

function drag(event) {
  if (!grabbed) return;
  grabbed.moved ||= Math.abs(event.clientX - grabbed.x) > 4;
  if (!grabbed.moved) return;
  drawing.classList.toggle("dragged", zoomed());
  scroller.scrollLeft = grabbed.left + grabbed.x - event.clientX;
}

function release() {
  drawing.classList.remove("dragged");
  setTimeout(() => { grabbed = null; }); // after the click that ends a drag
}

function listen() {
  listenToPlayer();
  listenToLabels();
  $("video").addEventListener("change", () => choose(Number($("video").value)));
  $("previous-video").addEventListener("click", () => choose(state.index - 1));
  $("next-video").addEventListener("click", () => choose(state.index + 1));
  $("score").addEventListener("input", () => { state.least = Number($("score").value); filter(); });
  $("zoom-in").addEventListener("click", () => zoom(1.6));
  $("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  $("fit").addEventListener("click", () => setScale(0));
  $("list").addEventListener("toggle", fillTable);
  drawing.addEventListener("click", click);
  axis.addEventListener("click", click);
  drawing.addEventListener("pointerdown", grab);
  addEventListener("pointermove", drag);
  addEventListener("pointerup", release);
  scroller.addEventListener("wheel", wheel, { passive: false });
  document.addEventListener("keydown", press);
  narrow.addEventListener("change", filter);
  new ResizeObserver(() => setScale(zoomed() ? state.scale : 0)).observe(scroller);
  addEventListener("hashchange", arrive);
}
