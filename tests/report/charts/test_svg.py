from xml.etree import ElementTree

import pytest

from logotal.report.charts.svg import clock, tick_step
from logotal.report.page import timeline_svg
from logotal.timeline import Action, Timeline

NAME = "{http://www.w3.org/2000/svg}"


def titles(picture: str, tag: str) -> list[str]:
    """The tooltips of the elements of a kind; parsing fails where the picture is not well-formed."""
    found = ElementTree.fromstring(picture).iter(f"{NAME}{tag}")
    return [title.text or "" for node in found if (title := node.find(f"{NAME}title")) is not None]


def test_each_action_is_drawn_with_its_times_in_order_of_score() -> None:
    timeline = Timeline("v", (Action(1, 2, "serve", 0.9), Action(3, 4.5, "volley", 0.25)), 10.0)
    assert titles(timeline_svg(timeline), "rect") == [
        "volley, 3.00 to 4.50 s, score 0.25",
        "serve, 1.00 to 2.00 s, score 0.90",
    ]
    assert titles(timeline_svg(timeline), "svg") == ["v: 2 actions"]


def test_the_truth_is_hatched_below_the_predictions() -> None:
    picture = timeline_svg(Timeline("v", (Action(1, 2, "serve"),)), Timeline("v", (Action(1, 3, "serve"),)))
    prediction, truth = (node for node in ElementTree.fromstring(picture).iter(f"{NAME}rect") if len(node))
    assert truth.attrib["fill"].startswith("url(#logotal-")
    assert float(truth.attrib["y"]) > float(prediction.attrib["y"]) + float(prediction.attrib["height"])
    assert titles(picture, "rect")[1] == "serve, 1.00 to 3.00 s, truth"


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "a & b \"c\" 'd'", "\0\x0b\ud800 nul", "x" * 500, ""])
def test_any_label_is_text_of_a_well_formed_picture(label: str) -> None:
    picture = timeline_svg(Timeline(label, (Action(1, 2, label),)))
    assert "<script" not in picture
    shown = titles(picture, "text")
    assert len(shown) == 1
    assert len(shown[0]) == len(label)


def test_no_actions_and_no_duration_still_give_a_picture() -> None:
    picture = timeline_svg(Timeline("quiet"))
    assert "No actions" in picture
    assert titles(picture, "svg") == ["quiet: 0 actions"]


def test_an_action_that_ends_after_its_video_is_inside_the_picture() -> None:
    root = ElementTree.fromstring(timeline_svg(Timeline("v", (Action(5, 30, "serve"),), duration=10.0)))
    bar = next(node for node in root.iter(f"{NAME}rect") if len(node))
    assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= float(root.attrib["width"])


def test_two_pictures_of_a_notebook_share_no_pattern_name() -> None:
    first, second = (timeline_svg(Timeline(name), Timeline(name, (Action(0, 1, "a"),))) for name in "vw")
    pattern = ElementTree.fromstring(first).find(f"{NAME}pattern")
    assert pattern is not None
    assert pattern.attrib["id"] not in second


def test_ticks_keep_their_room_at_any_length() -> None:
    for seconds in (0.05, 1, 59, 3600, 86400, 1e7):
        scale = 800 / seconds
        assert 80 <= tick_step(scale) * scale <= 800 or tick_step(scale) == 0.01


def test_clock_counts_as_a_clock_does() -> None:
    assert [clock(x, 1) for x in (0, 59.6, 60, 3599.6, 7322)] == ["0:00", "1:00", "1:00", "1:00:00", "2:02:02"]
    assert [clock(x, 0.1) for x in (0, 9.96, -1.5)] == ["0:00.0", "0:10.0", "-0:01.5"]


def test_a_timeline_draws_itself_in_a_notebook() -> None:
    timeline = Timeline("v", (Action(1, 2, "serve"),))
    assert timeline._repr_html_() == timeline_svg(timeline)
