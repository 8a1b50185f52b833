import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.inference import soft_nms as module
from logotal.inference.soft_nms import apart, soft_nms
from tests import naive
from tests.inference.cases import random_candidates

seeds = st.integers(0, 2**32 - 1)
crowds = st.sampled_from([0, 1, 16])
caps = st.sampled_from([1, 2, 5, 20, 100])
as_the_loop = settings(deadline=None, max_examples=150, derandomize=True)  # ties of the last bit may break otherwise


def found(candidates, cap, *, crowd=16, groups=None, sigma=0.5, floor=0.005):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CROWDED", crowd)
        return soft_nms(candidates.segments, candidates.scores, groups, sigma=sigma, floor=floor, count=cap)


def assert_as_the_loop(candidates, cap, *, crowd=16, sigma=0.5, floor=0.005):
    kept, scores = found(candidates, cap, crowd=crowd, sigma=sigma, floor=floor)
    expected, decayed = naive.soft_nms(candidates.segments, candidates.scores, sigma, floor, cap)
    assert kept.tolist() == expected.tolist()
    assert scores == pytest.approx(decayed)


@as_the_loop
@given(seed=seeds, count=st.integers(1, 14), sigma=st.sampled_from([0.1, 0.5, 2.0]), cap=st.sampled_from([3, 100]))
def test_it_equals_the_loop_where_scores_and_overlaps_tie(seed, count, sigma, cap):
    assert_as_the_loop(random_candidates(seed, count, whole=True), cap, sigma=sigma)


@as_the_loop
@given(seed=seeds, count=st.integers(1, 60), cap=caps, crowd=crowds)
def test_it_equals_the_loop_however_many_are_considered_at_a_time(seed, count, cap, crowd):
    assert_as_the_loop(random_candidates(seed, count), cap, crowd=crowd)


@as_the_loop
@given(seed=seeds, count=st.integers(1, 60), groups=st.integers(1, 7), cap=caps, crowd=crowds)
def test_groups_side_by_side_are_what_each_is_alone(seed, count, groups, cap, crowd):
    candidates = random_candidates(seed, count)
    labels = np.random.default_rng(seed).integers(0, groups, count) * 10
    kept, scores = found(candidates, cap, crowd=crowd, groups=labels)
    expected, decayed = naive.multiclass_nms(
        candidates.segments, candidates.scores, labels, sigma=0.5, min_score=0.005, max_segments=cap
    )
    assert scores == pytest.approx(decayed)
    clear = scores > scores[-1] + 1e-9  # which of equals comes last is the loop's own
    assert set(kept[clear]) <= set(expected) | set(kept[~clear])
    assert len(kept) == len(expected)


@pytest.mark.parametrize(("spread", "cap"), [(1, 1), (1, 7), (500, 1), (500, 7), (500, 100)])
def test_hundreds_of_equals_are_taken_by_their_place(spread, cap):
    start = np.arange(300.0) * spread
    candidates = random_candidates(0, 300)
    candidates.segments[:], candidates.scores[:] = np.stack([start, start + 20.25], axis=1), 1.0
    assert_as_the_loop(candidates, cap)


@settings(deadline=None, max_examples=8, derandomize=True)
@given(seed=seeds, cap=st.sampled_from([30, 200]), spread=st.sampled_from([1, 30]))
def test_hundreds_of_candidates_equal_the_loop(seed, cap, spread):
    candidates = random_candidates(seed, 400)
    candidates.segments[:] += np.random.default_rng(seed).uniform(0, 12 * spread, (400, 1))
    assert_as_the_loop(candidates, cap, sigma=0.3, floor=0.001)


def test_segments_of_different_groups_are_moved_apart_and_others_keep_their_distance():
    segments = np.array([[-5.0, 900.0], [-5.0, 900.0], [3.0, 4.0], [-2.0, 0.0]])
    moved = apart(segments, np.array([0, 3, 0, 3]))
    assert moved[[0, 2]].tolist() == segments[[0, 2]].tolist()
    assert (moved[1] - moved[3]).tolist() == (segments[1] - segments[3]).tolist()
    assert moved[[1, 3]].min() > moved[[0, 2]].max()
    assert apart(np.empty((0, 2)), np.empty(0, dtype=np.int64)).shape == (0, 2)
