import random
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from logotal.report.page import Place, timeline_page
from logotal.timeline import Action, Timeline
from tests.browser import Visit, headless_chromium
from tests.shared import shared

MATCH = Timeline(
    "match",
    (
        Action(10, 20, "serve", 0.9),
        Action(30, 45, "volley", 0.4),
        Action(50, 58, "serve", 0.2),
        Action(80, 95, "smash", 0.7),
    ),
    duration=100.0,
)
TRUTH = Timeline("match", (Action(10, 15, "serve"), Action(82, 95, "smash")), duration=100.0)

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as running:
        yield running


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    visits: list[Visit] = []

    def visit(page: str, **context: Any) -> Visit:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        visits.append(Visit(browser, file, **context))
        return visits[-1]

    yield visit
    for opened in visits:
        opened.context.close()
        assert opened.errors == []


def click_at(visit: Visit, seconds: float, lane: int = 0, row: str = ".prediction") -> None:
    """Clicks where `seconds` is drawn when the whole video of 100 s is shown, at the height of a lane's bars."""
    frame = visit.page.locator("#drawing").bounding_box()
    tops = sorted({box["y"] for box in (bar.bounding_box() for bar in visit.page.locator(row).all())})
    visit.page.mouse.click(frame["x"] + frame["width"] * seconds / 100, tops[lane] + 5)
    visit.settle()


def test_the_page_asks_for_nothing_but_itself(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH], truths={"match": TRUTH}))
    assert visit.page.locator(".prediction").count() == 4
    assert visit.page.locator(".truth:visible").count() == 2 + 1  # and one in the legend
    assert visit.texts(".label") == ["serve", "smash", "volley"]
    assert [url.rpartition("/")[2] for url in visit.requests if not url.startswith("data:")] == ["page.html"]


def test_the_slider_hides_weak_actions_and_counts_the_rest(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    assert visit.text("#count") == "4 of 4 actions"
    visit.page.locator("#score").fill("0.5")
    assert visit.text("#count") == "2 of 4 actions"
    assert visit.page.locator(".prediction").count() == 2
    assert visit.texts(".label") == ["serve", "smash"]
    visit.page.locator("#score").fill("1")
    assert visit.text("#empty") == "No action has such a score."


def test_mostly_noise_starts_with_a_least_score_and_says_what_is_left(open_page: Open) -> None:
    noise = tuple(Action(i, i + 1, "serve", 0.01) for i in range(9))
    visit = open_page(timeline_page([Timeline("raw", (*MATCH, *noise), 100.0)]))
    assert visit.text("#score-value") == "0.10"
    assert visit.text("#count") == "4 of 13 actions"


def test_the_slider_goes_from_0_to_1_whatever_the_times_are(open_page: Open) -> None:
    late = tuple(Action(1000.0 + i, 1001.0 + i, "serve", 0.9) for i in range(9))
    visit = open_page(timeline_page([Timeline("late", late, 2000.0)]))
    slider = visit.page.locator("#score")
    assert (slider.get_attribute("min"), slider.get_attribute("max"), visit.text("#score-value")) == ("0", "1", "0.00")


PLACES = [
    Place("match", 60.0, "match, 60.0 s: volley, not labelled (91 %)"),
    Place("other; #2", None, "other; #2: times fit if multiplied by 1.2 (55 %)"),
    Place("match", 10.0, "match, 10.0 s: <b>serve</b> (40 %)"),
    Place("unknown", 1.0, "not shown"),
]


def test_places_lead_to_their_videos_and_times(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH, Timeline("other; #2", (), 30.0)], places=PLACES))
    links = visit.page.locator("#places a")
    assert [link.inner_text() for link in links.all()] == [place.text for place in PLACES[:3]]
    assert visit.text("#places-count") == "3"

    links.nth(0).click()
    visit.settle()
    assert re.fullmatch("0:50 . 1:10 of 1:40", visit.text("#span"))
    links.nth(1).click()
    visit.settle()
    assert visit.text("#summary").startswith("other; #2")
    assert links.nth(1).get_attribute("aria-current") == "true"
    assert links.nth(0).get_attribute("aria-current") is None
    links.nth(2).click()
    visit.settle()
    assert visit.text("#summary").startswith("match")
    assert visit.text("#span").startswith("0:00")


