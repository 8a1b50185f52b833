"""The feature grid: the only place where seconds and grid steps meet (law 5)."""

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureGrid:
    """The axis of clip indices of a video's features.

    Clip i covers the `clip_frames` frames from frame `i * clip_stride` on, so it is centered at
    `(i * clip_stride + clip_frames / 2) / fps` seconds (ActionFormer, thumos14.py). `clip_stride` may be
    fractional where features were resized to a fixed number of steps.

    >>> grid = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)
    >>> grid.seconds(10.0)
    1.6
    >>> grid.steps(1.6)
    10.0
    """

    fps: float
    clip_stride: float
    clip_frames: float

    def __post_init__(self) -> None:
        for name in ("fps", "clip_stride", "clip_frames"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a positive number, found {value!r}")

    @overload
    def seconds(self, steps: float) -> float: ...
    @overload
    def seconds(self, steps: Array) -> Array: ...
    def seconds(self, steps: float | Array) -> float | Array:
        """Seconds of positions on the grid (fractional positions allowed)."""
        return (steps * self.clip_stride + 0.5 * self.clip_frames) / self.fps

    @overload
    def steps(self, seconds: float) -> float: ...
    @overload
    def steps(self, seconds: Array) -> Array: ...
    def steps(self, seconds: float | Array) -> float | Array:
        """Positions on the grid of times in seconds."""
        return (seconds * self.fps - 0.5 * self.clip_frames) / self.clip_stride

    def span(self, length: int) -> float:
        """Seconds from the first frame of clip 0 to the last frame of clip `length - 1`."""
        return ((length - 1) * self.clip_stride + self.clip_frames) / self.fps

    def resized(self, length: int, to: int) -> "FeatureGrid":
        """The grid after `length` steps were linearly resized to `to` steps (ActionFormer, anet.py).

        Both grids cover the same frames, so the new stride is their number over `to`, and each new clip is as
        long as its stride.
        """
        stride = ((length - 1) * self.clip_stride + self.clip_frames) / to
        return FeatureGrid(fps=self.fps, clip_stride=stride, clip_frames=stride)

    def downsampled(self, factor: int) -> "FeatureGrid":
        """The grid after every `factor`-th clip was kept."""
        return FeatureGrid(self.fps, self.clip_stride * factor, self.clip_frames)
