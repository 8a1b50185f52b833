import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.data.grid import FeatureGrid

frames = st.floats(0.5, 500)
grids = st.builds(FeatureGrid, fps=st.floats(1, 240), clip_stride=frames, clip_frames=frames)
times = st.floats(-1e4, 1e5)
ends = {"rel": 1e-12, "abs": 1e-9}


@given(grid=grids, seconds=times)
def test_seconds_to_steps_and_back_is_the_identity(grid, seconds):
    assert grid.seconds(grid.steps(seconds)) == pytest.approx(seconds, **ends)
    assert grid.steps(grid.seconds(seconds)) == pytest.approx(seconds, **ends)


@given(grid=grids, seconds=st.lists(st.tuples(times, times), max_size=4))
def test_arrays_are_converted_number_by_number(grid, seconds):
    array = np.array(seconds, dtype=np.float64).reshape(-1, 2)
    assert grid.steps(array).tolist() == [[grid.steps(start), grid.steps(end)] for start, end in seconds]
    assert grid.seconds(array).tolist() == [[grid.seconds(start), grid.seconds(end)] for start, end in seconds]


@given(grid=grids, clip=st.integers(0, 10_000))
def test_a_clip_is_centered_on_the_frames_it_covers(grid, clip):
    first, behind = clip * grid.clip_stride, clip * grid.clip_stride + grid.clip_frames
    assert grid.seconds(float(clip)) == pytest.approx((first + behind) / 2 / grid.fps, **ends)


def test_thumos_clips_of_16_frames_every_4_by_hand():
    grid = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)
    assert grid.seconds(0.0) == pytest.approx(8 / 30)
    assert grid.seconds(1.0) == pytest.approx(12 / 30)
    assert grid.steps(0.0) == -2.0
    assert grid.span(1) == pytest.approx(16 / 30)
    assert grid.span(11) == pytest.approx(56 / 30)


@given(grid=grids, length=st.integers(1, 5000), to=st.integers(1, 5000))
def test_resized_features_cover_the_same_time(grid, length, to):
    resized = grid.resized(length, to)
    assert resized.span(to) == pytest.approx(grid.span(length), **ends)
    # the first clip begins with the video, the last one ends with it
    half = resized.clip_frames / resized.fps / 2
    assert resized.seconds(0.0) - half == pytest.approx(0.0, abs=1e-9)
    assert resized.seconds(to - 1.0) + half == pytest.approx(grid.span(length), **ends)


@given(grid=grids, length=st.integers(1, 2000), factor=st.integers(1, 9))
def test_every_nth_clip_keeps_its_time(grid, length, factor):
    downsampled = grid.downsampled(factor)
    kept = range(0, length, factor)
    assert [downsampled.seconds(float(i)) for i in range(len(kept))] == pytest.approx(
        [grid.seconds(float(i)) for i in kept], **ends
    )
    lost = (length - 1) % factor * grid.clip_stride / grid.fps  # the clips behind the last that is kept
    assert downsampled.span(len(kept)) == pytest.approx(grid.span(length) - lost, **ends)


@pytest.mark.parametrize("name", ["fps", "clip_stride", "clip_frames"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_grid_of_impossible_numbers_is_refused(name, value):
    numbers = {"fps": 30.0, "clip_stride": 4.0, "clip_frames": 16.0, name: value}
    with pytest.raises(ValueError, match=f"{name} must be a positive number, found {value}"):
        FeatureGrid(**numbers)
