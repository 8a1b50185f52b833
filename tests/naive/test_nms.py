"""NMS and voting on cases small enough to work out by hand."""

import math

import numpy as np
import pytest

from tests import naive


def test_soft_nms_decays_by_the_gaussian_of_tiou_by_hand():
    segments = np.array([[0.0, 10.0], [0.0, 5.0], [20.0, 30.0]])
    kept, scores = naive.soft_nms(segments, np.array([0.9, 0.8, 0.6]), 0.5, 0.001, 10)
    assert kept.tolist() == [0, 2, 1]
    assert scores == pytest.approx([0.9, 0.6, 0.8 * math.exp(-(0.5**2) / 0.5)], rel=1e-5)


def test_soft_nms_adds_epsilon_to_lengths_only():
    twins = np.array([[0.0, 1.0], [0.0, 1.0]])
    _, scores = naive.soft_nms(twins, np.array([0.9, 0.8]), 0.5, 0.001, 10, epsilon=0.5)
    assert scores[1] == pytest.approx(0.8 * math.exp(-((1 / 2) ** 2) / 0.5))  # 1 / (1.5 + 1.5 - 1)


def test_soft_nms_does_not_decay_instants():
    kept, scores = naive.soft_nms(np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([0.5, 0.9]), 0.5, 0.001, 10)
    assert (kept.tolist(), scores.tolist()) == ([1, 0], [0.9, 0.5])


def test_soft_nms_compares_all_but_its_first_pick_with_the_least_score():
    apart = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    assert naive.soft_nms(apart, np.array([0.2, 0.3, 0.1]), 0.5, 0.25, 10)[0].tolist() == [1]
    assert naive.soft_nms(apart, np.array([0.2, 0.25, 0.1]), 0.5, 0.9, 10)[0].tolist() == [1]
    assert naive.soft_nms(apart, np.array([0.3, 0.2, 0.25]), 0.5, 0.25, 10)[0].tolist() == [0, 2]


def test_equal_scores_are_picked_by_index_up_to_the_cap():
    apart, equal = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), np.full(3, 0.5)
    assert naive.soft_nms(apart, equal, 0.5, 0.001, 2)[0].tolist() == [0, 1]
    assert naive.hard_nms(apart, equal, 0.5, 0.001, 2)[0].tolist() == [0, 1]


def test_hard_nms_removes_overlaps_from_the_threshold_on_and_keeps_scores():
    segments = np.array([[0.0, 10.0], [0.0, 5.0], [4.0, 10.0], [20.0, 30.0]])
    scores = np.array([0.9, 0.8, 0.7, 0.1])
    kept, unchanged = naive.hard_nms(segments, scores, 0.55, 0.0, 10)
    assert (kept.tolist(), unchanged.tolist()) == ([0, 1, 3], [0.9, 0.8, 0.1])
    assert naive.hard_nms(segments, scores, 0.5, 0.1, 10, epsilon=0.0)[0].tolist() == [0]


def test_nms_of_nothing_is_nothing():
    nothing = np.zeros((0, 2)), np.zeros(0)
    for kept, scores in (
        naive.soft_nms(*nothing, 0.5, 0.001, 10),
        naive.hard_nms(*nothing, 0.5, 0.001, 10),
        naive.multiclass_nms(*nothing, np.zeros(0, dtype=np.int64), sigma=0.5, min_score=0.001, max_segments=10),
    ):
        assert (kept.tolist(), scores.tolist()) == ([], [])


def test_multiclass_nms_leaves_other_classes_alone_and_caps_their_union():
    twins = np.array([[0.0, 10.0]] * 3)
    kept, scores = naive.multiclass_nms(
        twins, np.array([0.7, 0.9, 0.8]), np.array([1, 0, 1]), sigma=0.5, min_score=0.001, max_segments=2
    )
    assert (kept.tolist(), scores.tolist()) == ([1, 2], [0.9, 0.8])


@pytest.mark.parametrize(("weight_by_tiou", "end"), [(True, 98.4 / 10.8), (False, 9.0)])
def test_voting_averages_what_overlaps_enough(weight_by_tiou, end):
    everything = np.array([[0.0, 10.0], [0.0, 8.0], [0.0, 5.0]])  # tIoU with the first: 1, 0.8, 0.5
    scores = np.array([0.6, 0.6, 1.0])
    refined = naive.vote(everything[:1], scores[:1], everything, scores, 0.7, weight_by_tiou)
    assert refined == pytest.approx(np.array([[0.0, end]]))


def test_a_tiou_exactly_at_the_threshold_votes():
    both = np.array([[0.0, 10.0], [0.0, 5.0]])
    refined = naive.vote(both[:1], np.ones(1), both, np.ones(2), 0.5, weight_by_tiou=False)
    assert refined.tolist() == [[0.0, 7.5]]


def test_voting_leaves_instants_and_weightless_segments_as_they_are():
    segments, zeros = np.array([[2.0, 2.0], [5.0, 9.0]]), np.zeros(2)
    for weight_by_tiou in (True, False):
        assert (naive.vote(segments, zeros, segments, zeros, 0.5, weight_by_tiou) == segments).all()
        assert (naive.vote(segments, zeros, segments, zeros + 1, 0.0, weight_by_tiou)[0] == [2, 2]).all()
