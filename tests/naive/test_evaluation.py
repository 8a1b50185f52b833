"""tIoU, average precision and recall on cases small enough to work out by hand."""

import math

import pytest

from tests import naive


def test_tiou_of_segments_by_hand():
    assert naive.tiou((0, 4), (2, 6)) == pytest.approx(2 / 6)
    assert naive.tiou((0, 1), (1, 2)) == 0.0
    assert naive.tiou((0, 1), (5, 9)) == 0.0
    assert naive.tiou((3, 3), (3, 3)) == 0.0


def test_average_precision_of_a_hit_a_miss_and_a_hit_by_hand():
    truth = [("a", 0, 10), ("b", 0, 10)]
    predictions = [("a", 0, 10, 0.9), ("a", 50, 60, 0.8), ("b", 0, 10, 0.7)]
    # precision 1 at recall 1/2, then 2/3 at recall 1
    assert naive.average_precision(truth, predictions, 0.5) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_average_precision_takes_the_best_precision_of_any_greater_recall():
    truth = [("a", 0, 10), ("b", 0, 10)]
    predictions = [("c", 0, 10, 0.9), ("a", 0, 10, 0.8), ("b", 0, 10, 0.7)]
    assert naive.average_precision(truth, predictions, 0.5) == pytest.approx(2 / 3)


def test_a_prediction_whose_best_truth_is_taken_tries_the_next():
    truth = [("a", 0, 10), ("a", 2, 12)]
    twice = [("a", 0, 10, 0.9), ("a", 0.1, 10, 0.8)]
    assert naive.average_precision(truth, twice, 0.5) == 1.0
    assert naive.average_precision(truth, twice, 0.9) == 0.5  # the next is not near enough


def test_between_equal_tiou_the_truth_listed_first_is_taken():
    first, second = ("a", 0, 10), ("a", 5, 15)
    predictions = [("a", 0, 15, 0.9), ("a", 0, 10, 0.8)]  # the first overlaps both equally
    assert naive.average_precision([first, second], predictions, 0.5) == 0.5
    assert naive.average_precision([second, first], predictions, 0.5) == 1.0


def test_a_second_prediction_of_the_same_action_is_a_false_positive():
    twins = [("a", 0, 10, 0.9), ("a", 0, 10, 0.8), ("b", 0, 10, 0.7)]
    assert naive.average_precision([("a", 0, 10), ("b", 0, 10)], twins, 0.5) == pytest.approx(5 / 6)


def test_a_tiou_exactly_at_the_threshold_is_a_hit():
    assert naive.average_precision([("a", 0, 2)], [("a", 0, 1, 0.5)], 0.5) == 1.0
    assert naive.recall_at([("a", 0, 2)], [("a", 0, 1, 0.5)], 0.5, 1) == 1.0


def test_of_equal_scores_the_later_in_the_list_comes_first():
    right, wrong = ("a", 0, 10, 0.5), ("a", 90, 99, 0.5)
    assert naive.average_precision([("a", 0, 10)], [wrong, right], 0.5) == 1.0
    assert naive.average_precision([("a", 0, 10)], [right, wrong], 0.5) == 0.5
    assert naive.recall_at([("a", 0, 10)], [wrong, right], 0.5, 1) == 1.0
    assert naive.recall_at([("a", 0, 10)], [right, wrong], 0.5, 1) == 0.0


def test_scores_without_truth_are_undefined_and_without_predictions_zero():
    assert math.isnan(naive.average_precision([], [("a", 0, 1, 0.5)], 0.5))
    assert math.isnan(naive.recall_at([], [("a", 0, 1, 0.5)], 0.5, 1))
    assert math.isnan(naive.average_recall([], [("a", 0, 1, 0.5)], [0.5], 1))
    assert naive.average_precision([("a", 0, 1)], [], 0.5) == 0.0
    assert naive.recall_at([("a", 0, 1)], [], 0.5, 1) == 0.0
    assert naive.average_recall([("a", 0, 1)], [], [0.5], 1) == 0.0


def test_recall_counts_k_predictions_per_truth_of_the_same_video():
    truth = [("a", 0, 10), ("b", 0, 10)]
    predictions = [("a", 50, 60, 0.9), ("a", 0, 10, 0.8), ("b", 0, 10, 0.1)]
    assert naive.recall_at(truth, predictions, 0.5, 1) == 0.5
    assert naive.recall_at(truth, predictions, 0.5, 2) == 1.0


def test_one_prediction_may_recall_two_truths():
    truth = [("a", 0, 10), ("a", 1, 11)]
    assert naive.recall_at(truth, [("a", 0, 11, 0.9)], 0.5, 1) == 1.0


def test_average_recall_shares_the_proposals_among_videos_as_they_propose():
    truth = [("a", 0, 10), ("a", 20, 30), ("b", 0, 10)]
    predictions = [
        ("a", 0, 10, 0.9),
        ("a", 20, 30, 0.8),
        ("a", 50, 60, 0.7),
        ("b", 0, 8, 0.2),
    ]
    # AN 1 keeps half of each video's proposals: floor(3 / 2) = 1 of a, floor(1 / 2) = 0 of b
    assert naive.average_recall(truth, predictions, [0.5], 1) == pytest.approx(1 / 3)
    # AN 2 keeps all; the one of b has a tIoU of 0.8
    assert naive.average_recall(truth, predictions, [0.5, 0.9], 2) == pytest.approx((1 + 2 / 3) / 2)
    assert naive.average_recall(truth, predictions, [0.5], 100) == 1.0
