from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.inference.calibration import Calibration
from logotal.inference.lengths import check_wanted, joined, parse_wanted, without_short
from logotal.inference.operating_point import OperatingPoint, parse_operating_point
from logotal.timeline import Action, Timeline

LABELS = ("jump", "run")

actions = st.lists(
    st.builds(
        lambda start, length, label, score: Action(start / 2, (start + length) / 2, label, score),
        st.integers(0, 30),
        st.integers(0, 8),
        st.sampled_from(LABELS),
        st.sampled_from((0.25, 0.5, 0.75, 1.0)),
    ),
    max_size=20,
)


def timeline(*listed: Action) -> Timeline:
    return Timeline("match", listed, 100.0)


def test_pieces_that_lie_closer_than_the_gap_are_one_action_with_the_highest_of_their_scores() -> None:
    first, second, far = Action(1, 3, "run", 0.5), Action(3.5, 5, "run", 0.9), Action(6, 8, "run", 0.4)
    shown = OperatingPoint(gap={"run": 1.0}).apply(timeline(first, second, far))
    assert shown == timeline(Action(1, 5, "run", 0.9), far)  # 6 - 5 is the gap itself, and not closer


def test_a_chain_of_pieces_is_one_action_and_a_piece_inside_another_adds_nothing() -> None:
    pieces = [Action(0, 9, "run", 0.2), Action(1, 2, "run", 0.3), Action(9.5, 11, "run", 0.1), Action(12, 13, "run")]
    assert joined(pieces, {"run": 1.5}) == [Action(0, 13, "run", 1.0)]


def test_pieces_of_other_labels_and_labels_without_a_gap_stay_as_they_are() -> None:
    listed = [Action(0, 2, "run"), Action(1, 3, "jump"), Action(2.5, 4, "run"), Action(3.0, 5, "jump")]
    assert joined(listed, {"jump": 1.0, "run": 0.0}) == [listed[0], Action(1, 5, "jump"), listed[2]]


def test_what_is_shorter_than_the_shortest_is_left_out_and_what_lasts_as_long_stays() -> None:
    listed = [Action(0.1, 0.4, "run"), Action(1, 1.2, "run"), Action(5, 5.2, "jump")]
    assert without_short(listed, {"run": 0.3}) == [listed[0], listed[2]]  # 0.4 - 0.1 is 0.3 to the last digit but one


def test_pieces_are_joined_before_short_actions_are_left_out() -> None:
    pieces = timeline(Action(0, 1, "run"), Action(1.5, 2.5, "run"), Action(9, 10, "run"))
    point = OperatingPoint(shortest={"run": 2.0}, gap={"run": 1.0})
    assert point.apply(pieces) == timeline(Action(0, 2.5, "run"))


def test_thresholds_and_overlaps_come_first_and_scores_are_the_calibrated_ones() -> None:
    listed = timeline(
        Action(0, 4, "run", 0.8), Action(1, 4, "run", 0.7), Action(4.5, 6, "run", 0.6), Action(7, 8, "run", 0.1)
    )
    point = OperatingPoint(0.5, max_overlap=0.5, calibration=Calibration(2.0, 0.0), gap={"run": 2.0})
    score = 0.8**2 / (0.8**2 + 0.2**2)
    (shown,) = point.apply(listed)
    assert (shown.start, shown.end, shown.label, shown.score) == (0, 6, "run", pytest.approx(score))


def test_across_labels_joined_pieces_leave_room_for_one_action_at_a_time() -> None:
    listed = timeline(Action(0, 2, "run", 0.9), Action(3, 4, "jump", 0.8), Action(5, 7, "run", 0.7))
    point = OperatingPoint(max_overlap=0.0, gap={"run": 5.0})
    assert point.apply(listed) == timeline(Action(0, 7, "run", 0.9), Action(3, 4, "jump", 0.8))
    assert point.apply(listed, across_labels=True) == timeline(Action(0, 7, "run", 0.9))


