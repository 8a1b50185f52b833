import math

import numpy as np
import pytest
from hypothesis import given

from logotal.evaluation.average_precision import average_precision
from logotal.evaluation.detections import Segments
from logotal.evaluation.precision_recall import average_precision_per_video, best_score, precision_recall
from tests import naive
from tests.evaluation.cases import (
    NUM_LABELS,
    TIOUS,
    Row,
    naive_predictions,
    naive_truth,
    prediction_rows,
    segments,
    truth_rows,
    untied,
)

NONE = segments([])


def loop(truths: list[Row], predicted: list[Row], label: int, tiou: float) -> list[tuple[float, float, float]]:
    """Recall, precision and score at every right prediction of a label, one prediction at a time."""
    of_label = naive_truth(truths, label)
    taken: set[int] = set()
    points = []
    ranked = sorted(naive_predictions(predicted, label), key=lambda prediction: -prediction[3])
    for rank, (video, start, end, score) in enumerate(ranked, start=1):
        free = [i for i, truth in enumerate(of_label) if truth[0] == video and i not in taken]
        overlaps = {i: naive.tiou((start, end), of_label[i][1:]) for i in free}
        if overlaps and max(overlaps.values()) >= tiou:
            taken.add(max(overlaps, key=lambda i: overlaps[i]))
            points.append((len(taken) / len(of_label), len(taken) / rank, score))
    return points


@given(truth_rows, prediction_rows)
def test_curves_equal_the_loop(truths: list[Row], predicted: list[Row]):
    predicted = untied(predicted)
    for tiou in TIOUS:
        curves = precision_recall(segments(truths), segments(predicted), tiou, NUM_LABELS)
        assert len(curves) == NUM_LABELS
        for label, curve in enumerate(curves):
            points = np.stack([curve.recall, curve.precision, curve.score], axis=1)
            expected = np.array(loop(truths, predicted, label, tiou)).reshape(-1, 3)
            np.testing.assert_allclose(points, expected)


@given(truth_rows, prediction_rows)
def test_the_area_under_a_curve_is_the_average_precision(truths: list[Row], predicted: list[Row]):
    truth, predictions = segments(truths), segments(predicted)
    expected = average_precision(truth, predictions, TIOUS, NUM_LABELS)
    for tiou, row in zip(TIOUS, expected, strict=True):
        for label, curve in enumerate(precision_recall(truth, predictions, tiou, NUM_LABELS)):
            if math.isnan(row[label]):
                assert not len(curve.recall)
                continue
            steps = np.diff(curve.recall, prepend=0.0)
            assert (steps * curve.highest_precision(curve.recall)).sum() == pytest.approx(row[label])


def test_the_highest_precision_is_that_of_any_greater_recall_and_0_beyond_the_last():
    truths = [(0, 0, float(i), i + 0.5, 1.0) for i in range(4)]
    wrong = (0, 0, 50.0, 51.0, 0.8)
    found = [(0, 0, float(i), i + 0.5, score) for i, score in ((0, 0.9), (1, 0.7), (2, 0.6))]

    (curve,) = precision_recall(segments(truths), segments([*found, wrong]), 0.5, 1)

    assert curve.recall.tolist() == [0.25, 0.5, 0.75]
    assert curve.precision.tolist() == [1.0, 2 / 3, 3 / 4]
    assert curve.score.tolist() == [0.9, 0.7, 0.6]
    assert curve.highest_precision(np.array([0.0, 0.25, 0.3, 0.75, 0.8, 1.0])).tolist() == [1, 1, 0.75, 0.75, 0, 0]


def test_nothing_predicted_is_an_empty_curve_of_precision_0():
    (curve,) = precision_recall(segments([(0, 0, 1.0, 2.0, 1.0)]), NONE, 0.5, 1)

    assert len(curve.recall) == 0
    assert curve.highest_precision(np.array([0.0, 1.0])).tolist() == [0, 0]


@given(truth_rows, prediction_rows)
def test_one_video_of_one_label_scores_what_the_label_does(truths: list[Row], predicted: list[Row]):
    def alone(rows: list[Row]) -> Segments:
        return segments([(0, 0, *row[2:]) for row in rows])

    per_video = average_precision_per_video(alone(truths), alone(predicted), TIOUS, 1)

    np.testing.assert_allclose(per_video, average_precision(alone(truths), alone(predicted), TIOUS, 1))


def test_a_video_scores_by_the_rank_of_its_own_predictions_whatever_their_label():
    truths = [(0, 0, 0.0, 1.0, 1.0), (0, 1, 5.0, 6.0, 1.0), (1, 0, 0.0, 1.0, 1.0), (3, 0, 0.0, 1.0, 1.0)]
    right = [(0, 0, 0.0, 1.0, 0.9), (0, 1, 5.0, 6.0, 0.5), (1, 0, 0.0, 1.0, 0.1)]
    wrong = [(0, 1, 0.0, 1.0, 0.7), (2, 0, 0.0, 1.0, 0.8)]  # another label there; a video without truth

    values = average_precision_per_video(segments(truths), segments(right + wrong), (0.5,), 4)

    np.testing.assert_allclose(values, [[(1 + 2 / 3) / 2, 1, math.nan, 0]])


@given(truth_rows, prediction_rows)
def test_no_other_cut_has_a_higher_f1(truths: list[Row], predicted: list[Row]):
    truth, predictions = segments(truths), segments(predicted)

    def f1(cut: float) -> float:
        kept = predictions.take(predictions.score >= cut)
        found = sum(len(curve.recall) for curve in precision_recall(truth, kept, 0.5, NUM_LABELS))
        return 2 * found / (len(kept) + len(truth))

    score, highest = best_score(truth, predictions, 0.5)

    assert highest == pytest.approx(max((f1(cut) for cut in {row[4] for row in predicted}), default=0.0))
    assert f1(score) == pytest.approx(highest)


def test_a_cut_keeps_all_of_equal_scores():
    truth = segments([(0, 0, 1.0, 2.0, 1.0)])
    right, wrong = (0, 0, 1.0, 2.0, 0.5), (0, 0, 7.0, 8.0, 0.5)
    assert best_score(truth, segments([right, wrong]), 0.5) == (0.5, pytest.approx(2 / 3))
    assert best_score(truth, segments([right, wrong, wrong]), 0.5) == (0.5, pytest.approx(2 / 4))


def test_without_predictions_there_is_no_cut():
    assert best_score(segments([(0, 0, 1.0, 2.0, 1.0)]), NONE, 0.5) == (math.inf, 0.0)
