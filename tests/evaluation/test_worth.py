"""The order in which videos are to be labelled."""

import pytest

from logotal.evaluation.worth import SHORTEST, STRETCH, Stretch, doubt, most_useful
from logotal.timeline import Action, Timeline


def line(name: str, *actions: tuple[float, str, float], duration: float = 30.0) -> Timeline:
    """A video with detections of a second: start, label and score."""
    return Timeline(name, tuple(Action(start, start + 1, label, score) for start, label, score in actions), duration)


def order(found: list[Timeline]) -> list[str]:
    return [stretch.video for stretch in most_useful(found)]


@pytest.mark.parametrize(("score", "expected"), [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0), (0.75, 0.5)])
def test_doubt_is_greatest_where_a_detection_is_as_likely_right_as_wrong(score: float, expected: float) -> None:
    assert doubt(Action(0, 1, "jump", score)) == expected


def test_videos_of_which_the_model_is_unsure_come_first_and_empty_ones_last() -> None:
    found = [line("nothing"), line("sure", (3, "jump", 0.95)), line("unsure", (3, "jump", 0.5))]
    assert order(found) == ["unsure", "sure", "nothing"]


def test_worth_is_per_minute_to_be_looked_at() -> None:
    assert order([line("long", (3, "jump", 0.5), duration=40.0), line("short", (3, "jump", 0.5), duration=20.0)]) == [
        "short",
        "long",
    ]
    tiny, small = (most_useful([line("v", (0, "jump", 0.5), duration=each)])[0] for each in (2.0, SHORTEST))
    assert tiny.worth == small.worth, "to open a video costs time too"


def test_the_order_does_not_depend_on_that_of_the_videos() -> None:
    found = [line(name, (3, "jump", 0.5)) for name in "abc"]
    assert order(found) == order(found[::-1]) == ["a", "b", "c"]


def test_in_a_long_video_labelling_begins_at_the_minute_that_is_worth_most() -> None:
    many = [(200.0 + 5 * i, "jump", 0.6) for i in range(10)]
    (found,) = most_useful([line("v", (3, "jump", 0.5), *many, (500, "squat", 0.5), duration=600.0)])
    assert (found.start, found.end) == (200.0, 200.0 + STRETCH)
    assert found.worth == pytest.approx(10 * 0.8)
    assert found.reason == "10 actions found, 10 of them unsure"


def test_a_stretch_ends_with_the_video() -> None:
    (found,) = most_useful([line("v", (595, "jump", 0.5), duration=600.0)])
    assert (found.start, found.end) == (540.0, 600.0)


def test_a_video_in_which_nothing_was_found_says_so() -> None:
    assert most_useful([line("v")]) == [Stretch("v", 0.0, 30.0, 0.0, "the model finds nothing here")]


def test_a_video_of_unknown_length_lasts_as_long_as_what_was_found() -> None:
    (found,) = most_useful([Timeline("v", (Action(2.0, 9.0, "jump", 0.5),))])
    assert (found.start, found.end) == (0.0, 9.0)
