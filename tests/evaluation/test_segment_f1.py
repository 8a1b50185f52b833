import math

import pytest
from hypothesis import given

from logotal.errors import InputError
from logotal.evaluation.segment_f1 import LabelF1, SegmentF1, f1_rows, segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import NUM_LABELS, Row, naive_predictions, naive_truth, prediction_rows, truth_rows, untied
from tests.naive.operating_point import f1, hits

NAMES = tuple(f"label {index}" for index in range(NUM_LABELS))


def truths(listed: list[Row]) -> list[VideoTruth]:
    return [
        VideoTruth(f"v{video}", "test", tuple(Action(r[2], r[3], NAMES[r[1]]) for r in listed if r[0] == video))
        for video in range(3)
    ]


def timelines(listed: list[Row]) -> list[Timeline]:
    return [
        Timeline(f"v{video}", tuple(Action(r[2], r[3], NAMES[r[1]], r[4]) for r in listed if r[0] == video))
        for video in range(3)
    ]


@given(truth_rows, prediction_rows)
def test_equals_the_loops(annotated: list[Row], predicted: list[Row]) -> None:
    annotated = sorted({row[:4]: row for row in annotated}.values())  # duplicates do not count
    predicted = untied(predicted)
    for tiou in (0.25, 0.5, 1.0):
        found = segment_f1(truths(annotated), timelines(predicted), NAMES, tiou)
        for index, one in enumerate(found.labels):
            pair = naive_truth(annotated, index), naive_predictions(predicted, index)
            assert one == LabelF1(NAMES[index], len(pair[0]), len(pair[1]), hits(*pair, tiou))
            assert math.isnan(one.f1) or one.f1 == pytest.approx(f1(*pair, tiou))


@given(truth_rows)
def test_the_truth_itself_is_perfect(annotated: list[Row]) -> None:
    annotated = sorted({row[:4]: row for row in annotated}.values())
    found = segment_f1(truths(annotated), timelines(annotated), NAMES, 1.0)
    assert (found.micro.precision, found.micro.recall, found.micro.f1) == (1.0, 1.0, 1.0)
    assert (found.macro_precision, found.macro_recall, found.macro_f1) == (1.0, 1.0, 1.0)


ONE = VideoTruth("a", "test", (Action(0, 10, "jump"), Action(20, 30, "jump"), Action(0, 10, "run")), 100.0)


def shown(*actions: tuple[float, float, str, float], video: str = "a") -> Timeline:
    return Timeline(video, tuple(Action(*action) for action in actions))


def test_precision_recall_and_f1_by_hand() -> None:
    found = segment_f1([ONE], [shown((0, 10, "jump", 0.9), (50, 60, "jump", 0.8), (1, 10, "jump", 0.7))], ("jump",))
    assert found == SegmentF1(0.5, (LabelF1("jump", 2, 3, 1),))
    assert (found.micro.precision, found.micro.recall, found.micro.f1) == (1 / 3, 1 / 2, 2 / 5)


def test_micro_counts_actions_and_macro_labels_that_have_a_truth() -> None:
    found = SegmentF1(0.5, (LabelF1("a", 8, 8, 8), LabelF1("b", 2, 0, 0), LabelF1("c", 0, 5, 0)))
    assert found.micro == LabelF1("all together", 10, 13, 8)
    assert (found.macro_precision, found.macro_recall, found.macro_f1) == (0.5, 0.5, 0.5)


def test_nothing_shown_is_no_precision_and_an_f1_of_0() -> None:
    found = segment_f1([ONE], [], ("jump", "run"))
    assert math.isnan(found.micro.precision)
    assert (found.micro.recall, found.micro.f1, found.macro_f1, found.macro_precision) == (0.0, 0.0, 0.0, 0.0)


def test_videos_without_actions_count_for_precision_alone() -> None:
    empty = VideoTruth("b", "test")
    found = segment_f1([ONE, empty], [shown((0, 10, "run", 0.9)), shown((0, 10, "run", 0.8), video="b")], ("run",))
    assert found.labels == (LabelF1("run", 1, 2, 1),)
    nothing = segment_f1([empty], [], ("run",))
    assert math.isnan(nothing.micro.f1)
    assert math.isnan(nothing.macro_f1)


def test_other_videos_and_other_labels_do_not_count() -> None:
    other = [shown((0, 10, "run", 0.9), (0, 10, "swim", 0.9)), shown((0, 10, "run", 0.9), video="elsewhere")]
    assert segment_f1([ONE], other, ("run",)).labels == (LabelF1("run", 1, 1, 1),)


def test_annotations_that_no_protocol_counts_do_not_count_here() -> None:
    short = Action(5, 5, "run"), Action(7, 7.0005, "run")
    odd = VideoTruth("a", "test", (Action(0, 10, "run"), Action(0, 10.0005, "run"), *short))
    assert segment_f1([odd], [shown((0, 10, "run", 0.5))], ("run",)).labels == (LabelF1("run", 1, 1, 1),)


def test_what_lies_in_ignored_spans_is_neither_right_nor_wrong_unless_it_takes_a_truth() -> None:
    annotated = VideoTruth("a", "test", (Action(0, 10, "run"),), 100.0, ignored=((0.0, 12.0), (50.0, 60.0)))
    right, inside, aside = (0, 10, "run", 0.9), (52, 58, "run", 0.8), (58, 80, "run", 0.7)
    found = segment_f1([annotated], [shown(right, inside, aside)], ("run",))
    assert found.labels == (LabelF1("run", 1, 2, 1),)


def test_two_timelines_of_a_video_are_an_error() -> None:
    with pytest.raises(InputError, match="video 'a': expected one timeline, found two"):
        segment_f1([ONE], [shown(), shown()], ("run",))
    with pytest.raises(InputError, match="video 'a': expected one entry, found two"):
        segment_f1([ONE, ONE], [shown()], ("run",))


@pytest.mark.parametrize("tiou", [0.0, -0.5, 1.1, math.nan])
def test_a_tiou_that_is_none_is_an_error(tiou: float) -> None:
    with pytest.raises(InputError, match="tIoU must be above 0 and at most 1"):
        segment_f1([ONE], [], ("run",), tiou)


def test_rows_are_percentages_with_dashes_where_there_is_nothing_to_divide_by() -> None:
    found = SegmentF1(0.5, (LabelF1("jump", 4, 2, 2), LabelF1("none", 0, 0, 0)))
    assert f1_rows(found) == [
        ["label", "truths", "shown", "right", "precision", "recall", "F1"],
        ["jump", "4", "2", "2", "100.0", "50.0", "66.7"],
        ["none", "0", "0", "0", "-", "-", "-"],
        ["all together", "4", "2", "2", "100.0", "50.0", "66.7"],
        ["mean of labels", "", "", "", "100.0", "50.0", "66.7"],
    ]
    assert [row[0] for row in f1_rows(found, per_label=False)] == ["label", "all together", "mean of labels"]