def test_without_places_there_is_no_list(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    assert not visit.page.locator("#places").is_visible()


def test_a_click_selects_an_action_and_tells_its_times(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH], truths={"match": TRUTH}))
    click_at(visit, 15)
    assert visit.text("#details h2").split() == ["serve", "prediction"]
    assert visit.texts("dd") == ["10.00 s", "20.00 s", "10.00 s", "0.900", "0.50"]
    click_at(visit, 12, row=".plot .truth")
    assert visit.texts("dd") == ["10.00 s", "15.00 s", "5.00 s"]
    click_at(visit, 70)
    assert "Choose an action" in visit.text("#details")


def heights(visit: Visit, bars: str) -> list[tuple[float, float]]:
    """The upper and lower edge of each bar, from the top down."""
    boxes = [bar.bounding_box() for bar in visit.page.locator(bars).all()]
    return sorted((box["y"], box["y"] + box["height"]) for box in boxes)


def test_bars_of_a_label_that_overlap_are_all_seen(open_page: Open) -> None:
    crowd = tuple(Action(10 + i, 40 + i, "serve", 0.9 - i / 10) for i in range(5))
    others = (Action(60, 70, "serve", 0.3), Action(0, 90, "volley", 0.5))
    visit = open_page(timeline_page([Timeline("v", (*crowd, *others), 100.0)], truths={"v": Timeline("v", crowd[:2])}))
    spans = heights(visit, ".prediction")
    assert len(spans) == 7
    rows = sorted(set(spans))
    assert len(rows) == 5 + 1  # that of 60 s lies in the first row, where there is room
    assert all(upper[1] < lower[0] for upper, lower in pairwise(rows))
    truths = heights(visit, ".plot .truth")
    assert rows[4][1] < truths[0][0] < truths[0][1] < truths[1][0] < truths[1][1] < rows[5][0]
    for i, action in enumerate(crowd):
        click_at(visit, 25, lane=i)
        assert visit.texts("dd")[3] == f"{action.score:.3f}"
    visit.page.locator("#score").fill("0.75")
    visit.settle()
    assert len(set(heights(visit, ".prediction"))) == 2  # of weaker ones no room is left over
    assert visit.page.locator("#crowded").is_hidden()


def test_more_than_the_rows_hold_is_said_and_a_second_click_takes_the_action_below(open_page: Open) -> None:
    crowd = tuple(Action(i / 10, 90, "a", 0.9 - i / 100) for i in range(12))
    visit = open_page(timeline_page([Timeline("v", crowd, 100.0)]))
    assert visit.text("#crowded") == "Where more than 8 actions of a label overlap, the weakest share its last row."
    found = set()
    for _ in range(5):
        click_at(visit, 50, lane=7)
        found.add(visit.texts("dd")[3])
    assert found == {f"{0.9 - i / 100:.3f}" for i in range(7, 12)}


