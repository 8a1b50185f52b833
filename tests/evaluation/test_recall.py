import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logotal.evaluation.recall import area_under_curve, average_recall, recall_at_multiples
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

MULTIPLES = (1, 2, 5)


@given(truth_rows, prediction_rows)
def test_recall_at_multiples_equals_the_loops(truths: list[Row], predicted: list[Row]):
    expected = [
        [
            [
                naive.recall_at(naive_truth(truths, label), naive_predictions(predicted, label), tiou, k)
                for label in range(NUM_LABELS)
            ]
            for k in MULTIPLES
        ]
        for tiou in TIOUS
    ]
    result = recall_at_multiples(segments(truths), segments(predicted), TIOUS, MULTIPLES, NUM_LABELS)

    np.testing.assert_array_equal(result, expected)


def test_one_prediction_may_cover_several_truths():
    truth = segments([(0, 0, 0.0, 4.0, 1.0), (0, 0, 0.0, 5.0, 1.0)])
    prediction = segments([(0, 0, 0.0, 4.5, 0.9)])

    assert recall_at_multiples(truth, prediction, (0.5,), (1,), 1).tolist() == [[[1.0]]]


def kept_by_the_kit(count: int, videos: int, predictions: int, number: float) -> int:
    return min(int(count * (number * videos / max(predictions, 1))), count)


def curve_by_loops(truths: list[Row], predicted: list[Row], maximum: int) -> list[float]:
    """The curve of the official kit, one video, tIoU and point at a time."""
    actions, proposals = naive_truth(truths), naive_predictions(predicted)
    videos = sorted({video for video, _, _ in actions})
    ranked = {v: sorted((p for p in proposals[::-1] if p[0] == v), key=lambda p: -p[3]) for v in videos}
    for video, listed in ranked.items():
        ranked[video] = listed[: kept_by_the_kit(len(listed), len(videos), len(proposals), maximum)]
    total = sum(map(len, ranked.values()))
    curve = []
    for point in range(1, maximum + 1):
        share = point / maximum * (maximum * len(videos) / total) if total else 0.0
        covered = 0
        for tiou in TIOUS:
            for video, start, end in actions:
                best = ranked[video][: int(len(ranked[video]) * share)]
                covered += any(naive.tiou((start, end), (p[1], p[2])) >= tiou for p in best)
        curve.append(covered / len(actions) / len(TIOUS))
    return curve


@given(truth_rows, prediction_rows, st.integers(1, 12))
def test_average_recall_equals_the_loops_at_every_point(truths: list[Row], predicted: list[Row], maximum: int):
    result = average_recall(segments(truths), segments(predicted), maximum, TIOUS)

    np.testing.assert_allclose(result, curve_by_loops(truths, predicted, maximum), rtol=1e-12)


@given(truth_rows, prediction_rows, st.integers(1, 12))
def test_average_recall_ends_at_the_rule_of_the_proposal_task(truths: list[Row], predicted: list[Row], maximum: int):
    actions, proposals = naive_truth(truths), naive_predictions(predicted)
    videos = {video for video, _, _ in actions}
    for video in videos:  # the kit may lose a proposal to floating point, the loops do not
        count = sum(p[0] == video for p in proposals)
        exact = math.floor(count * maximum * len(videos) / max(len(proposals), 1))
        assume(kept_by_the_kit(count, len(videos), len(proposals), maximum) == min(exact, count))

    result = average_recall(segments(truths), segments(predicted), maximum, TIOUS)

    assert result[-1] == pytest.approx(naive.average_recall(actions, proposals, TIOUS, maximum), rel=1e-12)


@given(truth_rows, prediction_rows, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_no_recall_unless_scores_are_equal(
    truths: list[Row], predicted: list[Row], random
):
    predicted = untied(predicted)
    truth, shuffled_truth = segments(truths), segments(random.sample(truths, len(truths)))
    predictions, shuffled = segments(predicted), segments(random.sample(predicted, len(predicted)))

    np.testing.assert_array_equal(average_recall(shuffled_truth, shuffled, 9), average_recall(truth, predictions, 9))
    np.testing.assert_array_equal(
        recall_at_multiples(shuffled_truth, shuffled, TIOUS, MULTIPLES, NUM_LABELS),
        recall_at_multiples(truth, predictions, TIOUS, MULTIPLES, NUM_LABELS),
    )


def test_average_recall_ignores_labels():
    truth, predictions = segments([(0, 0, 0.0, 1.0, 1.0)]), segments([(0, 1, 0.0, 1.0, 0.9)])

    assert average_recall(truth, predictions, 3).tolist() == [1.0, 1.0, 1.0]


def test_a_video_with_twice_the_predictions_keeps_twice_as_many():
    truth = segments([(0, 0, 0.0, 1.0, 1.0), (1, 0, 0.0, 1.0, 1.0)])
    # The covering prediction is the fourth of four in one video, and the second of two in the other.
    first = [(0, 0, 5.0, 6.0, 0.9)] * 3 + [(0, 0, 0.0, 1.0, 0.1)]
    second = [(1, 0, 5.0, 6.0, 0.2), (1, 0, 0.0, 1.0, 0.1)]

    assert average_recall(truth, segments(first + second), 3).tolist() == [0.0, 0.0, 1.0]
    assert average_recall(truth, segments(first + second), 6).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_shares_are_cut_in_floating_point_as_the_official_kit_cuts_them():
    truth = segments([(0, 0, 0.0, 1.0, 1.0)])
    predictions = [(0, 0, 5.0, 6.0, 1 - rank / 100) for rank in range(100)]
    predictions[28] = (0, 0, 0.0, 1.0, predictions[28][4])  # 0.29 * 100 is 28.999999999999996
    curve = average_recall(truth, segments(predictions))

    assert int(np.argmax(curve > 0)) + 1 == 30


def test_no_predictions_recall_nothing():
    truth, none = segments([(0, 0, 0.0, 1.0, 1.0)]), segments([])

    assert average_recall(truth, none, 4).tolist() == [0.0] * 4
    assert recall_at_multiples(truth, none, (0.5,), (1,), 1).tolist() == [[[0.0]]]


def test_no_truth_gives_nan():
    assert np.isnan(average_recall(segments([]), segments([(0, 0, 0.0, 1.0, 1.0)]), 4)).all()
    assert np.isnan(recall_at_multiples(segments([]), segments([]), (0.5,), (1,), 2)).all()


def test_the_area_is_by_trapezoids_from_1_over_the_greatest_number():
    assert area_under_curve(np.ones(100)) == pytest.approx(0.99)
    assert area_under_curve(np.array([0.0, 0.5, 1.0])) == pytest.approx(1 / 3)
