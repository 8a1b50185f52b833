import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.inference.nms import hard_nms, suppress, tiou_matrix, vote
from tests import naive
from tests.inference.cases import random_candidates

seeds = st.integers(0, 2**32 - 1)
NOTHING = Candidates(np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=np.int64))


def rows(candidates):
    """The candidates as a list, best first; equal scores, to nine digits, by start."""
    columns = (-candidates.scores.round(9), candidates.segments.round(9).tolist(), candidates.labels.tolist())
    return sorted(zip(*columns, strict=True))


def assert_same_rows(found, expected):
    assert len(found) == len(expected)
    for (score, segment, label), (other_score, other_segment, other_label) in zip(
        rows(found), rows(expected), strict=True
    ):
        assert (segment, label) == (pytest.approx(other_segment, abs=1e-6), other_label)
        assert score == pytest.approx(other_score, rel=1e-6)


@settings(deadline=None, max_examples=80)
@given(seed=seeds, count=st.integers(1, 20), tiou=st.sampled_from([0.1, 0.5, 0.9]), cap=st.sampled_from([3, 100]))
def test_hard_nms_equals_the_loop_where_scores_and_overlaps_tie(seed, count, tiou, cap):
    candidates = random_candidates(seed, count, whole=True)
    kept, scores = hard_nms(candidates.segments, candidates.scores, tiou=tiou, floor=0.1234, count=cap)
    expected, unchanged = naive.hard_nms(candidates.segments, candidates.scores, tiou, 0.1234, cap)
    assert kept.tolist() == expected.tolist()
    assert scores.tolist() == unchanged.tolist()


@settings(deadline=None, max_examples=60)
@given(seed=seeds, count=st.integers(1, 15), threshold=st.sampled_from([0.3, 0.7, 1.0]), by_tiou=st.booleans())
def test_voting_equals_the_loop(seed, count, threshold, by_tiou):
    candidates = random_candidates(seed, count, whole=True)
    kept = candidates.segments[::2]
    found = vote(kept, candidates.segments, candidates.scores, threshold=threshold, weigh_by_tiou=by_tiou)
    expected = naive.vote(kept, kept, candidates.segments, candidates.scores, threshold, by_tiou)
    assert found == pytest.approx(expected)


def test_voters_without_any_score_move_nothing():
    segments = np.array([[0.0, 10.0], [0.0, 9.0]])
    assert vote(segments, segments, np.zeros(2), threshold=0.5, weigh_by_tiou=False).tolist() == segments.tolist()


@settings(deadline=None, max_examples=60, derandomize=True)
@given(seed=seeds, count=st.integers(1, 25))
def test_classes_suppressed_in_one_pass_equal_classes_suppressed_one_by_one(seed, count):
    candidates = random_candidates(seed, count)
    config = InferenceConfig(nms_sigma=0.3, min_score=0.005, max_segments=100)
    kept, decayed = naive.multiclass_nms(
        candidates.segments, candidates.scores, candidates.labels, sigma=0.3, min_score=0.005, max_segments=100
    )
    expected = Candidates(candidates.segments[kept], decayed, candidates.labels[kept])
    assert_same_rows(suppress(candidates, config), expected)


METHODS = {
    "soft": {"nms": "soft"},
    "soft across classes": {"nms": "soft", "nms_per_class": False},
    "soft with votes": {"nms": "soft", "nms_per_class": False, "voting_tiou": 0.6},
    "soft with votes per class": {"nms": "soft", "voting_tiou": 0.6},
    "hard": {"nms": "hard"},
    "hard across classes": {"nms": "hard", "nms_per_class": False},
    "none": {"nms": "none"},
}
any_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@any_method
@settings(deadline=None, max_examples=25)
@given(seed=seeds, count=st.integers(1, 25))
def test_the_result_does_not_depend_on_the_order_of_the_candidates(method, seed, count):
    candidates = random_candidates(seed, count, whole=True)
    shuffled = candidates.take(np.random.default_rng(seed + 1).permutation(count))
    config = InferenceConfig(**method)
    one, other = suppress(candidates, config), suppress(shuffled, config)
    assert one.scores == pytest.approx(other.scores, rel=1e-12)  # exp may round otherwise elsewhere in an array
    assert one.labels.tolist() == other.labels.tolist()
    assert one.segments == pytest.approx(other.segments)  # votes are summed in another order


@any_method
@settings(deadline=None, max_examples=25)
@given(seed=seeds, count=st.integers(0, 25), cap=st.integers(1, 30))
def test_what_remains_is_best_first_high_enough_and_not_too_much(method, seed, count, cap):
    candidates = random_candidates(seed, count) if count else NOTHING
    kept = suppress(candidates, InferenceConfig(**method, min_score=0.2, max_segments=cap))
    assert len(kept) <= min(cap, count)
    assert (np.diff(kept.scores) <= 0).all()
    assert (kept.scores >= 0.2).all()
    assert kept.segments.shape == (len(kept), 2)


