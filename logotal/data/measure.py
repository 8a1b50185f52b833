"""The stride of features, measured: how many frames of the videos a step is, by the lengths of both.

An extractor makes `floor((frames - window) / stride) + 1` steps, or fills the last clips up. So `frames - stride *
steps` is nearly the same for all videos: less than one stride apart. That tells strides apart far better than one
ratio does.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

SLACK = 2.0
"""Frames by which a duration may be wrong."""

WINDOWS = 4
"""Strides that a clip is long at most, as far as nobody says: 16 frames every 4."""

USUAL = 16
"""Frames of a clip that is longer than that, as far as nobody says: I3D's, in whatever stride."""

RATES = (
    *(1 / seconds for seconds in (10, 5, 4, 3, 2)),
    *map(float, range(1, 61)),
    *(1.5, 2.5, 7.5, 12.5, 24000 / 1001, 30000 / 1001, 60000 / 1001, 100.0, 120.0),
)
"""Steps a second that features have where the frame rate of the videos is not known."""


def fitting_strides(frames: Sequence[float], steps: Sequence[int], window: float | None = None) -> list[int]:
    """The whole strides under which all lengths fit; none, or several where the videos are too short to tell.

    >>> fitting_strides([720.0, 3000.0, 9012.0], [177, 747, 2250])
    [4]
    """
    ratios = np.array(frames, np.float64) / np.array(steps, np.float64)
    lowest, highest = max(int(ratios.min() / 2), 1), math.ceil(ratios.max())
    for clip in (window,) if window is not None else (None, USUAL):
        if found := [stride for stride in range(lowest, highest + 1) if stride_fits(frames, steps, stride, clip)]:
            return found
    return []


def stride_fits(
    frames: Sequence[float],
    steps: Sequence[int],
    stride: float,
    window: float | None = None,
    *,
    slack: float = SLACK,
) -> bool:
    """Whether steps of a stride make these lengths; in any unit, of which `slack` is how exact the lengths are."""
    left = np.array(frames, np.float64) - stride * np.array(steps, np.float64)
    longest = WINDOWS * stride if window is None else max(window, stride)
    lowest, highest = float(left.min()), float(left.max())
    return highest - lowest < stride + slack and lowest >= -stride - slack and highest < longest + slack


def fitting_rates(seconds: Sequence[float], steps: Sequence[int], stride: float = 1.0) -> list[float]:
    """The usual frame rates under which steps of so many frames make all lengths.

    >>> fitting_rates([10.0, 63.2], [20, 126])
    [2.0]
    """
    return [rate for rate in RATES if stride_fits(seconds, steps, stride / rate, slack=0.1)]


def all_alike(steps: Iterable[int], lengths: Sequence[float], tolerated: float = 0.05) -> bool:
    """Whether videos of different lengths have one number of steps, as if each was resized to it."""
    return len(lengths) > 1 and len(set(steps)) == 1 and max(lengths) > (1 + tolerated) * min(lengths)