def test_arrows_move_between_the_shown_actions(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    starts = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        visit.page.keyboard.press(key)
        starts.append(visit.texts("dd")[0])
    assert starts == ["10.00 s", "30.00 s", "10.00 s", "10.00 s"]
    visit.page.locator("#score").fill("0.5")
    visit.page.locator("#scroller").focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.texts("dd")[0] == "80.00 s (1:20.0)"


def test_zooming_gives_finer_ticks_and_fit_takes_them_back(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    whole = visit.texts(".tick")
    assert whole[:3] == ["0:00", "0:10", "0:20"]
    for _ in range(5):
        visit.page.keyboard.press("+")
    assert "0:51" in visit.texts(".tick")
    assert "of 1:40" in visit.text("#span")
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("ArrowLeft")
    assert visit.texts("dd")[0] == "30.00 s"
    assert "0:31" in visit.texts(".tick")  # what is selected is brought into view
    visit.page.locator("#fit").click()
    assert visit.texts(".tick") == whole


def test_the_wheel_zooms_with_control_and_a_drag_pans(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    frame = visit.page.locator("#drawing").bounding_box()
    visit.page.mouse.move(frame["x"] + 600, frame["y"] + 10)
    visit.page.keyboard.down("Control")
    visit.page.mouse.wheel(0, -400)
    visit.page.keyboard.up("Control")
    visit.until("document.getElementById('scroller').scrollLeft > 0")
    before = visit.page.evaluate("document.getElementById('scroller').scrollLeft")
    visit.page.mouse.down()
    visit.page.mouse.move(frame["x"] + 500, frame["y"] + 10, steps=3)
    visit.page.mouse.up()
    assert visit.page.evaluate("document.getElementById('scroller').scrollLeft") == pytest.approx(before + 100, abs=1)


def test_hostile_names_are_text(open_page: Open) -> None:
    label, video = "</script><script>document.title='owned'</script>", "<img src=x onerror=document.title='owned'>"
    hostile = [Timeline(video, (Action(1, 9, label),), 10.0), Timeline("$data", ())]
    visit = open_page(timeline_page(hostile, title="<b>&$script</b>"))
    assert visit.texts(".label") == [label]
    assert visit.text("#summary").startswith(video)
    assert visit.text("h1") == visit.page.title() == "<b>&$script</b>"
    visit.page.keyboard.press("ArrowRight")
    assert visit.text("#details h2").startswith(label)


def test_the_chosen_video_is_drawn_alone_and_kept_in_the_address(open_page: Open) -> None:
    many = [Timeline(f"video {i}", (Action(i, i + 1, f"label {i % 30}"),)) for i in range(3000)]
    visit = open_page(timeline_page([*many, MATCH]))
    assert visit.page.locator(".prediction").count() == 1
    visit.page.locator("#video").select_option("3000")
    assert visit.page.locator(".prediction").count() == 4
    assert visit.page.url.endswith("#match")
    visit.page.locator("#previous-video").click()
    assert visit.text("#summary").startswith("video 2999")
    visit.page.goto(visit.page.url.rpartition("#")[0] + "#video%207")
    assert visit.text("#summary").startswith("video 7 ")


@pytest.mark.parametrize("timelines", [[], [Timeline("quiet")], [Timeline("quiet", (), 60.0)]])
def test_nothing_to_show_is_said(open_page: Open, timelines: list[Timeline]) -> None:
    visit = open_page(timeline_page(timelines))
    said = visit.text("#empty") if timelines else visit.text("#summary")
    assert said.startswith("No actions" if timelines else "No videos")


def test_a_phone_shows_all_without_scrolling_sideways(open_page: Open) -> None:
    long = Timeline("x" * 200, (Action(1, 5, "W" * 300), Action(2, 4, "serve")), 60.0)
    phone = {"viewport": {"width": 375, "height": 700}}
    visit = open_page(timeline_page([long, MATCH], truths={"match": TRUTH}, title="y" * 100), **phone)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 375
    visit.page.keyboard.press("ArrowRight")
    visit.page.locator("#list summary").click()
    visit.settle()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_table_lists_what_is_shown(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH], truths={"match": TRUTH}))
    visit.page.locator("#list summary").click()
    visit.page.locator("#score").fill("0.5")
    assert visit.texts("tbody td:nth-child(3)") == ["truth", "0.900", "0.700", "truth"]
    visit.page.locator("tbody tr").nth(2).click()
    assert visit.text("#details h2").startswith("smash")


def test_labels_are_chosen_with_the_mouse_and_with_the_keyboard(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH, Timeline("other", (Action(1, 2, "serve"), Action(3, 4, "lob")))]))
    assert visit.text("#choice summary").split() == ["Labels", "3"]
    visit.page.locator("#choice summary").click()
    assert visit.texts("#choices label") == ["serve", "smash", "volley"]
    visit.page.get_by_label("volley").uncheck()
    assert visit.texts(".label") == ["serve", "smash"]
    assert visit.text("#count") == "3 of 4 actions"
    assert visit.text("#choice summary").split() == ["Labels", "2", "of", "3"]
    visit.page.keyboard.press("Tab")  # from the last box out, and back
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Space")
    assert visit.texts(".label") == ["serve", "smash", "volley"]
    visit.page.locator("#labels-none").click()
    assert visit.texts(".label") == []
    assert visit.text("#empty") == "No action is shown: choose labels or a lower score."
    visit.page.get_by_label("smash").check()
    visit.page.keyboard.press("ArrowRight")  # a box does not take it
    assert visit.text("#details h2").startswith("smash")
    visit.page.keyboard.press("Escape")
    assert visit.page.locator("#choices").is_hidden()
    assert visit.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    visit.page.locator("#video").select_option("1")
    assert visit.texts(".label") == ["lob"]  # serve is hidden here too
    visit.page.keyboard.press("Tab")
    visit.page.locator("#choice summary").focus()
    visit.page.keyboard.press("Enter")
    visit.page.locator("#labels-all").click()
    assert visit.texts(".label") == ["lob", "serve"]
    visit.page.mouse.click(5, 5)
    assert visit.page.locator("#choices").is_hidden()


