"""Times in the unit of their video: what the evidence allows, what is asked, and which versions contradict."""

from fractions import Fraction
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.label_file import FoundAction, VideoLabels
from logotal.formats.moments import END, Clock, Moment
from logotal.project.units import check_units, placed, with_ignored
from logotal.project.versions import check_versions
from logotal.timeline import Action
from logotal.video.probe import VideoInfo


def info(duration: float = 60.0, fps: int = 25) -> VideoInfo:
    return VideoInfo(16, 16, 0, duration, Fraction(fps), None, "h264", False)


def unsaid(*spans: tuple[float, float], clock: Clock = Clock.UNSAID) -> tuple[FoundAction, ...]:
    return tuple(FoundAction(Moment(a, clock), Moment(b, clock), "jump", f"line {i}") for i, (a, b) in enumerate(spans))


def check(*actions: FoundAction, **said: object) -> None:
    check_units([(VideoLabels(("v",), Path("labels.csv"), actions, **said), info())])  # type: ignore[arg-type]


def test_moments_become_seconds_of_their_video() -> None:
    actions = (*unsaid((25, 50), clock=Clock.FRAMES), FoundAction(Moment(3), END, "run", "line 1"))
    found = placed(VideoLabels(("v",), Path("labels.csv"), actions), info())
    assert [each.action for each in found] == [Action(1, 2, "jump"), Action(3, 60, "run")]
    ignored = with_ignored(VideoLabels(("v",), Path("labels.csv"), unlabelled=actions), info()).ignored
    assert ignored == ((1.0, 2.0), (3.0, 60.0))


@pytest.mark.parametrize("spans", [[(1, 2), (58, 61)], [(1.5, 1000.0)][:0], [(10.5, 55.25)], [(0, 15), (20, 30)]])
def test_numbers_that_fit_their_video_as_seconds_are_seconds(spans: list[tuple[float, float]]) -> None:
    check(*unsaid(*spans))


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([(1, 2), (61, 62)], r"line 1: a time of 62 without a unit.*--unit frames \| ms "),
        ([(1.5, 70.25)], r"line 0: a time of 70.25 without a unit"),
        ([(2000, 3000)], r"--unit ms "),
        ([(5, 55)], r"whole numbers without a unit, up to 55"),
    ],
)
def test_numbers_that_fit_no_video_or_may_be_anything_are_asked_for(
    spans: list[tuple[float, float]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        check(*unsaid(*spans))


def test_frames_behind_the_end_and_lines_of_another_number_are_asked_for() -> None:
    check(*unsaid((1400, 1500), clock=Clock.FRAMES), frames=1500)
    with pytest.raises(InputError, match=r"frame 1600 in a video of 1,500 frames.*--unit frames@RATE"):
        check(*unsaid((1600, 1700), clock=Clock.FRAMES))
    with pytest.raises(InputError, match=r"900 lines, a line a frame, but the video has 1,500.*--unit frames@15 "):
        check(frames=900)


def test_durations_that_are_those_of_the_video_are_not_those_of_the_actions() -> None:
    check(*unsaid((1, 2)), lengths=(1.0, 1.0))
    check(*unsaid((0, 60.5)), lengths=(60.0,))
    with pytest.raises(InputError, match="the durations of 'v' are all 60 s, the length of the video"):
        check(*unsaid((1.5, 3)), lengths=(60.0, 60.0))


# Versions

A, B = Path("ann.csv"), Path("bob.csv")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([Action(1, 2, "a")], [Action(1, 2, "a")]),
        ([Action(1, 2, "a")], [Action(1.2, 2, "b")]),
        ([Action(1, 2, "a")], [Action(5, 6, "a")]),
        ([Action(1, 2, "a"), Action(3, 4, "b")], [Action(1, 2, "a"), Action(3.5, 4, "c")]),
        ([], [Action(1, 2, "a")]),
    ],
)
def test_files_that_complete_each_other_or_say_the_same_are_used_together(
    first: list[Action], second: list[Action]
) -> None:
    check_versions("match", {A: first, B: second})


@pytest.mark.parametrize(
    ("first", "second", "example"),
    [
        ([Action(1, 2, "a")], [Action(1.2, 2.1, "a")], "as 'a' 1-2 s and 1.2-2.1 s"),
        ([Action(1, 2, "a"), Action(5, 6, "a")], [Action(1, 2, "a")], "and only one of them says 'a' 5-6 s"),
        ([Action(1, 1, "a"), Action(5, 5, "a")], [Action(1, 1, "a"), Action(7, 7, "a")], "only one of them says"),
    ],
)
def test_files_that_describe_the_same_actions_differently_stop_with_a_choice(
    first: list[Action], second: list[Action], example: str
) -> None:
    with pytest.raises(InputError, match=r"video 'match': ann\.csv and bob\.csv describe") as error:
        check_versions("match", {A: first, B: second})
    assert example in str(error.value)
    assert "choose one: --labels ann.csv (`logotal agree ann.csv bob.csv`" in str(error.value)
