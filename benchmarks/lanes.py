"""Lanes of 2,000 bars in a browser: the editor of `logotal app` beside two libraries that could draw them.

    python -m benchmarks.lanes

vis-timeline and wavesurfer.js with its regions come from the npm registry, pinned by their hashes; Chromium is the one
that the tests use. All are measured in one run, in one browser, on the same bars: milliseconds from frame to frame.
"""

import hashlib
import io
import json
import random
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from logotal.app.edits import Edit
from logotal.app.opening import open_store
from logotal.app.pages import STATIC
from logotal.formats.edited import Marked
from logotal.video.writer import write_video
from tests.app.running import App
from tests.browser import ARGUMENTS, chromium

REGISTRY = "https://registry.npmjs.org"
VIS = (
    f"{REGISTRY}/vis-timeline/-/vis-timeline-8.5.4.tgz",
    "695f0491f385444add8bddb040bdd59d3b6e7ca5e3283ba33186164291c5f200",
)
WAVESURFER = (
    f"{REGISTRY}/wavesurfer.js/-/wavesurfer.js-8.0.1.tgz",
    "f1a63903c1a53591ba24be4aad13d7ae69c6373f359701857135b756b307bf3b",
)
BARS, LANES, SECONDS, WINDOW = 2000, 6, 7200, 300
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
FRAMES = """async (count, step) => {
  const times = [];
  let last = null;
  for (let k = 0; k < count + 1; k++) {
    step(k);
    const now = await new Promise(requestAnimationFrame);
    if (last !== null) times.push(now - last);
    last = now;
  }
  return times.sort((a, b) => a - b)[count >> 1];
}"""
TIMELINE = """
document.body.innerHTML = '<div id="t" style="width: 1200px"></div>';
const groups = new vis.DataSet([...Array(LANES).keys()].map((id) => ({ id, content: `label ${id}` })));
const items = new vis.DataSet(bars.map(([start, end, group], id) =>
  ({ id, group, start: start * 1000, end: end * 1000, content: "" })));
const options = { editable: true, stack: false, height: "400px", showCurrentTime: false };
const timeline = new vis.Timeline(document.getElementById("t"), items, groups, options);
window.show = (from, to) => timeline.setWindow(from * 1000, to * 1000, { animation: false });
window.move = (k) => items.update({ id: 1000, end: (bars[1000][1] + k * 0.02) * 1000 });
window.drawn = () => document.querySelectorAll(".vis-item").length;
"""
REGIONS = """
document.body.innerHTML = '<div id="t" style="width: 1200px"></div>';
const regions = WaveSurfer.Regions.create();
const wave = WaveSurfer.create({ container: "#t", height: 400, peaks: [new Float32Array(SECONDS).fill(0.5)],
  duration: SECONDS, minPxPerSec: 4, plugins: [regions] });
window.ready = new Promise((done) => wave.on("ready", () => {
  window.made = bars.map(([start, end]) => regions.addRegion({ start, end, drag: true, resize: true }));
  done();
}));
let scale = 4;
window.show = (from, to) => {
  if (scale !== 1200 / (to - from)) wave.zoom(scale = 1200 / (to - from));
  wave.setScrollTime(from);
};
window.move = (k) => made[1000].setOptions({ start: bars[1000][0], end: bars[1000][1] + k * 0.02 });
window.drawn = () => document.querySelector("#t div").shadowRoot.querySelectorAll("[part~=region]").length;
"""
Numbers = dict[str, float]


def the_bars() -> list[tuple[float, float, int]]:
    """Start, end and lane of each, rising."""
    generator = random.Random(0)
    starts = sorted(generator.uniform(0, SECONDS - 10) for _ in range(BARS))
    return [(start, start + generator.uniform(1, 8), generator.randrange(LANES)) for start in starts]


def fetched(address: str, sha256: str, name: str) -> str:
    """A file of a package of the registry."""
    with urllib.request.urlopen(address) as answer:
        content = answer.read()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{address}: expected the hash {sha256}, found {found}")
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        file = package.extractfile(f"package/{name}")
        assert file is not None
        return file.read().decode()


