"""Optical flow between the frames of a video, through OpenCV (the extra `flow`).

`tvl1` is what the features of the field were made from; `dis` is some ninety times faster, and makes other features.
For a moving texture of 340 x 256 one core of a server took 0.9 seconds per frame with the one and 0.01 with the other.
Pairs of frames are worked on in parallel.
"""

import importlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError, did_you_mean
from logotal.video.picture import Image

Flow = NDArray[np.float32]
"""Where each pixel goes until the next frame, (H, W, 2) in pixels: to the right, then down."""

INSTALL = "pip install 'logotal[flow]'"

METHODS: dict[str, Callable[[Any], Any]] = {
    "tvl1": lambda cv2: cv2.optflow.DualTVL1OpticalFlow_create(),  # OpenCV's settings, which the field left alone
    "dis": lambda cv2: cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM),
}


def flow_between(method: str) -> Callable[[Image, Image], Flow]:
    """The function that gives the flow from one grayscale image (H, W) to the next; threads may share it.

    Raises:
        InputError: there is no such method, or OpenCV is not installed, or one without it.
    """
    if method not in METHODS:
        raise InputError(f"flow: no method {method!r}; {did_you_mean(method, METHODS)}")
    cv2 = _opencv()
    try:
        METHODS[method](cv2)
    except AttributeError:
        raise InputError(
            f"the OpenCV that is installed has no {method} flow, it comes without the contributed modules; "
            f"pip uninstall opencv-python opencv-python-headless, then {INSTALL}"
        ) from None

    def between(earlier: Image, later: Image) -> Flow:
        flow: Flow = METHODS[method](cv2).calc(earlier, later, None)  # an object of its own: they hold buffers
        return flow

    return between


def flow_images(images: Iterable[Image], method: str, *, threads: int = 1) -> Iterator[Flow]:
    """The flow from each frame to the next, as many as there are frames.

    After the last frame nothing follows, so the flow before it is repeated: clips of frames and clips of flow are
    then as many and begin at the same times, and nothing moves suddenly otherwise. A single frame stands still.

    Args:
        images: RGB (H, W, 3) uint8, all of one size; a few more than were given back are taken, none is kept.
        method: a key of `METHODS`.
        threads: pairs of frames that are worked on at once.

    Raises:
        InputError: as `flow_between`; at once, not at the first frame.
    """
    return _flow_images(images, flow_between(method), threads)


def _flow_images(images: Iterable[Image], between: Callable[[Image, Image], Flow], threads: int) -> Iterator[Flow]:
    cv2 = _opencv()
    grays = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images)
    earlier = next(grays, None)
    if earlier is None:
        return
    last: Flow = np.zeros((*earlier.shape, 2), dtype=np.float32)
    waiting: deque[Future[Flow]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="flow") as pool:  # OpenCV leaves Python's lock alone
        for later in grays:
            waiting.append(pool.submit(between, earlier, later))
            earlier = later
            if len(waiting) > threads:
                last = waiting.popleft().result()
                yield last
        for pair in waiting:
            last = pair.result()
            yield last
    yield last.copy()


def keep_to_one_thread() -> None:
    """Lets OpenCV, in the whole process, start no threads: for one of many worker processes, which share the cores."""
    _opencv().setNumThreads(1)


def _opencv() -> Any:
    try:
        return importlib.import_module("cv2")
    except ImportError:
        raise InputError(f"optical flow needs opencv-contrib-python-headless: {INSTALL}") from None
