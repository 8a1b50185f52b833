import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.data.crop import clip_segments, crop_window

NOTHING = np.zeros((0, 2))


def segments(*pairs):
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def windows(length, actions, *, window=10, crop=None, keep=0.5, margin=2.0, draws=200):
    """The different windows that so many generators lead to."""
    return {
        crop_window(
            length,
            actions,
            window=window,
            crop=crop,
            keep=keep,
            margin=margin,
            generator=np.random.default_rng(seed),
        )
        for seed in range(draws)
    }


def clipped(pair, first, behind, *, keep=0.5, margin=2.0):
    """A segment as the window sees it, or None where it does not count."""
    found, kept = clip_segments(segments(pair), first, behind, keep=keep, margin=margin)
    return found[0].tolist() if kept[0] else None


def test_a_video_longer_than_the_window_is_cut_to_it_anywhere():
    assert windows(13, NOTHING) == {(0, 10), (1, 11), (2, 12), (3, 13)}


def test_a_video_as_long_as_the_window_is_whole():
    assert windows(10, NOTHING) == {(0, 10)}


def test_a_video_shorter_than_the_window_is_whole_or_a_random_part_of_itself():
    assert windows(8, NOTHING) == {(0, 8)}
    assert windows(8, NOTHING, crop=(0.75, 1.0)) == {(0, 6), (1, 7), (2, 8), (0, 7), (1, 8), (0, 8)}


def test_a_video_longer_than_the_window_ignores_the_part():
    assert {behind - first for first, behind in windows(100, NOTHING, crop=(0.1, 0.2))} == {10}


@pytest.mark.parametrize("crop", [None, (0.9, 1.0), (0.01, 0.02)])
def test_a_video_of_one_step_is_that_step(crop):
    assert windows(1, segments((0, 1)), crop=crop) == {(0, 1)}


def test_at_least_one_action_survives_where_any_window_has_one():
    action = segments((95, 99))
    for first, behind in windows(100, action, margin=0.0):
        assert clip_segments(action, first, behind, keep=0.5, margin=0.0)[1].any()


def test_the_last_of_200_draws_stands_where_no_window_holds_an_action():
    longer_than_any_window = segments((0, 90))
    generator = np.random.default_rng(3)
    starts = generator.integers(0, 91, size=200)
    options = {"window": 10, "crop": None, "keep": 0.5, "margin": 2.0}
    found = crop_window(100, longer_than_any_window, generator=np.random.default_rng(3), **options)
    assert found == (starts[-1], starts[-1] + 10)


def test_a_video_without_actions_takes_its_first_draw():
    starts = np.random.default_rng(3).integers(0, 91, size=200)
    options = {"window": 10, "crop": None, "keep": 0.5, "margin": 2.0}
    found = crop_window(100, NOTHING, generator=np.random.default_rng(3), **options)
    assert found == (starts[0], starts[0] + 10)


def test_an_action_inside_the_window_moves_with_it():
    assert clipped((23.5, 27.25), 20, 30) == [3.5, 7.25]


def test_an_action_is_cut_half_a_clip_outside_the_window():
    assert clipped((15, 24), 20, 30) == [-2, 4]
    assert clipped((26, 40), 20, 30, keep=0.3) == [6, 11]  # the last step is 29, and 2 more


def test_an_action_that_goes_on_after_the_video_is_cut_where_the_features_end():
    assert clipped((90, 110), 0, 100, keep=0.5) == [90, 101]  # the whole video: its last step is 99, and half a clip
    assert clipped((98, 140), 0, 100, keep=0.5) is None


def test_an_action_counts_if_exactly_the_part_to_keep_is_left():
    assert clipped((12, 24), 20, 30) == [-2, 4]  # 6 of 12
    assert clipped((11.9, 24), 20, 30) is None
    assert clipped((11.9, 24), 20, 30, keep=0.4) == [-2, 4]


def test_an_action_outside_the_window_does_not_count_even_if_nothing_need_be_left():
    assert clipped((0, 17), 20, 30, keep=0.0) is None
    assert clipped((50, 60), 20, 30, keep=0.0) is None


def test_an_action_without_length_does_not_count():
    assert clipped((25, 25), 20, 30) is None
    assert clipped((25, 25), 20, 30, keep=0.0) is None


def test_an_action_longer_than_the_window_counts_if_enough_of_it_is_seen():
    assert clipped((0, 100), 20, 30) is None
    assert clipped((0, 100), 20, 30, keep=0.1) == [-2, 11]


@given(
    length=st.integers(1, 60),
    window=st.integers(1, 40),
    crop=st.none() | st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted).map(tuple),
    seed=st.integers(0, 1000),
    pairs=st.lists(st.tuples(st.floats(-5, 60), st.just(0.0) | st.floats(0.01, 30)), max_size=3),
)
def test_a_window_lies_inside_the_video_and_is_never_empty_or_too_long(length, window, crop, seed, pairs):
    actions = segments(*((start, start + more) for start, more in pairs))
    first, behind = crop_window(
        length, actions, window=window, crop=crop, keep=0.5, margin=2.0, generator=np.random.default_rng(seed)
    )
    assert 0 <= first < behind <= length
    assert behind - first <= window
    found, kept = clip_segments(actions, first, behind, keep=0.5, margin=2.0)
    assert (found[kept] >= -2).all()
    assert (found[kept] <= behind - first - 1 + 2).all()
    assert (found[kept, 1] > found[kept, 0]).all()
