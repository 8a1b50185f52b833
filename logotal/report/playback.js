// The video: frame steps, speed, a view that follows the playhead, and words for a video that cannot be shown.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2, 4];
let followed = true; // as the button says
let away = false; // somebody scrolled or zoomed to where the playhead is not
let ours = 0; // where this page scrolled to last: what differs was scrolled by hand

const playable = () => state.video.source !== null && $("missing").hidden;

function pan(left) {
  scroller.scrollLeft = left;
  ours = scroller.scrollLeft;
}

function inView() {
  const x = view().x(player.currentTime);
  return x >= 0 && x <= scroller.clientWidth;
}

function showFollowing() {
  $("follow").setAttribute("aria-pressed", String(followed && !away));
}

function lookAway() {
  away = playable() && !inView();
  showFollowing();
}

/** Turns the page, as it were: the playhead goes on at the left. */
function bringPlayhead() {
  away = false;
  if (!inView()) pan(scroller.scrollLeft + view().x(player.currentTime) - scroller.clientWidth / 10);
  showFollowing();
}

function toggleFollowing() {
  followed = !followed || away;
  if (followed) bringPlayhead();
  showFollowing();
  refresh();
}

function scrolled() {
  if (Math.abs(scroller.scrollLeft - ours) >= 1) {
    ours = scroller.scrollLeft;
    lookAway();
  }
  refresh();
}

function play() {
  if (player.paused) return;
  if (followed && (!away || inView())) {
    const before = scroller.scrollLeft;
    bringPlayhead();
    if (scroller.scrollLeft !== before) refresh();
  }
  movePlayhead();
  requestAnimationFrame(play);
}

/** The playhead is elsewhere; all else is where it was. */
function movePlayhead() {
  if (!playable() || !state.layout) return;
  const x = view().x(player.currentTime);
  drawPlayhead(drawing, x, state.layout.bottom, false);
  drawPlayhead(axis, x, AXIS, true);
  $("now").textContent = clock(player.currentTime, 2);
}

function sought() {
  if (followed && playable()) bringPlayhead();
  refresh();
}

/** Goes to the middle of the next frame or of the one before, where no rounding shows its neighbor. */
function stepFrame(step) {
  if (!playable()) return;
  player.pause();
  const rate = state.video.fps || 25;
  const frame = Math.floor(player.currentTime * rate + 1e-3) + step;
  player.currentTime = Math.min(Math.max((frame + 0.5) / rate, 0), player.duration || Infinity);
}

function setSpeed(speed) {
  player.defaultPlaybackRate = player.playbackRate = speed; // the default is what the next video begins with
  $("speed").value = String(speed);
}

function changeSpeed(step) {
  const at = SPEEDS.indexOf(Number($("speed").value)) + step;
  if (playable()) setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]);
}

function cannotPlay() {
  const { source, codec } = state.video;
  if (source === null) return;
  player.pause();
  $("missing").hidden = false;
  player.hidden = $("transport").hidden = $("space-key").hidden = true;
  const name = decodeURIComponent(source), container = name.includes(".") ? ` in a .${name.split(".").pop()} file` : "";
  const what = codec ? ` (${codec} video${container})` : "";
  $("why").textContent = `This browser cannot show ${name}${what}. Either it does not lie where the page expects it, `
    + "or this browser does not play its coding; H.264, VP9 and AV1 in .mp4 or .webm play nearly everywhere.";
  refresh();
}

function load(source) {
  $("stage").hidden = $("space-key").hidden = source === null;
  $("missing").hidden = true;
  player.hidden = $("transport").hidden = false;
  player.pause();
  if (source === null) player.removeAttribute("src"); else player.src = source;
  if (source === null) player.load();
  $("now").textContent = clock(0, 2);
}

/** What stays in sight below the video needs to know how much of the window the video takes. */
function measureStage() {
  const height = playable() ? $("stage").offsetHeight : 0;
  document.documentElement.style.setProperty("--stage", `${height}px`);
}

function listenToPlayer() {
  new ResizeObserver(measureStage).observe($("stage"));
  $("speed").append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed)));
  setSpeed(1);
  $("frame-back").addEventListener("click", () => stepFrame(-1));
  $("frame-forth").addEventListener("click", () => stepFrame(1));
  $("speed").addEventListener("change", () => setSpeed(Number($("speed").value)));
  $("follow").addEventListener("click", toggleFollowing);
  scroller.addEventListener("scroll", scrolled);
  player.addEventListener("timeupdate", movePlayhead);
  player.addEventListener("seeked", sought);
  player.addEventListener("play", play);
  player.addEventListener("error", cannotPlay);
  player.addEventListener("loadedmetadata", () => {
    // Sound that can be played hides pictures that cannot: there is no error then.
    if (player.videoWidth) refresh(); else cannotPlay();
  });
}
