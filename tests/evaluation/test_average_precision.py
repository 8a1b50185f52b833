import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.evaluation.average_precision import average_precision, match
from logotal.evaluation.detections import Segments
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


def score(truths: list[Row], predicted: list[Row]) -> np.ndarray:
    return average_precision(segments(truths), segments(predicted), TIOUS, NUM_LABELS)


@given(truth_rows, prediction_rows)
def test_equals_the_loops(truths: list[Row], predicted: list[Row]):
    expected = [
        [
            naive.average_precision(naive_truth(truths, label), naive_predictions(predicted, label), tiou)
            for label in range(NUM_LABELS)
        ]
        for tiou in TIOUS
    ]

    np.testing.assert_allclose(score(truths, predicted), expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_loops_where_everything_overlaps_and_many_are_displaced(seed: int):
    rng = np.random.default_rng(seed)
    start, length = rng.integers(0, 40, 400) / 8, rng.integers(1, 40, 400) / 8
    listed = [(0, 0, s, s + d, x) for s, d, x in zip(start, length, rng.random(400), strict=True)]
    truths, predicted = listed[:80], listed[80:]
    expected = [naive.average_precision(naive_truth(truths), naive_predictions(predicted), t) for t in TIOUS]

    np.testing.assert_allclose(score(truths, predicted)[:, 0], expected, rtol=1e-12)


@given(truth_rows, prediction_rows, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing_unless_scores_are_equal(
    truths: list[Row], predicted: list[Row], random
):
    predicted = untied(predicted)
    shuffled_truths = random.sample(truths, len(truths))
    shuffled = random.sample(predicted, len(predicted))

    np.testing.assert_array_equal(score(shuffled_truths, shuffled), score(truths, predicted))


@given(truth_rows, prediction_rows, st.integers(-50, 50))
def test_shifting_time_changes_nothing(truths: list[Row], predicted: list[Row], seconds: int):
    def shifted(listed: list[Row]) -> list[Row]:
        return [(v, c, s + seconds, e + seconds, x) for v, c, s, e, x in listed]

    np.testing.assert_array_equal(score(shifted(truths), shifted(predicted)), score(truths, predicted))


@given(truth_rows, prediction_rows)
def test_predictions_of_a_label_without_truth_change_no_other_label(truths: list[Row], predicted: list[Row]):
    result = score(truths, predicted)

    assert np.isnan(result[:, NUM_LABELS - 1]).all()
    known = [row for row in predicted if row[1] != NUM_LABELS - 1]
    np.testing.assert_array_equal(score(truths, known), result)


@given(truth_rows)
def test_the_truth_itself_scores_1(truths: list[Row]):
    distinct = list({row[:4]: row for row in truths}.values())
    result = score(distinct, distinct)

    assert (result[~np.isnan(result)] == 1).all()


@given(truth_rows)
def test_no_predictions_score_0(truths: list[Row]):
    result = score(truths, [])

    assert (result[~np.isnan(result)] == 0).all()
    assert np.isnan(result).any(axis=0).tolist() == [label not in {r[1] for r in truths} for label in range(NUM_LABELS)]


def test_precision_is_interpolated_and_missed_truths_count():
    truths = [(0, 0, 0.0, 1.0, 1.0), (0, 0, 5.0, 6.0, 1.0), (0, 0, 8.0, 9.0, 1.0)]
    predicted = [(0, 0, 0.0, 1.0, 0.9), (0, 0, 2.0, 3.0, 0.8), (0, 0, 5.0, 6.0, 0.7)]

    assert score(truths, predicted)[0, 0] == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_a_late_choice_of_a_better_ranked_prediction_displaces_and_the_displaced_chooses_again():
    a, b, c = (0, 0, 0.0, 10.0, 1.0), (0, 0, 2.0, 12.0, 1.0), (0, 0, 4.0, 14.0, 1.0)
    first, second, third = (0, 0, 0.0, 10.0, 0.9), (0, 0, 0.5, 10.0, 0.8), (0, 0, 2.0, 11.5, 0.7)
    ranked = segments([first, second, third]).ranked

    # The second and the third both lose their favorite: to the first, and to the second.
    assert match(segments([a, b, c]), ranked, (0.5, 0.8)).tolist() == [[0, 1, 2], [0, -1, 1]]


def test_a_second_prediction_of_a_taken_truth_is_false():
    truths, twice = [(0, 0, 0.0, 1.0, 1.0)], [(0, 0, 0.0, 1.0, 0.9), (0, 0, 0.0, 1.0, 0.8)]

    assert match(segments(truths), segments(twice).ranked, (0.5,)).tolist() == [[0, -1]]


def test_of_equal_scores_the_last_counts_first_as_in_the_lineage():
    truth, right, wrong = segments([(0, 0, 0.0, 1.0, 1.0)]), (0, 0, 0.0, 1.0, 0.5), (1, 0, 7.0, 8.0, 0.5)

    assert average_precision(truth, segments([wrong, right]), (0.5,), 1).tolist() == [[1.0]]
    assert average_precision(truth, segments([right, wrong]), (0.5,), 1).tolist() == [[0.5]]


def test_a_tiou_equal_to_the_threshold_counts():
    truths, half = [(0, 0, 0.0, 2.0, 1.0)], [(0, 0, 0.0, 1.0, 0.9)]

    assert average_precision(segments(truths), segments(half), (0.5, 0.5000001), 1).tolist() == [[1.0], [0.0]]


def test_the_same_times_in_another_video_do_not_count():
    assert score([(0, 0, 0.0, 1.0, 1.0)], [(1, 0, 0.0, 1.0, 0.9)])[0, 0] == 0


def test_an_unknown_label_takes_no_truth_and_counts_for_no_label():
    # The lineage renumbers the labels that have a truth and leaves others as they are: 7 could become a class 0.
    truth = segments([(0, 1, 0.0, 1.0, 1.0)])
    unknown = segments([(0, -1, 0.0, 1.0, 0.9), (0, 1, 0.0, 1.0, 0.5)])

    np.testing.assert_array_equal(average_precision(truth, unknown, (0.5,), 2), [[np.nan, 1.0]])


def test_columns_of_unequal_length_are_refused():
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match=r"expected columns of shapes \(N,\)"):
        Segments(one, two, np.zeros((1, 2)), np.zeros(1))
