"""Random windows for training: long videos are cut to the window, short ones to a random part of themselves."""

import numpy as np
from numpy.typing import NDArray

ATTEMPTS = 200


def crop_window(
    length: int,
    segments: NDArray[np.float64],
    *,
    window: int,
    crop: tuple[float, float] | None,
    keep: float,
    margin: float,
    generator: np.random.Generator,
) -> tuple[int, int]:
    """A random window (first step, step behind the last) of a video, in which at least one action survives if any can.

    A video longer than `window` gives a window of that length, a shorter one a random part between `crop[0]` and
    `crop[1]` of itself (all of it if `crop` is None). Windows are drawn up to 200 times until one keeps an action;
    the last draw stands (ActionFormer, data_utils.py).
    """
    if length > window:
        size = window
    elif crop is None:
        return 0, length
    else:
        size = int(generator.integers(max(round(crop[0] * length), 1), max(round(crop[1] * length), 1) + 1))
    starts = generator.integers(0, length - size + 1, size=ATTEMPTS)
    for start in starts:
        _, kept = clip_segments(segments, int(start), int(start) + size, keep=keep, margin=margin)
        if kept.any() or not len(segments):
            return int(start), int(start) + size
    return int(starts[-1]), int(starts[-1]) + size


def clip_segments(
    segments: NDArray[np.float64], first: int, behind: int, *, keep: float, margin: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The segments (N, 2) as a window sees them, on its own grid, and which of them count.

    Segments are cut `margin` steps outside the window, half a clip: its first and last clips reach that far. One
    counts if at least `keep` of its length is left.

    So an action that goes on after the video's end is cut at the end of the features, whatever the window: a head
    should not learn to point to where there is nothing. ActionFormer does so on ActivityNet (anet.py), and elsewhere in
    every window but the whole video, where the segment stays as long as it was annotated (data_utils.py). Nothing on
    THUMOS14: the 4 actions to train on that end after their video begin there too, and are left out.
    """
    clipped = np.clip(segments, first - margin, behind - 1 + margin)
    length = segments[:, 1] - segments[:, 0]
    kept = (clipped[:, 1] - clipped[:, 0]) >= keep * length
    kept &= clipped[:, 1] > clipped[:, 0]
    return clipped - first, kept
