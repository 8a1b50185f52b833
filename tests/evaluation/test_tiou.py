import numpy as np
import pytest
from hypothesis import given

import logotal.evaluation.tiou as module
from logotal.evaluation.tiou import overlapping_pairs, tiou, tiou_of
from logotal.timeline import Action
from tests import naive
from tests.evaluation.cases import Row, prediction_rows, segments, truth_rows


def test_tiou_of_nested_touching_apart_and_pointlike_segments():
    first = np.array([[0.0, 4.0], [0.0, 4.0], [0.0, 4.0], [2.0, 2.0], [2.0, 2.0]])
    second = np.array([[1.0, 2.0], [4.0, 5.0], [9.0, 9.5], [2.0, 2.0], [0.0, 4.0]])

    assert tiou(first, second).tolist() == [0.25, 0.0, 0.0, 0.0, 0.0]


def test_two_short_actions_and_two_without_length_have_a_tiou_as_well():
    assert tiou_of(Action(0.0, 0.2, "a"), Action(0.1, 0.2, "b")) == pytest.approx(0.5)
    assert tiou_of(Action(1.0, 1.0, "a"), Action(1.0, 1.0, "a")) == 0.0


@given(truth_rows, prediction_rows)
def test_pairs_are_those_of_one_video_and_label_in_the_order_of_preference(truths: list[Row], predicted: list[Row]):
    expected = []
    for p, (video, label, *segment, _) in enumerate(predicted):
        candidates = [
            (-naive.tiou(tuple(segment), (row[2], row[3])), row[2], row[3], t)
            for t, row in enumerate(truths)
            if row[:2] == (video, label)
        ]
        expected += [(p, t, -negative) for negative, _, _, t in sorted(candidates) if -negative >= 0.2]

    pairs = overlapping_pairs(segments(truths), segments(predicted), 0.2)

    assert list(zip(pairs.prediction.tolist(), pairs.truth.tolist(), pairs.tiou.tolist(), strict=True)) == expected


def test_an_unknown_video_or_label_pairs_with_nothing():
    truth = segments([(0, 2, 0.0, 1.0, 1.0), (1, 0, 0.0, 1.0, 1.0)])
    # With three labels, label -1 of video 1 stands where label 2 of video 0 does.
    unknown = segments([(1, -1, 0.0, 1.0, 1.0), (-1, 2, 0.0, 1.0, 1.0), (0, 1, 0.0, 1.0, 1.0)])

    assert len(overlapping_pairs(truth, unknown, 0.5).tiou) == 0


@pytest.mark.parametrize("block", [1, 3, 7])
def test_the_size_of_the_blocks_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)
    truth, predictions = (
        segments([(v, c, s, s + d, 1.0) for v, c, s, d in rng.integers(1, 4, (n, 4)).tolist()]) for n in (30, 40)
    )
    whole = overlapping_pairs(truth, predictions, 0.3)
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", block)
    pieces = overlapping_pairs(truth, predictions, 0.3)

    assert len(whole.tiou) > 40
    assert pieces.prediction.tolist() == whole.prediction.tolist()
    assert pieces.truth.tolist() == whole.truth.tolist()
    assert pieces.tiou.tolist() == whole.tiou.tolist()
