"""Optical flow: where a pattern that moves is known to go, and how many images of it there are."""

import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.video import flow as flow_module
from logotal.video.flow import METHODS, flow_between, flow_images


def moving(positions: list[tuple[int, int]], height: int = 40, width: int = 48) -> list[np.ndarray]:
    """Frames of smooth noise that was moved by (right, down) pixels since the beginning."""
    noise = np.random.default_rng(0).random((height + 40, width + 40))
    for axis in (0, 1):  # ripples of a few pixels, which flow can follow
        for _ in range(4):
            noise = (np.roll(noise, 1, axis) + noise + np.roll(noise, -1, axis)) / 3
    noise = 255 * (noise - noise.min()) / (noise.max() - noise.min())
    gray = [noise[20 - down : 20 - down + height, 20 - right : 20 - right + width] for right, down in positions]
    return [np.repeat(image[..., None], 3, axis=2).astype(np.uint8) for image in gray]


def middle(flow: np.ndarray) -> np.ndarray:
    """The median motion (right, down) away from the border, where things come in and leave."""
    return np.median(flow[8:-8, 8:-8], axis=(0, 1))


@pytest.fixture
def opencv() -> None:
    pytest.importorskip("cv2", reason="needs the extra flow")


@pytest.mark.usefixtures("opencv")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", [(3, 0), (-3, 0), (0, 2), (0, -2), (2, -1), (0, 0)], ids=str)
def test_flow_is_the_motion_to_the_next_frame_right_and_down_being_positive(method: str, step: tuple[int, int]) -> None:
    first, second = flow_images(moving([(0, 0), step]), method)
    np.testing.assert_allclose(middle(first), step, atol=0.15)
    np.testing.assert_array_equal(first, second)
    assert (first.shape, first.dtype) == ((40, 48, 2), np.float32)


@pytest.mark.usefixtures("opencv")
@pytest.mark.parametrize("threads", [1, 3])
def test_each_frame_has_the_flow_to_the_next_in_order_and_the_last_repeats_the_one_before(threads: int) -> None:
    columns = [0, 1, 3, 3, 1, 4, 4, 5]
    flows = list(flow_images(moving([(column, 0) for column in columns]), "dis", threads=threads))
    assert len(flows) == len(columns)
    np.testing.assert_allclose([middle(flow)[0] for flow in flows], [1, 2, 0, -2, 3, 0, 1, 1], atol=0.15)


@pytest.mark.usefixtures("opencv")
def test_threads_change_nothing() -> None:
    frames = moving([(index, -index) for index in range(6)])
    np.testing.assert_array_equal(*(list(flow_images(frames, "tvl1", threads=threads)) for threads in (1, 4)))


@pytest.mark.usefixtures("opencv")
@pytest.mark.parametrize("method", METHODS)
def test_a_single_frame_stands_still_and_no_frame_has_no_flow(method: str) -> None:
    (only,) = flow_images(moving([(0, 0)]), method)
    np.testing.assert_array_equal(only, np.zeros((40, 48, 2)))
    assert list(flow_images([], method)) == []


@pytest.mark.usefixtures("opencv")
def test_few_frames_are_taken_ahead_and_no_thread_is_left_behind() -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for index in range(1_000_000):
            taken.append(index)
            yield from moving([(index % 5, 0)])

    flows = flow_images(frames(), "dis", threads=2)
    next(flows)
    next(flows)
    assert len(taken) <= 6
    flows.close()  # type: ignore[attr-defined]
    assert not any(thread.name.startswith("flow") for thread in threading.enumerate())


@pytest.mark.usefixtures("opencv")
def test_an_error_of_the_video_comes_through() -> None:
    def frames() -> Iterator[np.ndarray]:
        yield from moving([(0, 0), (1, 0)])
        raise InputError("the end is missing")

    with pytest.raises(InputError, match="the end is missing"):
        list(flow_images(frames(), "dis"))


def test_an_unknown_method_has_a_nearest_name() -> None:
    with pytest.raises(InputError, match="flow: no method 'tv-l1'; did you mean 'tvl1'"):
        flow_images([], "tv-l1")


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_extra_answers_with_its_install_line_at_once(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[flow\]'"):
        flow_images([], method)


def test_an_opencv_without_the_contributed_modules_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = SimpleNamespace(DISOPTICAL_FLOW_PRESET_MEDIUM=2, DISOpticalFlow_create=lambda preset: None)
    monkeypatch.setitem(sys.modules, "cv2", plain)
    flow_between("dis")
    with pytest.raises(InputError, match=r"has no tvl1 flow.*pip uninstall opencv-python .*logotal\[flow\]"):
        flow_between("tvl1")


@pytest.mark.usefixtures("opencv")
def test_a_worker_process_can_keep_opencv_to_one_thread() -> None:
    import cv2  # noqa: PLC0415 - only where the extra is installed

    before = cv2.getNumThreads()
    try:
        flow_module.keep_to_one_thread()
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
