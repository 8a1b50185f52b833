"""The types of errors by hand, and the profile and its gains against loops."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logotal.evaluation.average_precision import match
from logotal.evaluation.diagnosis.false_positives import OUTCOMES, FalsePositives, profile_errors
from tests.evaluation.cases import Row, prediction_rows, segments, truth_rows
from tests.naive import diagnosis as naive

AVERAGED = (0.25, 0.5, 0.75)
ACTION = (0, 0, 0.0, 10.0, 1.0)  # of label 0 in video 0
OTHER = (0, 1, 20.0, 30.0, 1.0)  # of label 1


def profile(truths: list[Row], predicted: list[Row], tiou: float = 0.5, normalizer: float = 2.0) -> FalsePositives:
    truth, ranked = segments(truths), with_truth(truths, predicted).ranked
    tious = sorted({*AVERAGED, tiou})
    matched = dict(zip(tious, match(truth, ranked, tious), strict=True))
    return profile_errors(truth, ranked, matched, tiou=tiou, averaged=AVERAGED, normalizer=normalizer)


def with_truth(truths: list[Row], predicted: list[Row]):
    labels = {row[1] for row in truths}
    return segments([row for row in predicted if row[1] in labels])


def outcomes(truths: list[Row], *predicted: Row, tiou: float = 0.5) -> dict[str, int]:
    """How many detections have each outcome; outcomes that none has are left out."""
    counts = profile(truths, list(predicted), tiou).counts.sum(axis=0)
    return {name: count for name, count in zip(OUTCOMES, counts.tolist(), strict=True) if count}


def test_a_detection_that_takes_a_truth_is_true():
    assert outcomes([ACTION], (0, 0, 1.0, 10.0, 0.9)) == {"true positive": 1}


def test_the_worse_of_two_detections_of_one_action_is_a_double_detection():
    assert outcomes([ACTION], (0, 0, 1.0, 10.0, 0.9), (0, 0, 0.0, 10.0, 0.8)) == {
        "true positive": 1,
        "double detection": 1,
    }


def test_a_well_placed_detection_of_another_label_has_the_wrong_label():
    assert outcomes([ACTION, OTHER], (0, 1, 0.0, 9.0, 0.9)) == {"wrong label": 1}


@pytest.mark.parametrize(("end", "outcome"), [(4.9, "localization"), (1.0, "localization"), (0.9, "background")])
def test_a_badly_placed_detection_is_a_localization_error_down_to_a_tiou_of_one_tenth(end: float, outcome: str):
    assert outcomes([ACTION], (0, 0, 0.0, end, 0.9)) == {outcome: 1}


@pytest.mark.parametrize(("end", "outcome"), [(4.9, "confusion"), (1.0, "confusion"), (0.9, "background")])
def test_a_badly_placed_detection_of_another_label_is_a_confusion(end: float, outcome: str):
    assert outcomes([ACTION, OTHER], (0, 1, 0.0, end, 0.9)) == {outcome: 1}


def test_a_detection_at_the_threshold_is_true_and_just_below_it_badly_placed():
    assert outcomes([ACTION], (0, 0, 0.0, 5.0, 0.9)) == {"true positive": 1}
    assert outcomes([ACTION], (0, 0, 0.0, 5.0, 0.9), tiou=0.51) == {"localization": 1}


def test_truths_of_other_videos_do_not_count():
    assert outcomes([ACTION], (1, 0, 0.0, 10.0, 0.9)) == {"background": 1}


def test_a_double_detection_is_one_even_where_another_label_fits_better():
    truths = [ACTION, (0, 1, 0.0, 8.0, 1.0)]
    assert outcomes(truths, (0, 0, 0.0, 10.0, 0.9), (0, 0, 0.0, 8.0, 0.8)) == {
        "true positive": 1,
        "double detection": 1,
    }


def test_a_wrong_label_in_the_right_place_comes_before_the_right_label_in_the_wrong_place():
    truths = [ACTION, (0, 1, 0.0, 4.0, 1.0)]
    assert outcomes(truths, (0, 0, 0.0, 4.0, 0.9)) == {"wrong label": 1}


def test_a_truth_with_two_labels_gives_each_detection_its_own():
    truths = [ACTION, (0, 1, 0.0, 10.0, 1.0)]
    both = [(0, 0, 0.0, 10.0, 0.9), (0, 1, 0.0, 10.0, 0.9)]
    assert outcomes(truths, *both) == {"true positive": 2}
    assert outcomes(truths, *both, both[0]) == {"true positive": 2, "double detection": 1}


def test_each_slice_has_as_many_detections_of_a_label_as_it_has_truths_and_what_comes_after_ten_is_left_out():
    truths = [ACTION, (0, 0, 50.0, 60.0, 1.0), OTHER]
    predicted = [(0, 0, 80.0, 81.0, 1 - i / 100) for i in range(25)] + [(0, 1, 80.0, 81.0, 0.5)] * 3
    counts = profile(truths, predicted).counts

    assert counts.sum(axis=1).tolist() == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]
    assert counts[:, OUTCOMES.index("background")].sum() == counts.sum()


def test_shares_are_of_the_top_and_slice_shares_of_the_slice_alone():
    errors = profile([ACTION], [(0, 0, 0.0, 10.0, 0.9), (0, 0, 80.0, 90.0, 0.8)])

    assert errors.shares[:3, [0, 5]].tolist() == [[1, 0], [0.5, 0.5], [0.5, 0.5]]
    assert errors.slice_shares[:2, [0, 5]].tolist() == [[1, 0], [0, 1]]
    assert np.isnan(errors.slice_shares[2:]).all()  # there is no third detection


def test_without_detections_there_are_no_shares_and_nothing_to_gain():
    errors = profile([ACTION], [])

    assert np.isnan(errors.shares).all()
    assert (errors.average, errors.gains.tolist()) == (0, [0] * 5)


def test_curing_an_error_gives_back_the_precision_that_it_cost():
    before_the_truth = [(0, 0, 80.0, 90.0, 0.9), (0, 0, 0.0, 10.0, 0.8)]
    errors = profile([ACTION], before_the_truth, normalizer=1.0)

    assert errors.average == pytest.approx(0.5)
    assert errors.gains.tolist() == [0, 0, 0, 0, pytest.approx(0.5)]


def test_what_is_cured_is_what_is_an_error_of_that_type_at_each_tiou():
    # The first is a double detection at 0.25 and 0.5, and at 0.75 the one that takes the truth is badly placed.
    predicted = [(0, 0, 0.0, 6.0, 0.9), (0, 0, 0.0, 10.0, 0.8)]
    errors = profile([ACTION], predicted, normalizer=1.0)

    assert errors.average == pytest.approx((1 + 1 + 0.5) / 3)
    assert errors.gains.tolist() == [0, 0, pytest.approx(0.5 / 3), 0, 0]


@given(truth_rows, prediction_rows, st.sampled_from((0.25, 0.5, 0.75, 0.9)))
def test_equals_the_loops(truths: list[Row], predicted: list[Row], tiou: float):
    errors = profile(truths, predicted, tiou, normalizer=1.7)
    actions = [row[:4] for row in truths]
    kept = naive.slices(actions, predicted)
    took = naive.takes(actions, predicted, tiou)
    expected = Counter(
        (k, naive.outcome(actions, predicted[index], is_true=index in took, threshold=tiou))
        for index, k in kept.items()
    )
    for k in range(10):
        for column, name in enumerate(OUTCOMES):
            assert errors.counts[k, column] == expected[k + 1, name]

    worse = set(range(len(predicted))) - set(kept)
    cured_averages = []
    for cured in OUTCOMES:
        values = []
        for at in AVERAGED:
            took = naive.takes(actions, predicted, at)
            removed = {
                index
                for index, row in enumerate(predicted)
                if index not in took and naive.outcome(actions, row, is_true=False, threshold=at) == cured
            }
            values.append(
                naive.mean_normalized_average_precision(actions, predicted, took, 1.7, ignored=worse | removed)
            )
        cured_averages.append(np.mean(values))
    assert errors.average == pytest.approx(cured_averages[0], rel=1e-12)
    np.testing.assert_allclose(errors.gains, np.array(cured_averages[1:]) - cured_averages[0], rtol=0, atol=1e-12)


@given(truth_rows, prediction_rows)
def test_shares_add_up_to_one_and_no_cure_harms(truths: list[Row], predicted: list[Row]):
    errors = profile(truths, predicted)

    assume(errors.counts.sum() > 0)
    np.testing.assert_allclose(errors.shares.sum(axis=1), 1)
    assert (errors.gains >= -1e-12).all()
    assert (errors.gains <= 1 - errors.average + 1e-12).all()


@given(truth_rows)
def test_the_truth_itself_has_no_errors(truths: list[Row]):
    distinct = list({row[:4]: row for row in truths}.values())
    errors = profile(distinct, distinct)

    assert errors.counts[0, 0] == errors.counts.sum() == len(distinct)
    assert errors.average == 1
    assert not errors.gains.any()
