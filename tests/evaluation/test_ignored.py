"""What lies in ignored spans and answers for no truth is neither right nor wrong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.evaluation.diagnosis import diagnose
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.ignored import ignored_share, mostly_ignored
from logotal.evaluation.protocols import Protocol
from logotal.evaluation.result import Result
from logotal.evaluation.scored import scored
from logotal.timeline import Action, Timeline
from tests import naive
from tests.evaluation.cases import Row, annotations, prediction_rows, segments, truth_rows, video

PROTOCOL = Protocol("two", "two thresholds", {"both": (0.25, 0.75)})

halves = st.integers(0, 20).map(lambda x: x / 2)
pairs = st.lists(st.tuples(halves, halves.map(lambda x: x / 2)).map(lambda p: (p[0], p[0] + p[1])), max_size=6)


@given(found=pairs, spans=pairs)
def test_the_share_equals_the_loop_over_pieces(found, spans):
    spans = [span for span in spans if span[0] < span[1]]
    share = ignored_share(np.array(found, np.float64).reshape(-1, 2), spans)
    assert share.tolist() == pytest.approx([naive.ignored_share(segment, spans) for segment in found])


def test_the_share_by_hand():
    spans = [(2.0, 4.0), (3.0, 5.0), (8.0, 9.0)]
    found = np.array([[0.0, 2.0], [1.0, 5.0], [0.0, 10.0], [4.5, 4.5], [6.0, 6.0], [5.0, 8.0]])
    assert ignored_share(found, spans).tolist() == [0.0, 0.75, 0.4, 1.0, 0.0, 0.0]
    assert ignored_share(found, []).tolist() == [0.0] * 6
    assert ignored_share(np.zeros((0, 2)), spans).shape == (0,)


def test_spans_are_those_of_the_own_video():
    found = segments([(1, 0, 0.0, 2.0, 1.0), (0, 0, 0.0, 2.0, 1.0), (2, 0, 0.0, 2.0, 1.0)])
    assert mostly_ignored(found, [[], [(0.0, 1.0)], [(0.0, 0.9)]]).tolist() == [True, False, False]


def result(
    *found: tuple[float, float, str, float], ignored: tuple[tuple[float, float], ...] = ((10.0, 20.0),)
) -> Result:
    """What these detections score in a video with a jump from 0 to 8 s, and ignored spans."""
    truth = replace(video("a", (0, 8, "jump")), ignored=ignored)
    return evaluate(annotations(truth), [Timeline("a", tuple(Action(*each) for each in found))], PROTOCOL)


def test_a_detection_in_an_ignored_span_changes_no_number():
    right = (0.0, 8.0, "jump", 0.5)
    alone, beside = result(right), result(right, (11.0, 15.0, "jump", 0.9))
    assert beside.lines() == alone.lines() == {"both": "100.00 100.00  100.00"}
    assert beside.table() == alone.table()
    assert beside.proposal_table() == alone.proposal_table()
    assert (beside.prediction_counts.tolist(), beside.coverage.in_ignored) == ([1, 0], 1)
    assert beside.notes() == ["detections in ignored spans, neither right nor wrong: 1"]
    assert beside.to_json()["in_ignored"] == 1
    assert result(right, (11.0, 15.0, "jump", 0.9), ignored=()).lines() == {"both": "50.00 50.00  50.00"}


def test_half_of_a_detection_must_lie_in_ignored_spans():
    right = (0.0, 8.0, "jump", 0.5)
    assert result(right, (9.0, 11.0, "jump", 0.9)).coverage.in_ignored == 1
    assert result(right, (8.9, 11.0, "jump", 0.9)).coverage.in_ignored == 0
    assert result(right, (9.0, 13.0, "jump", 0.9), ignored=((9.0, 10.0), (12.0, 13.0))).coverage.in_ignored == 1


def test_a_detection_that_takes_a_truth_counts_wherever_it_lies_and_at_every_tiou():
    inside = result((0.0, 8.0, "jump", 0.5), ignored=((0.0, 20.0),))
    assert (inside.lines()["both"], inside.coverage.in_ignored) == ("100.00 100.00  100.00", 0)
    half = result((0.0, 16.0, "jump", 0.9), (0.0, 7.0, "jump", 0.5), ignored=((8.0, 20.0),))  # tIoU 0.5 and 0.875
    assert (half.lines()["both"], half.coverage.in_ignored) == ("100.00 50.00  75.00", 0)


def test_a_second_detection_of_a_truth_that_is_taken_is_not_counted_if_it_lies_in_an_ignored_span():
    found = result((0.0, 8.0, "jump", 0.9), (1.0, 8.0, "jump", 0.5), ignored=((0.0, 8.0),))
    assert (found.prediction_counts.tolist(), found.coverage.in_ignored) == ([1, 0], 1)


def test_another_label_in_an_ignored_span_is_not_counted_either():
    assert result((0.0, 8.0, "jump", 0.9), (12.0, 13.0, "run", 0.95)).coverage.in_ignored == 1


def test_a_proposal_without_a_label_in_an_ignored_span_takes_no_place_unless_it_covers_a_truth():
    truth = annotations(replace(video("a", (0, 8, "jump"), (30, 38, "run")), ignored=((0.0, 20.0),)))
    covers, beside = Action(0, 8, "action", 0.5), Action(11, 15, "action", 0.9)
    other = Action(30, 38, "action", 0.4)
    recalls = [
        evaluate(truth, [Timeline("a", found)], replace(PROTOCOL, average_numbers=(2,))).average_recall[2]
        for found in ((covers, other), (beside, covers, other))
    ]
    assert recalls == [1.0, 1.0]


def test_the_diagnosis_is_of_what_counts():
    truth = annotations(replace(video("a", (0, 8, "jump")), ignored=((10.0, 20.0),)))
    right, aside = Action(0, 8, "jump", 0.5), Action(11, 15, "jump", 0.9)
    with_it, without = (diagnose(truth, [Timeline("a", found)], PROTOCOL) for found in ((right, aside), (right,)))
    np.testing.assert_array_equal(with_it.normalized, without.normalized)
    assert with_it.result.coverage.in_ignored == 1


@given(truth_rows, prediction_rows, pairs)
def test_what_is_not_counted_took_no_truth_and_the_rest_keeps_its_order(
    truths: list[Row], predicted: list[Row], spans: list[tuple[float, float]]
):
    spans = [span for span in spans if span[0] < span[1]]
    names = ("jump", "run", "fall")
    videos = [
        replace(video(f"v{v}", *((r[2], r[3], names[r[1]]) for r in truths if r[0] == v)), ignored=tuple(spans))
        for v in range(3)
    ]
    timelines = [
        Timeline(f"v{v}", tuple(Action(r[2], r[3], names[r[1]], r[4]) for r in predicted if r[0] == v))
        for v in range(3)
    ]
    truth = annotations(*videos, labels=names)
    plain = scored(annotations(*(replace(v, ignored=()) for v in videos), labels=names), timelines, PROTOCOL, "test")
    found = scored(truth, timelines, PROTOCOL, "test")
    assert len(found.predictions) + found.in_ignored == len(plain.predictions)
    rows = [tuple(row) for row in np.column_stack([plain.predictions.video, plain.predictions.segment]).tolist()]
    left = iter(rows)
    kept = [tuple(row) for row in np.column_stack([found.predictions.video, found.predictions.segment]).tolist()]
    assert all(row in left for row in kept)  # a subsequence
    shares = [naive.ignored_share(row[1:], spans) for row in rows]
    assert found.in_ignored <= sum(share >= 0.5 for share in shares)
    if not spans:
        assert found.in_ignored == 0
