"""Actions that cannot be are left out by name; what can be stays, cut at the ends of the video."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.formats.label_file import FoundAction, LeftOut, VideoLabels
from logotal.project.checking import Checked, check_actions, check_sources
from logotal.timeline import Action


def check(*actions: Action, duration: float = 10.0) -> Checked:
    return check_actions([FoundAction.of(action, f"line {i}") for i, action in enumerate(actions)], duration)


def test_sound_actions_stay_in_order_of_time() -> None:
    assert check(Action(5, 6, "b"), Action(1, 2, " a \t b ")) == Checked(
        (Action(1, 2, "a b"), Action(5, 6, "b")), (), 0
    )


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Action(3, 2, "a"), "ends before it starts (3-2 s)"),
        (Action(10.5, 12, "a"), "lies outside the video (10.5-12 s of 10 s)"),
        (Action(10, 10.05, "a"), "lies outside the video (10-10.05 s of 10 s)"),
        (Action(-2, -1, "a"), "lies outside the video (-2--1 s of 10 s)"),
        (Action(11, 11, "a"), "lies outside the video (11-11 s of 10 s)"),
        (Action(1, 2, " "), "has no label"),
    ],
)
def test_what_cannot_be_is_left_out_with_its_reason(action: Action, reason: str) -> None:
    assert check(action) == Checked((), (LeftOut("line 0", reason),), 0)


def test_actions_end_with_the_video_and_only_more_than_rounding_is_told() -> None:
    assert check(Action(8, 10.04, "a")) == Checked((Action(8, 10, "a"),), (), 0)
    assert check(Action(8, 13, "a"), Action(-1, 2, "a")) == Checked((Action(0, 2, "a"), Action(8, 10, "a")), (), 2)


def test_points_are_kept_the_one_at_the_very_end_too() -> None:
    kept = check(Action(4, 4, "a"), Action(10.05, 10.05, "a")).actions
    assert kept == (Action(4, 4, "a"), Action(10, 10, "a"))


def test_an_action_that_is_annotated_twice_counts_once_and_twins_of_two_labels_stay() -> None:
    checked = check(Action(1, 2, "a"), Action(1.0004, 2.0004, "a"), Action(1, 2, "b"), Action(1, 2.5, "a"))
    assert checked.actions == (Action(1, 2, "a"), Action(1, 2, "b"), Action(1, 2.5, "a"))
    assert checked.left_out == (LeftOut("line 1", "is annotated twice"),)


times = st.floats(-20, 40)


@given(st.lists(st.builds(Action, times, times, st.sampled_from(["a", "b", ""])), max_size=12), st.floats(0.1, 20))
@settings(deadline=None)
def test_nothing_is_lost_and_what_stays_lies_in_the_video(actions: list[Action], duration: float) -> None:
    checked = check(*actions, duration=duration)
    assert len(checked.actions) + len(checked.left_out) == len(actions)
    assert all(0 <= action.start <= action.end <= duration for action in checked.actions)
    assert check(*checked.actions, duration=duration) == Checked(checked.actions, (), 0)


def test_a_file_of_which_most_cannot_be_is_an_error_as_a_whole() -> None:
    found = tuple(FoundAction.of(Action(1000 * i, 1000 * i + 500, "a"), f"line {i}") for i in range(4))
    entry = VideoLabels(("v",), Path("labels.csv"), found)
    left_out = check_actions(found, 10.0).left_out
    assert len(left_out) == 3
    with pytest.raises(InputError, match=r"labels\.csv: 3 of 4 actions cannot be, the first: line 1 lies outside"):
        check_sources([entry], left_out)
    check_sources([entry], left_out[:2])