@any_method
def test_nothing_leaves_nothing(method):
    kept = suppress(NOTHING, InferenceConfig(**method))
    assert (len(kept), kept.segments.shape, kept.labels.shape) == (0, (0, 2), (0,))


@any_method
def test_a_single_candidate_remains_as_it_is(method):
    one = Candidates(np.array([[-3.0, 8.5]]), np.array([0.7]), np.array([2]))
    assert rows(suppress(one, InferenceConfig(**method))) == rows(one)


@any_method
def test_candidates_that_are_all_too_low_leave_nothing(method):
    low = random_candidates(0, 5)
    assert len(suppress(Candidates(low.segments, low.scores / 1e4, low.labels), InferenceConfig(**method))) == 0


@any_method
def test_segments_apart_leave_each_other_alone(method):
    apart = Candidates(np.array([[0.0, 1], [2, 3], [4, 5]]), np.array([0.3, 0.9, 0.5]), np.zeros(3, dtype=np.int64))
    assert rows(suppress(apart, InferenceConfig(**method))) == rows(apart)


def test_twins_of_two_labels_both_remain_unless_classes_compete():
    twins = Candidates(np.array([[2.0, 8.0], [2.0, 8.0]]), np.array([0.9, 0.8]), np.array([0, 4]))
    kept = suppress(twins, InferenceConfig())
    assert (kept.labels.tolist(), kept.scores.tolist()) == ([0, 4], [0.9, 0.8])
    across = suppress(twins, InferenceConfig(nms_per_class=False, nms_sigma=0.5))
    assert across.scores == pytest.approx([0.9, 0.8 * np.exp(-1 / 0.5)], rel=1e-5)
    assert suppress(twins, InferenceConfig(nms_per_class=False, nms="hard")).labels.tolist() == [0]


def test_classes_do_not_touch_even_where_segments_leave_the_video():
    wide = Candidates(np.array([[-500.0, 900.0]] * 3), np.array([0.9, 0.8, 0.7]), np.array([0, 1, 199]))
    assert suppress(wide, InferenceConfig()).scores.tolist() == [0.9, 0.8, 0.7]


@pytest.mark.parametrize(
    ("weight", "end"),
    [("score", (0.6 * 10 + 0.2 * 8) / 0.8), ("score_tiou", (0.6 * 10 + 0.2 * 0.8 * 8) / (0.6 + 0.2 * 0.8))],
)
@pytest.mark.parametrize("per_class", [True, False])
def test_segments_vote_on_each_other_by_their_first_score(per_class, weight, end):
    near = Candidates(np.array([[0.0, 10.0], [0.0, 8.0]]), np.array([0.6, 0.2]), np.array([1, 1]))
    config = InferenceConfig(voting_tiou=0.7, voting_weight=weight, nms_per_class=per_class)
    assert suppress(near, config).segments[0] == pytest.approx([0.0, end])
    assert suppress(near, InferenceConfig(nms_per_class=per_class)).segments[0].tolist() == [0.0, 10.0]


def test_other_classes_vote_only_where_they_compete():
    near = Candidates(np.array([[0.0, 10.0], [0.0, 8.0]]), np.array([0.6, 0.6]), np.array([0, 1]))
    config = InferenceConfig(voting_tiou=0.7)
    assert suppress(near, config).segments == pytest.approx(near.segments[::-1])
    across = config.model_copy(update={"nms_per_class": False})
    assert suppress(near, across).segments == pytest.approx(np.array([[0.0, 9.0]] * 2))


def test_tiou_of_all_pairs_by_hand():
    a, b = np.array([[0.0, 10.0], [3.0, 3.0]]), np.array([[5.0, 10.0], [20.0, 30.0], [3.0, 3.0]])
    assert tiou_matrix(a, b, epsilon=0.0).tolist() == [[0.5, 0, 0], [0, 0, 0]]
    assert tiou_matrix(a, b)[0, 0] == pytest.approx(0.5, abs=1e-6)


@given(
    st.lists(st.tuples(st.sampled_from([0.9, 0.5, 0.2]), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2))),
)
def test_candidates_go_by_falling_score_and_each_run_of_equal_scores_by_start_end_and_label(listed):
    scores, starts, lengths, labels = np.array(listed, dtype=np.float64).reshape(-1, 4).T
    candidates = Candidates(np.stack([starts, starts + lengths], axis=1), scores, labels.astype(np.int64))
    found = suppress(candidates, InferenceConfig(nms="none", min_score=0.0, max_segments=1000))
    ordered = sorted((-score, start, start + length, label) for score, start, length, label in listed)
    columns = (-found.scores, *found.segments.T, found.labels)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == ordered
