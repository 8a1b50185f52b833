"""The video of a page: it stays in sight, the timeline follows it, it goes frame by frame, and its absence is told."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logotal.report.page import Film, timeline_page
from logotal.report.save import save_timelines
from logotal.timeline import Action, Timeline
from logotal.video.probe import probe
from tests.browser import Visit, headless_chromium
from tests.shared import shared
from tests.video.cases import encode

TIME = "document.getElementById('player').currentTime"
LEFT = "document.getElementById('scroller').scrollLeft"
PHONE = {"width": 375, "height": 740}

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as running:
        yield running


@pytest.fixture
def open_file(browser: Any) -> Iterator[Open]:
    visits: list[Visit] = []

    def visit(page: Path, **context: Any) -> Visit:
        visits.append(Visit(browser, page, **context))
        return visits[-1]

    yield visit
    for opened in visits:
        opened.context.close()


@pytest.fixture
def jump(tmp_path: Path) -> Path:
    """A page with a video of 24 s and 40 lanes."""
    shutil.copy(shared("videos/highjump.mp4"), tmp_path / "jump.mp4")
    lanes = tuple(Action(i / 2, i / 2 + 2, f"label {i:02}", 0.5) for i in range(40))
    timelines = [Timeline("jump", lanes, 24.2), Timeline("without", lanes[:3], 24.2)]
    page = tmp_path / "page.html"
    page.write_text(timeline_page(timelines, videos={"jump": Film("jump.mp4", 30.0, "h264")}), encoding="utf-8")
    return page


def ready(visit: Visit) -> Visit:
    visit.until("document.getElementById('player').readyState >= 1")
    visit.page.evaluate("document.getElementById('player').muted = true")
    return visit


def playhead(visit: Visit) -> float:
    """Where the playhead is drawn, as a part of the width that is seen."""
    visit.settle()
    # At one go: the drawing is made anew while it plays.
    head, left, width = visit.page.evaluate("""(() => {
        const head = document.querySelector("#drawing .head").getBoundingClientRect();
        const plot = document.getElementById("scroller").getBoundingClientRect();
        return [head.x + head.width / 2, plot.x, plot.width];
    })()""")
    return float((head - left) / width)


def zoom_in(visit: Visit, times: int = 6) -> None:
    for _ in range(times):
        visit.page.keyboard.press("+")
    visit.settle()


def follows(visit: Visit) -> bool:
    visit.settle()
    return visit.page.locator("#follow").get_attribute("aria-pressed") == "true"


def test_the_view_follows_the_playhead_while_it_plays(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    zoom_in(visit)
    before = visit.page.evaluate(LEFT)
    visit.page.evaluate(f"{TIME} = 1.3")
    visit.page.evaluate("document.getElementById('player').playbackRate = 4")
    visit.page.keyboard.press("Space")
    visit.until(f"{TIME} > 6", seconds=15)
    assert 0 <= playhead(visit) <= 1
    assert visit.page.evaluate(LEFT) > before
    assert follows(visit)


def test_who_scrolls_away_is_left_there_until_the_playhead_comes(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    zoom_in(visit)
    visit.page.mouse.move(640, 600)
    visit.page.mouse.wheel(4000, 0)
    visit.until(f"{LEFT} > 2000")
    visit.page.wait_for_timeout(300)  # a wheel turns on for a while
    assert not follows(visit)
    there = visit.page.evaluate(LEFT)
    visit.page.keyboard.press("Space")
    visit.until(f"{TIME} > 0.5")
    assert visit.page.evaluate(LEFT) == there
    assert not follows(visit)
    # Where that is, in seconds: a little before it, so that it plays into the view.
    seconds = visit.page.evaluate(f"{LEFT} / (document.getElementById('spacer').offsetWidth / 24.2)")
    visit.page.locator("#follow").click()
    assert follows(visit)
    assert 0 <= playhead(visit) <= 1
    assert visit.page.evaluate(LEFT) < there
    visit.page.evaluate(f"document.getElementById('scroller').scrollLeft = {there}")
    visit.settle()
    assert not follows(visit)
    visit.page.evaluate(f"{TIME} = {seconds + 0.2}")
    visit.until("document.getElementById('follow').getAttribute('aria-pressed') === 'true'")
    assert 0 <= playhead(visit) <= 1


def test_following_can_be_switched_off_and_on(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    zoom_in(visit)
    visit.page.keyboard.press("f")
    assert not follows(visit)
    visit.page.evaluate(f"{TIME} = 15")
    visit.page.keyboard.press("Space")
    visit.until(f"{TIME} > 15.3")
    assert visit.page.evaluate(LEFT) < 10
    visit.page.keyboard.press("f")
    assert follows(visit)
    assert 0 <= playhead(visit) <= 1


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_video_and_axis_stay_in_sight_above_many_lanes(open_file: Open, jump: Path, viewport: dict[str, int]) -> None:
    visit = ready(open_file(jump, viewport=viewport))
    visit.page.evaluate("window.scrollTo(0, document.querySelector('.label:nth-child(30)').offsetTop)")
    visit.settle()
    assert visit.page.evaluate("window.scrollY") > 300
    player, axis, transport = (visit.page.locator(part).bounding_box() for part in ("#player", "#axis", "#transport"))
    assert player["y"] >= 0
    assert player["y"] + player["height"] <= transport["y"]
    assert transport["y"] + transport["height"] <= axis["y"] + 1
    assert axis["y"] + axis["height"] < viewport["height"] * 0.7  # lanes have room below
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("font", ["system-ui", "monospace", "serif"])
def test_the_controls_of_a_phone_fit_in_a_line_in_every_font(open_file: Open, jump: Path, font: str) -> None:
    visit = ready(open_file(jump, viewport=PHONE))
    visit.page.evaluate(f"Object.assign(document.body.style, {{ fontFamily: '{font}', letterSpacing: '1px' }})")
    boxes = [visit.page.locator(f"#{name}").bounding_box() for name in ("frame-back", "frame-forth", "speed", "follow")]
    assert len({round(box["y"]) for box in boxes}) == 1
    assert all(box["height"] >= 40 for box in boxes)


def test_keys_and_buttons_go_frame_by_frame(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    visit.page.evaluate(f"{TIME} = 2.0")
    frames = []
    for act in (".", ".", ",", "#frame-forth", "#frame-back", "#frame-back"):
        if act.startswith("#"):
            visit.page.locator(act).click()
        else:
            visit.page.keyboard.press(act)
        frames.append(int(visit.page.evaluate(f"{TIME} * 30")))
    assert frames == [61, 62, 61, 62, 61, 60]
    visit.page.keyboard.press("Space")
    visit.page.keyboard.press(".")
    assert visit.page.evaluate("document.getElementById('player').paused")
    visit.page.evaluate(f"{TIME} = 0")
    visit.page.keyboard.press(",")
    assert visit.page.evaluate(TIME) == pytest.approx(0, abs=1 / 30)


def test_the_rate_of_the_video_is_the_length_of_a_step(open_file: Open, tmp_path: Path) -> None:
    video = encode(tmp_path / "slow.mp4", 40, fps=8)
    save_timelines([Timeline("slow", (Action(1, 2, "a"),), 5.0, video)], tmp_path / "page.html")
    visit = ready(open_file(tmp_path / "page.html"))
    visit.page.keyboard.press(".")
    assert visit.page.evaluate(TIME) == pytest.approx(1.5 / 8)


def test_speed_goes_from_a_quarter_to_four_and_stays_for_the_next_video(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    speed = "document.getElementById('player').playbackRate"
    choices = visit.page.locator("#speed option").all_text_contents()
    assert (choices[0], choices[-1]) == ("0.25\u00d7", "4\u00d7")
    visit.page.locator("#speed").select_option("4")
    assert visit.page.evaluate(speed) == 4
    visit.page.locator("#scroller").focus()
    for _ in range(9):
        visit.page.keyboard.press("<")
    assert visit.page.evaluate(speed) == 0.25
    visit.page.keyboard.press(">")
    assert visit.page.evaluate(speed) == 0.5
    visit.page.locator("#next-video").click()
    visit.page.locator("#previous-video").click()
    ready(visit)
    assert visit.page.evaluate(speed) == 0.5
    assert visit.page.locator("#speed").input_value() == "0.5"


def test_shortcuts_of_the_video_are_shown_where_there_is_one(open_file: Open, jump: Path) -> None:
    visit = ready(open_file(jump))
    keys = visit.page.locator("#keys kbd").all_inner_texts()
    assert [key for key in keys if key] == ["←", "→", "+", "\u2212", "0", "space", ",", ".", "<", ">", "F"]
    visit.page.locator("#next-video").click()
    assert "frame" not in visit.text("#keys")
    assert visit.page.locator("#transport").is_hidden()
    for key in (",", ".", "<", "Space"):
        visit.page.keyboard.press(key)  # and nothing happens
    assert visit.errors == []


def test_a_video_that_the_browser_cannot_play_is_told_with_its_coding_and_the_cure(
    open_file: Open, tmp_path: Path
) -> None:
    video = encode(tmp_path / "old film.avi", 50, codec="mpeg4", audio=True)
    said: list[str] = []
    film = Timeline("old", (Action(0.5, 1, "a", 0.9),), 2.0, video)
    save_timelines([film], tmp_path / "page.html", say=said.append)
    assert said == [
        f"browsers do not play 1 video, the first of them {video} (mpeg4); "
        "--playable writes copies beside the page that they play"
    ]
    visit = open_file(tmp_path / "page.html")
    visit.page.wait_for_selector("#missing")
    assert "old film.avi (mpeg4 video in a .avi file)" in visit.text("#missing")
    assert "--playable" in visit.text("#missing")
    assert visit.page.locator("#player").is_hidden()
    assert visit.page.locator("#missing").get_attribute("role") == "alert"
    assert visit.page.locator(".head").count() == 0
    visit.page.keyboard.press("ArrowRight")  # the timeline can be read all the same
    assert visit.texts("dd")[0] == "0.50 s"


def test_sound_that_can_be_played_does_not_hide_pictures_that_cannot(open_file: Open, tmp_path: Path) -> None:
    video = encode(tmp_path / "v.mp4", 50, codec="mpeg4", audio=True)
    save_timelines([Timeline("v", (), 2.0, video)], tmp_path / "page.html")
    visit = open_file(tmp_path / "page.html")
    visit.page.wait_for_selector("#missing")
    assert "mpeg4 video in a .mp4 file" in visit.text("#missing")


def test_a_playable_page_plays_what_the_browser_could_not(open_file: Open, tmp_path: Path) -> None:
    video = encode(tmp_path / "old film.avi", 100, codec="mpeg4", audio=True)
    Timeline("old", (Action(0.5, 1, "a", 0.9),), 4.0, video).save(tmp_path / "page.html", playable=True)
    visit = ready(open_file(tmp_path / "page.html"))
    assert visit.page.locator("#missing").is_hidden()
    assert visit.page.evaluate("document.getElementById('player').duration") == pytest.approx(probe(video).duration)
    visit.page.keyboard.press("Space")
    visit.until(f"{TIME} > 0.3")
    assert visit.errors == []
