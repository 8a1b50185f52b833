"""Normalized precision, characteristics of truths, sensitivity to them, and truths missed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.evaluation.average_precision import average_precision, match
from logotal.evaluation.diagnosis.characteristics import BINS, Bins, characterize, find_bins
from logotal.evaluation.diagnosis.normalized import normalized_average_precision
from logotal.evaluation.diagnosis.sensitivity import averages_of_bins, missed, missed_shares
from tests.evaluation.cases import Row, prediction_rows, segments, truth_rows
from tests.naive import diagnosis as naive

TIOUS = (0.25, 0.5, 0.75)
DURATIONS = (10.0, 12.5, 40.0)
SMALL = Bins(coverage=(0.05, 0.1, 0.3), length=(1, 2, 3), instances=(1, 2))


def known(truths: list[Row], predicted: list[Row]) -> list[Row]:
    """The predictions whose label has a truth."""
    return [row for row in predicted if row[1] in {truth[1] for truth in truths}]


def normalized(truths: list[Row], predicted: list[Row], normalizer: float, tiou: float = 0.5) -> np.ndarray:
    truth, ranked = segments(truths), segments(known(truths, predicted)).ranked
    hit = match(truth, ranked, (tiou,))[0] >= 0
    return normalized_average_precision(ranked.label, hit, np.bincount(truth.label), normalizer)


def test_precision_is_what_it_would_be_with_n_truths():
    truths = [(0, 0, 0.0, 10.0, 1.0), (0, 0, 20.0, 30.0, 1.0)]
    predicted = [(0, 0, 80.0, 90.0, 0.9), (0, 0, 0.0, 10.0, 0.8)]

    # One of two truths after one false positive: 0.5 * 6 / (0.5 * 6 + 1), reached for half of the recall.
    assert normalized(truths, predicted, 6.0).tolist() == [pytest.approx(0.5 * 3 / 4)]


@given(truth_rows, prediction_rows, st.sampled_from(TIOUS))
def test_with_as_many_truths_as_the_label_has_it_is_the_average_precision(
    truths: list[Row], predicted: list[Row], tiou: float
):
    expected = average_precision(segments(truths), segments(predicted), (tiou,), 3)[0]
    for label in {row[1] for row in truths}:
        count = sum(row[1] == label for row in truths)
        found = normalized(truths, predicted, float(count), tiou)[label]
        assert found == pytest.approx(expected[label], rel=1e-12)


@given(truth_rows, prediction_rows)
def test_a_greater_n_never_lowers_it(truths: list[Row], predicted: list[Row]):
    values = np.stack([np.nan_to_num(normalized(truths, predicted, n)) for n in (0.5, 1, 3, 1e9)])

    assert (np.diff(values, axis=0) >= -1e-12).all()


@given(truth_rows, prediction_rows)
def test_a_label_without_truth_has_no_value(truths: list[Row], predicted: list[Row]):
    values = normalized(truths, predicted, 2.0)

    assert np.isnan(values).tolist() == [label not in {r[1] for r in truths} for label in range(len(values))]


def test_characteristics_by_hand():
    truths = [(0, 0, 0.0, 1.0, 1.0), (0, 0, 2.0, 5.0, 1.0), (0, 1, 0.0, 4.0, 1.0), (1, 0, 0.0, 5.0, 1.0)]
    coverage, length, instances = characterize(segments(truths), np.array([10.0, 5.0]), SMALL)

    assert coverage.bin.tolist() == [1, 2, 3, 3]  # 0.1 lies on an edge and belongs below
    assert coverage.ranges == ("up to 5 %", "5-10 %", "10-30 %", "over 30 %")
    assert length.bin.tolist() == [0, 2, 3, 3]
    assert length.sizes == ("XS", "S", "M", "L")
    assert length.ranges == ("up to 1 s", "1-2 s", "2-3 s", "over 3 s")
    assert length.counts.tolist() == [1, 0, 1, 2]
    assert instances.bin.tolist() == [1, 1, 0, 0]
    assert instances.ranges == ("1", "2", "over 2")


def test_an_action_that_outlasts_its_video_covers_it_most():
    coverage = characterize(segments([(0, 0, 2.0, 14.0, 1.0)]), np.array([10.0]), BINS["thumos"])[0]

    assert coverage.bin.tolist() == [4]


def test_a_video_without_duration_has_no_coverage_and_without_any_there_is_none():
    truths = segments([(0, 0, 0.0, 1.0, 1.0), (1, 0, 0.0, 1.0, 1.0)])

    assert characterize(truths, np.array([np.nan, 10.0]), SMALL)[0].bin.tolist() == [-1, 1]
    assert [c.name for c in characterize(truths, np.array([np.nan, np.nan]), SMALL)] == ["length", "instances"]


def test_quantiles_put_a_fifth_of_the_truths_in_each_bin():
    truths = segments([(0, 0, 0.0, 1.0 + i, 1.0) for i in range(20)])
    coverage, length, _ = characterize(truths, np.array([100.0]), Bins())

    assert length.counts.tolist() == coverage.counts.tolist() == [4] * 5
    assert length.ranges[0] == "up to 4 s"


def test_quantiles_of_equal_lengths_are_one_bin_and_of_two_lengths_two():
    same = segments([(0, 0, i, i + 2.0, 1.0) for i in range(9)])
    assert characterize(same, np.array([100.0]), Bins())[1].sizes == ("all",)

    mixed = segments([(0, 0, i, i + 1.0 + i % 2, 1.0) for i in range(10)])
    length = characterize(mixed, np.array([100.0]), Bins())[1]
    assert (length.sizes, length.ranges) == (("S", "L"), ("up to 1 s", "over 1 s"))


def test_bins_are_those_published():
    """DETAD's for both data sets; lengths in seconds, coverage as a share, actions of one label in a video."""
    thumos = Bins((0.02, 0.04, 0.06, 0.08), (3, 6, 12, 18), (1, 40, 80))
    activitynet = Bins((0.2, 0.4, 0.6, 0.8), (30, 60, 120, 180), (1, 4, 8))
    assert [find_bins(None, protocol) for protocol in ("thumos14", "activitynet13")] == [thumos, activitynet]
    assert find_bins(None, "generic") == Bins(None, None, (1, 4, 8))


