"""The round in a real browser: what people do with mouse and keys reaches the labels on the disk, and stays there."""

import json
import os
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="needs uvicorn, of the extra app")

from logotal.app.drafts import write_drafts
from logotal.app.edits import Edit
from logotal.app.opening import open_store
from logotal.backbones.weights import UnreachableError, fetch_weights
from logotal.demo.rendered import write_rendered_video
from logotal.formats.edited import Marked
from logotal.project.create import create
from logotal.timeline import Action, Timeline
from logotal.video.writer import write_video
from tests.app.running import App
from tests.browser import headless_chromium
from tests.project.films import films

SECONDS = 120.0
"""That a page may take to show what is expected."""
READY = "Boolean(window.editor?.document?.state)"
"""Before, `window.editor` is the element of that id."""
NAMED = (
    *("button", "link", "textbox", "searchbox", "spinbutton", "combobox", "listbox", "option", "slider", "radio"),
    *("heading", "region", "navigation", "dialog", "progressbar", "image", "Canvas", "Video"),
)
"""Roles of controls, parts and pictures that need a name."""
DRAFTS = tuple(Action(float(start), start + 1.0, "jump", score=0.2 * start) for start in (1, 2, 3, 4))


class Page:
    """An open page of the app."""

    def __init__(self, browser: Any, app: App, **context: Any) -> None:
        self.errors: list[str] = []
        self.app = app
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | context)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.devtools = self.context.new_cdp_session(self.page)
        self.page.goto(app.address)
        self.base = app.address.partition("/?")[0]

    def edit(self, video: str) -> "Page":
        """Opens a video in the editor, once its lanes are drawn."""
        self.page.goto(f"{self.base}/edit?video={video}")
        self.until(f"{READY} && document.getElementById('player').readyState > 0")
        self.page.wait_for_timeout(200)
        return self

    def until(self, condition: str, seconds: float = SECONDS) -> None:
        """Waits until a JavaScript expression is true."""
        for _ in range(round(seconds / 0.05)):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not within {seconds:g} s: {condition}; {self.errors}")

    def saved(self) -> None:
        """Waits until all edits are on the disk."""
        self.until("document.getElementById('saving').textContent === 'All saved'")

    def keys(self, *keys: str) -> None:
        """Presses keys."""
        for key in keys:
            self.page.keyboard.press(key)

    def seek(self, seconds: float) -> None:
        """Puts the playhead somewhere."""
        self.page.evaluate("seconds => { document.getElementById('player').currentTime = seconds; }", seconds)
        there = f"Math.abs(document.getElementById('player').currentTime - {seconds}) < 0.05"
        self.until(f"{there} && !document.getElementById('player').seeking")

    def new_label(self, label: str) -> None:
        """Types a new label in."""
        self.keys("n")
        self.page.keyboard.type(label)
        self.keys("Enter")

    def place(self, seconds: float, label: str) -> tuple[float, float]:
        """Where a time of a label's lane is on the screen, once it is there."""
        self.until(f"Boolean(window.editor.lanes.laneOf({json.dumps(label)}))")
        found: list[float] = self.page.evaluate(
            """([seconds, label]) => {
              const frame = document.getElementById("drawing").getBoundingClientRect();
              const lane = window.editor.lanes.laneOf(label);
              return [frame.left + window.editor.lanes.xOf(seconds), frame.top + lane.bar + 11];
            }""",
            [seconds, label],
        )
        return found[0], found[1]

    def drag(self, label: str, start: float, end: float, *, to: str | None = None) -> None:
        """Drags with the mouse along a lane, or to another one."""
        x, y = self.place(start, label)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        x, y = self.place(end, to or label)
        self.page.mouse.move(x, y, steps=5)
        self.page.mouse.up()

    def touch(self, kind: str, *points: tuple[float, float] | None) -> None:
        """Puts the first, the second, … finger down ("Start"), moves them or lifts them ("End", without points all)."""
        fingers = [{"x": at[0], "y": at[1], "id": number} for number, at in enumerate(points) if at]
        self.devtools.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": fingers})

    def nameless(self) -> list[str]:
        """The roles of the controls and pictures of which a screen reader would not know a name."""
        nodes = self.devtools.send("Accessibility.getFullAXTree")["nodes"]
        shown = [(node["role"]["value"], node.get("name", {}).get("value")) for node in nodes if not node["ignored"]]
        return [role for role, name in shown if role in NAMED and not name]

    def marked(self, video: str) -> list[tuple[float, float, str, str]]:
        """The actions of a video on the disk, once the page has saved them."""
        self.saved()
        found = self.app.labels.videos[video].actions
        return [(round(each.start, 1), round(each.end, 1), each.label, each.origin) for each in found]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as found:
        yield found


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on gray videos of ten seconds, with four drafts in one of them."""
    folder = tmp_path_factory.mktemp("app")
    films(folder, *(f"{name}.mp4" for name in ("keys", "mouse", "drafts", "tabs", "phone", "fingers")))
    write_drafts(folder, 1, [Timeline("drafts", DRAFTS)])
    with App(folder) as running:
        yield running


def test_actions_are_marked_changed_and_undone_by_keys_alone(browser: Any, app: App) -> None:
    page = Page(browser, app).edit("keys")
    page.new_label("jump")
    page.seek(2.0)
    page.keys("s")
    page.seek(4.0)
    page.keys("e")
    assert page.marked("keys") == [(2.0, 4.0, "jump", "person")]
    page.keys("Enter", "ArrowRight", "Shift+ArrowRight", "Enter")
    assert page.marked("keys") == [(3.1, 5.1, "jump", "person")]
    page.seek(4.0)
    page.keys("x")
    assert [(start, end) for start, end, *_ in page.marked("keys")] == [(3.1, 4.0), (4.0, 5.1)]
    page.keys("Control+z", "Control+z")
    assert page.marked("keys") == [(2.0, 4.0, "jump", "person")]
    page.keys("Control+Shift+z", "d")
    assert page.marked("keys") == [(3.1, 5.1, "jump", "person")]
    assert app.labels.videos["keys"].is_labelled
    page.page.reload()
    page.until(f"{READY} && window.editor.document.state.actions.size === 1")
    page.keys("Home")
    page.page.focus("#delete")
    page.keys("Enter")
    assert page.marked("keys") == []
    page.until("document.activeElement.id === 'lanes'", 5)  # the button that was used is gone
    assert page.errors == []


def test_actions_are_marked_and_changed_by_the_mouse_one_edit_a_gesture(browser: Any, app: App) -> None:
    page = Page(browser, app).edit("mouse")
    page.new_label("run")
    page.drag("run", 2.0, 5.0)
    assert page.marked("mouse") == [(2.0, 5.0, "run", "person")]
    before = app.labels.version
    page.drag("run", 3.5, 5.5)
    assert page.marked("mouse") == [(4.0, 7.0, "run", "person")]
    page.drag("run", 6.97, 9.0)
    assert page.marked("mouse") == [(4.0, 9.0, "run", "person")]
    assert app.labels.version == before + 2
    page.page.click("#undo")
    page.page.click("#undo")
    assert page.marked("mouse") == [(2.0, 5.0, "run", "person")]
    page.new_label("jump")
    page.drag("run", 3.5, 4.5, to="jump")
    assert page.marked("mouse") == [(3.0, 6.0, "jump", "person")]
    page.drag("jump", 4.5, 4.5, to="run")
    assert page.marked("mouse") == [(3.0, 6.0, "run", "person")]
    page.drag("run", 5.97, 7.0, to="jump")  # an edge stays in its lane
    assert page.marked("mouse") == [(3.0, 7.0, "run", "person")]
    assert app.labels.version == before + 7
    assert page.errors == []


def test_drafts_are_accepted_corrected_and_rejected(browser: Any, app: App) -> None:
    page = Page(browser, app).edit("drafts")
    assert page.page.locator("#drafts-title").inner_text() == "4 drafts"
    page.keys("Home", "r")
    page.drag("jump", 2.5, 2.7)
    page.page.click("#accept-strong")
    assert page.marked("drafts") == [
        *((2.2, 3.2, "jump", "model + person"), (3.0, 4.0, "jump", "model"), (4.0, 5.0, "jump", "model"))
    ]
    (refused,) = app.labels.videos["drafts"].rejected
    assert (refused.start, refused.label) == (1.0, "jump")
    page.page.reload()
    page.until(READY)
    assert page.page.evaluate("[...window.editor.document.state.drafts].length") == 0
    assert page.errors == []


def test_a_second_tab_sees_what_the_first_one_marks_and_both_count(browser: Any, app: App) -> None:
    first, second = Page(browser, app).edit("tabs"), Page(browser, app).edit("tabs")
    first.new_label("serve")
    first.drag("serve", 1.0, 2.0)
    first.saved()
    second.until("window.editor.document.state.actions.size === 1")
    second.drag("serve", 5.0, 6.0)
    second.saved()
    first.until("window.editor.document.state.actions.size === 2")
    assert [start for start, *_ in first.marked("tabs")] == [1.0, 5.0]


def test_a_phone_shows_the_pages_without_scrolling_sideways_and_all_controls_have_names(browser: Any, app: App) -> None:
    page = Page(browser, app, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for address in ("/", "/edit?video=phone", "/train", "/results"):
        page.page.goto(page.base + address)
        page.page.wait_for_timeout(500)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 390, address
        assert page.nameless() == [], address
    assert page.errors == []


def test_a_finger_that_is_held_draws_and_two_fingers_zoom_and_change_no_bar(browser: Any, app: App) -> None:
    page = Page(browser, app, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).edit("fingers")
    page.new_label("run")
    (x, y), (end, _) = page.place(2.0, "run"), page.place(5.0, "run")
    page.touch("Start", (x, y))
    page.until("document.getElementById('said').textContent.startsWith('Drag')", 5)
    for k in range(1, 6):
        page.touch("Move", (x + k * (end - x) / 5, y))
    page.touch("End")
    assert page.marked("fingers") == [(2.0, 5.0, "run", "person")]

    (x, y), (middle, _) = page.place(3.5, "run"), page.place(5.0, "run")
    page.touch("Start", (x, y))
    page.touch("Move", (x + 20, y))
    page.touch("Move", (x + 40, y))
    page.until("document.getElementById('start').value > 2.5", 5)  # the selected bar goes with the finger
    page.touch("Start", (x + 40, y), (2 * middle - x - 40, y))
    for k in range(1, 9):
        page.touch("Move", (x + 40 - 2 * k, y), (2 * middle - x - 40 + 2 * k, y))
    page.touch("End", (x + 24, y))
    page.touch("Move", None, (2 * middle - x - 14, y))  # the other finger still pans, by ten pixels
    page.touch("End")
    assert page.marked("fingers") == [(2.0, 5.0, "run", "person")]
    assert page.place(5.0, "run")[0] == pytest.approx(middle + 10, abs=1.5)
    wide = page.place(6.0, "run")[0] - page.place(5.0, "run")[0]
    apart = middle - x - 40
    assert wide == pytest.approx(390 / 10 * (apart + 16) / apart, rel=0.1)

    page.touch("Start", (350, y))
    for k in range(1, 5):
        page.touch("Move", (350 - 20 * k, y))
    page.touch("End")
    page.until("document.getElementById('lanes').scrollLeft > 180", 5)  # a finger that was not held scrolls
    assert len(page.marked("fingers")) == 1
    assert page.errors == []


def test_a_kill_during_a_drag_loses_that_drag_alone(browser: Any, tmp_path: Path) -> None:
    films(tmp_path, "match.mp4")
    with App(tmp_path) as app:
        page = Page(browser, app).edit("match")
        page.new_label("serve")
        page.drag("serve", 1.0, 2.0)
        page.drag("serve", 4.0, 5.0)
        page.saved()
        x, y = page.place(4.5, "serve")
        page.page.mouse.move(x, y)
        page.page.mouse.down()
        page.page.mouse.move(x + 100, y, steps=3)
        os.kill(app.process.pid, signal.SIGKILL)
        app.process.wait()
    with App(tmp_path) as again:
        found = Page(browser, again).edit("match")
        assert [start for start, *_ in found.marked("match")] == [1.0, 4.0]
    assert json.loads((tmp_path / "app" / "edited.json").read_text())["journal"] == again.labels.version


def test_two_hours_with_two_thousand_actions_are_shown_and_changed(browser: Any, tmp_path: Path) -> None:
    images = (np.full((16, 16, 3), i % 200, np.uint8) for i in range(720))
    write_video(tmp_path / "long.mp4", images, fps=Fraction(1, 10))
    store = open_store(tmp_path)
    marked = [
        Marked(id=f"{at}", start=3.5 * at, end=3.5 * at + 2.25, label=f"label {at % 6}", origin="file")
        for at in range(2000)
    ]
    store.change(Edit(video="long", put=marked), store.version)
    with App(tmp_path) as app:
        page = Page(browser, app).edit("long")
        assert page.page.evaluate("window.editor.document.state.actions.size") == 2000
        page.keys("End", "ArrowLeft")
        page.until("document.querySelectorAll('#options [role=option]').length < 20")
        wheel = "document.getElementById('lanes').dispatchEvent(new WheelEvent('wheel', {deltaX: 40, bubbles: true}))"
        for _ in range(10):
            page.page.evaluate(f"async () => {{ {wheel}; await new Promise(requestAnimationFrame); }}")
        page.keys("Home", "Delete")
        page.saved()
        assert len(app.labels.videos["long"].actions) == 1999


@pytest.mark.slow
def test_a_whole_round_from_marked_actions_to_corrected_drafts_and_a_second_model(browser: Any, tmp_path: Path) -> None:
    try:
        fetch_weights("mobilenetv2")
    except UnreachableError as error:
        pytest.skip(str(error))
    truth = {f"v{i}": write_rendered_video(tmp_path / f"v{i}.mp4", seed=5, index=i) for i in range(3)}
    rows = [f"v0.mp4,{action.start},{action.end},{action.label}\n" for action in truth["v0"]]
    (tmp_path / "labels.csv").write_text("video,start,end,label\n" + "".join(rows))
    create(tmp_path, backbone="mobilenetv2", fast=True)
    (tmp_path / "labels.csv").unlink()
    with App(tmp_path) as app:
        page = Page(browser, app).edit("v1")
        for action in truth["v1"]:
            if action.label not in app.labels.labels:
                page.new_label(action.label)
            page.page.select_option("#label", action.label)
            page.seek(action.start)
            page.page.click("#begin")
            page.seek(action.end)
            page.page.click("#finish")
            page.saved()
        page.page.click("#whole")
        page.saved()
        for number in (1, 2):
            page.page.goto(f"{page.base}/train")
            page.page.wait_for_timeout(500)
            page.page.click("#start button.primary")
            page.until(f"fetch('/api/rounds').then(a => a.json()).then(a => a.rounds.length === {number})", 600)
            if number == 1:
                correct(page)
        page.page.goto(f"{page.base}/results")
        page.until("document.querySelectorAll('#rounds tr').length === 2")
        assert page.errors == []


def correct(page: Page) -> None:
    """Accepts the drafts of the model, how many it may have found, and says that the video is labelled."""
    page.edit("v2")
    drafts = page.page.evaluate("[...window.editor.document.state.drafts].length")
    if drafts:
        page.page.evaluate("document.getElementById('least').value = 0")
        page.page.locator("#least").dispatch_event("input")
        page.page.click("#accept-strong")
    page.page.click("#whole")
    page.saved()
    origins = [each.origin for each in page.app.labels.videos["v2"].actions]
    assert origins == ["model"] * drafts
    assert page.app.labels.videos["v2"].is_labelled