def test_seconds_of_a_user_replace_those_of_all_labels_or_of_the_ones_that_are_named() -> None:
    listed = timeline(Action(0, 1, "run"), Action(2, 4, "run"), Action(0, 1, "jump"), Action(2, 4, "jump"))
    point = OperatingPoint(shortest={"run": 2.0, "jump": 2.0})
    assert len(point.apply(listed)) == 2
    assert point.apply(listed, min_duration=0.0) == listed
    assert [a.label for a in point.apply(listed, min_duration={"jump": 0.5})] == ["jump", "jump", "run"]
    assert point.apply(listed, min_duration=0.0, merge_gap={"run": 1.5}) == timeline(
        Action(0, 4, "run"), Action(0, 1, "jump"), Action(2, 4, "jump")
    )


@given(actions, st.sampled_from((0.0, 0.5, 2.0)), st.sampled_from((0.0, 1.0, 3.0)))
def test_what_is_shown_keeps_its_distance_and_its_length_and_loses_no_moment_by_joining(
    listed: list[Action], gap: float, shortest: float
) -> None:
    pieces = joined(listed, {"run": gap})
    runs = [a for a in pieces if a.label == "run"]
    assert gap == 0 or all(b.start - a.end >= gap for a, b in pairwise(sorted(runs, key=lambda a: a.start)))
    assert all(any(p.label == a.label and p.start <= a.start and a.end <= p.end for p in pieces) for a in listed)
    assert {(a.start, a.end) for a in listed if a.label == "jump"} == {
        (a.start, a.end) for a in pieces if a.label == "jump"
    }
    shown = OperatingPoint(max_overlap=1.0, gap={"run": gap}, shortest={"run": shortest}).apply(timeline(*listed))
    assert shown == timeline(*(a for a in pieces if a.label == "jump" or a.duration >= shortest))


def test_a_file_from_before_there_were_lengths_has_none() -> None:
    old = {k: v for k, v in OperatingPoint(0.4).to_json().items() if k not in ("shortest", "gap")}
    assert parse_operating_point(old, "here") == OperatingPoint(0.4)
    whole = OperatingPoint(shortest={"run": 0.1 + 0.2}, gap={"jump": 1 / 3})
    assert parse_operating_point(whole.to_json(), "here", LABELS) == whole


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shortest": {"run": -1}}, "shortest of 'run': expected seconds, 0 or more, found -1"),
        ({"gap": {"run": "1"}}, "gap of 'run': expected seconds, 0 or more, found '1'"),
        ({"gap": {"runn": 1}}, r"a gap for the unknown label 'runn'; did you mean 'run'\?"),
        ({"shortest": []}, "'shortest' must be an object of labels"),
    ],
)
def test_lengths_of_a_file_that_are_none_are_an_error(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_operating_point(OperatingPoint().to_json() | changes, "here", LABELS)


def test_what_a_user_says_is_seconds_for_all_labels_or_for_each() -> None:
    assert parse_wanted([], "--min-duration") is None
    assert parse_wanted(["2"], "--min-duration") == 2.0
    assert parse_wanted(["a=b=0.5"], "--min-duration") == {"a=b": 0.5}
    for words in (["fast"], ["run=fast"], ["1", "2"], ["1", "run=2"]):
        with pytest.raises(InputError, match="--min-duration: expected SECONDS for all labels, or LABEL=SECONDS"):
            parse_wanted(words, "--min-duration")


@pytest.mark.parametrize("wanted", [-1.0, float("nan"), float("inf"), {"run": -0.5}])
def test_seconds_that_are_none_are_an_error(wanted: float | dict[str, float]) -> None:
    with pytest.raises(InputError, match="merge_gap must be seconds, 0 or more, found"):
        check_wanted(wanted, LABELS, "merge_gap")
    check_wanted({"run": 2, "jump": 0}, LABELS, "merge_gap")
    with pytest.raises(InputError, match=r"min_duration: the model has no label 'runn'; did you mean 'run'\?"):
        check_wanted({"runn": 1}, LABELS, "min_duration")