def test_hiding_the_label_of_the_selected_action_selects_none(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    visit.page.keyboard.press("ArrowRight")
    assert visit.text("#details h2").startswith("serve")
    visit.page.locator("#choice summary").click()
    visit.page.get_by_label("serve").uncheck()
    assert visit.text("#details").startswith("Choose an action")


def test_videos_that_the_model_has_learned_from_are_marked(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH, Timeline("new"), Timeline("old")], learned=["match", "old"]))
    assert visit.texts("#video option") == ["match (learned from)", "new", "old (learned from)"]
    assert visit.text("#summary .badge") == "learned from"
    assert visit.text("#learned") == (
        "The model has learned from 2 of these 3 videos, which are marked: "
        "how well it does there says nothing about new videos."
    )
    assert "which the model has learned from" in visit.page.locator("#scroller").get_attribute("aria-label")
    visit.page.locator("#next-video").click()
    assert visit.page.locator("#summary .badge").count() == 0
    assert "learned" not in visit.page.locator("#scroller").get_attribute("aria-label")


def test_without_such_videos_nothing_is_said_of_learning(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH]))
    assert visit.page.locator("#learned").inner_text() == ""
    assert "learned" not in visit.page.locator("main").inner_text()


def test_every_control_that_can_be_reached_has_a_name(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH, Timeline("other")], truths={"match": TRUTH}, videos={"match": "none.mp4"}))
    visit.errors.clear()  # the browser's own line about the file
    visit.page.locator("#choice summary").click()
    for kind in ("button", "combobox", "slider", "checkbox", "group", "application"):
        for found in visit.page.get_by_role(kind).all():
            name = found.aria_snapshot().splitlines()[0]
            assert re.match(r"- '?\w+ \"[^\"]+\"", name), name


def test_thousands_of_actions_are_drawn_at_once(open_page: Open) -> None:
    generator = random.Random(0)
    starts = [generator.uniform(0, 3000) for _ in range(20_000)]
    actions = tuple(Action(s, s + 5 + s % 20, f"label {int(s) % 8}", generator.uniform(0.2, 1)) for s in starts)
    visit = open_page(timeline_page([Timeline("raw", actions, 3100.0)]))
    assert visit.text("#count") == "20000 of 20000 actions"
    assert visit.page.locator(".prediction").count() < 15_000  # those that lie on one pixel are not drawn
    once = "(() => { const begin = performance.now(); paint(); return performance.now() - begin })()"
    milliseconds = min(visit.page.evaluate(once) for _ in range(5))
    assert milliseconds < 1000


def test_a_missing_video_is_named(open_page: Open) -> None:
    visit = open_page(timeline_page([MATCH], videos={"match": "gone.mp4"}))
    visit.page.wait_for_selector("#missing")
    assert "gone.mp4" in visit.text("#missing")
    assert [error for error in visit.errors if "ERR_FILE_NOT_FOUND" not in error] == []
    visit.errors.clear()  # the browser's own line about the file


def test_a_video_is_sought_and_played(open_page: Open, tmp_path: Path) -> None:
    shutil.copy(shared("videos/highjump.mp4"), tmp_path / "high jump.mp4")
    jump = Timeline("jump", (Action(8.86, 15.01, "HighJump", 0.8),), 24.0)
    visit = open_page(timeline_page([jump], videos={"jump": "high%20jump.mp4"}))
    visit.until("document.getElementById('player').readyState >= 1")
    visit.page.keyboard.press("ArrowRight")
    time = "document.getElementById('player').currentTime"
    assert visit.page.evaluate(time) == pytest.approx(8.86)
    frame = visit.page.locator("#drawing").bounding_box()
    visit.page.mouse.click(frame["x"] + frame["width"] / 2 * (20 / 12), frame["y"] + 20)
    assert visit.page.evaluate(time) == pytest.approx(20, abs=0.1)
    assert visit.page.locator("#drawing .playhead").count() == 1
    visit.page.evaluate("document.getElementById('player').muted = true")
    visit.page.keyboard.press("Space")
    visit.until(f"{time} > 20.2")
    visit.page.keyboard.press("Space")
    assert visit.page.evaluate("document.getElementById('player').paused")