@pytest.mark.parametrize("edges", [(2, 1), (1, 1), (1, 2, 3, 4, 5)])
def test_edges_that_do_not_rise_or_are_too_many_are_refused(edges: tuple[float, ...]):
    with pytest.raises(ValueError, match="length must be at most 4 rising edges"):
        Bins(length=edges)


def test_bins_follow_the_protocol_unless_they_are_named():
    assert find_bins(None, "thumos14-opentad") is BINS["thumos"]
    assert find_bins(None, "sbhar") is BINS["quantiles"]
    assert find_bins("activitynet", "thumos14") is BINS["activitynet"]
    with pytest.raises(InputError, match="did you mean 'quantiles'"):
        find_bins("quantile", "thumos14")


def test_predictions_that_took_a_truth_of_another_bin_are_set_aside_and_false_ones_stay():
    truths = [(0, 0, 0.0, 1.0, 1.0), (0, 0, 10.0, 14.0, 1.0)]
    predicted = [(0, 0, 0.0, 1.0, 0.9), (0, 0, 80.0, 90.0, 0.8), (0, 0, 10.0, 14.0, 0.7)]
    truth, ranked = segments(truths), segments(predicted).ranked
    length = characterize(truth, np.array([100.0]), SMALL)[1]
    values = averages_of_bins(truth, ranked, match(truth, ranked, TIOUS), length, normalizer=1.0)

    assert values[0] == 1.0  # only the short action: found first, the false one comes later
    assert values[3] == pytest.approx(0.5)  # only the long one: found after the false one
    assert np.isnan(values[1:3]).all()


@given(truth_rows, prediction_rows)
def test_sensitivity_and_misses_equal_the_loops(truths: list[Row], predicted: list[Row]):
    actions = [row[:4] for row in truths]
    listed = known(truths, predicted)
    truth, ranked = segments(truths), segments(listed).ranked
    matched = match(truth, ranked, TIOUS)
    took = [naive.takes(actions, listed, at) for at in TIOUS]
    values_of = {
        "coverage": [naive.coverage(action, DURATIONS) for action in actions],
        "length": [action[3] - action[2] for action in actions],
        "instances": [naive.instances(actions, action) for action in actions],
    }
    for of in characterize(truth, np.array(DURATIONS), SMALL):
        averages = averages_of_bins(truth, ranked, matched, of, normalizer=1.7)
        shares = missed_shares(missed(matched[1], len(truth)), of)
        bins = [naive.bin_of(value, getattr(SMALL, of.name)) for value in values_of[of.name]]
        for index in range(len(of.sizes)):
            inside = [row for row, number in enumerate(bins) if number == index]
            expected = [naive.mean_normalized_average_precision(actions, listed, t, 1.7, of=inside) for t in took]
            lost = [row for row in inside if row not in took[1].values()]
            np.testing.assert_allclose(averages[index], np.mean(expected), rtol=1e-12)
            np.testing.assert_allclose(shares[index], len(lost) / len(inside) if inside else math.nan)


@given(truth_rows, prediction_rows)
def test_one_bin_of_all_truths_has_the_overall_value(truths: list[Row], predicted: list[Row]):
    truth, ranked = segments(truths), segments(known(truths, predicted)).ranked
    everything = characterize(truth, np.array(DURATIONS), Bins(length=()))[1]
    positives = np.bincount(truth.label)
    overall = np.nanmean([normalized(truths, predicted, 2.0, at) for at in TIOUS])
    found = averages_of_bins(truth, ranked, match(truth, ranked, TIOUS), everything, normalizer=2.0)

    assert everything.sizes == ("all",)
    assert found.tolist() == [pytest.approx(overall, rel=1e-12)]
    assert everything.counts.tolist() == [positives.sum()]