def of_library(browser: Any, folder: Path, name: str, scripts: list[str], page: str) -> Numbers:
    """The numbers of a library."""
    given = f"const bars = {json.dumps(the_bars())}, LANES = {LANES}, SECONDS = {SECONDS};"
    parts = [*scripts, given + page]
    path = folder / f"{name}.html"
    path.write_text("<!DOCTYPE html><body>" + "".join(f"<script>{part}</script>" for part in parts))
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    began = time.monotonic()
    tab.goto(path.as_uri())
    tab.evaluate("async () => { await window.ready; show(0, 300); await new Promise(requestAnimationFrame); }")
    first = time.monotonic() - began
    pan = tab.evaluate(f"({FRAMES})(60, (k) => show(k * 2, k * 2 + {WINDOW}))")
    zoom = tab.evaluate(f"({FRAMES})(60, (k) => show(0, {SECONDS} * (1 - k / 400)))")
    tab.evaluate(f"show(0, {SECONDS})")
    moved = tab.evaluate(f"({FRAMES})(60, move)")
    kilobytes = sum(map(len, scripts)) / 1000
    return {"first": first, "pan": pan, "zoom": zoom, "move": moved, "kB": kilobytes, "bars": tab.evaluate("drawn()")}


def of_ours(browser: Any, folder: Path) -> Numbers:
    """The numbers of the whole editor, with its film strip, its axis and its list for screen readers."""
    write_video(folder / "long.mp4", (np.full((16, 16, 3), i % 200, np.uint8) for i in range(SECONDS)), fps=1)
    store = open_store(folder)
    marked = [
        Marked(id=f"{at}", start=start, end=end, label=f"label {lane}")
        for at, (start, end, lane) in enumerate(the_bars())
    ]
    store.change(Edit(video="long", put=marked), store.version)
    store.save()
    with App(folder) as running:
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.goto(running.address)
        began = time.monotonic()
        tab.goto(f"{running.address.partition('/?')[0]}/edit?video=long")
        while not tab.evaluate("Boolean(window.editor?.document?.state)"):
            tab.wait_for_timeout(10)
        tab.evaluate("new Promise(requestAnimationFrame)")
        first = time.monotonic() - began
        tab.wait_for_timeout(2000)
        frames = f"({FRAMES})"
        wheel = "document.getElementById('lanes').dispatchEvent(new WheelEvent('wheel', {bubbles: true, %s}))"
        key = "document.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', bubbles: true}))"
        tab.keyboard.press("End")
        tab.keyboard.press("Enter")
        moved = tab.evaluate(f"{frames}(60, (k) => {key % 'ArrowLeft'})")
        tab.keyboard.press("Escape")
        zoom = tab.evaluate(f"{frames}(60, (k) => {wheel % 'deltaY: -20, ctrlKey: true, clientX: 600'})")
        tab.keyboard.press("0")
        for _ in range(40):
            if tab.evaluate(f"window.editor.lanes.xOf({WINDOW}) - window.editor.lanes.xOf(0)") >= 1000:
                break
            tab.keyboard.press("+")
        pan = tab.evaluate(f"{frames}(60, (k) => {wheel % 'deltaX: 8'})")
        kilobytes = sum(path.stat().st_size for path in STATIC.glob("*.js")) / 1000
        options = tab.locator("#options [role=option]").count()
    return {"first": first, "pan": pan, "zoom": zoom, "move": moved, "kB": kilobytes, "bars": options}


def main() -> None:
    """Prints the table."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a dev dependency

    vis = fetched(*VIS, "standalone/umd/vis-timeline-graph2d.min.js")
    wave = [fetched(*WAVESURFER, f"dist/{name}.min.js") for name in ("wavesurfer", "plugins/regions")]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        folder = Path(place)
        (folder / "project").mkdir()
        browser = driver.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *UNLIMITED])
        found = {
            "the editor of logotal app": of_ours(browser, folder / "project"),
            "vis-timeline 8.5.4": of_library(browser, folder, "vis", [vis], TIMELINE),
            "wavesurfer.js 8.0.1, regions": of_library(browser, folder, "wavesurfer", wave, REGIONS),
        }
    ours = next(iter(found.values()))
    print("| | first drawing | pan, 5 min in view | zoom in from all | a bar moves, all in view | kB | elements |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, numbers in found.items():
        ratios = (f"{numbers[what] / ours[what]:.1f} ({numbers[what]:.0f} ms)" for what in ("pan", "zoom", "move"))
        first = f"{numbers['first'] / ours['first']:.1f} ({numbers['first']:.1f} s)"
        print(f"| {name} | {first} | {' | '.join(ratios)} | {numbers['kB']:.0f} | {numbers['bars']:.0f} |")


if __name__ == "__main__":
    main()
