"""Features as the model takes them, from features as they lie on disk. Nothing here loads torch."""

import numpy as np
from numpy.typing import NDArray

from logotal.config import DataConfig
from logotal.data.grid import FeatureGrid


def prepare(
    raw: NDArray[np.floating], grid: FeatureGrid, config: DataConfig
) -> tuple[NDArray[np.float32], FeatureGrid]:
    """Features (T, C) from disk as the model takes them: (C, T'), with the grid that belongs to them.

    They stay where they are, in the file or in memory, if they are fp32 and nothing changes them.
    """
    features = np.require(raw[:: config.downsample], np.float32, ["C", "W"]).T
    if config.resize_to is not None:
        features = resized(features, config.resize_to)
    return features, prepared_shape(len(raw), grid, config)[1]


def prepared_shape(length: int, grid: FeatureGrid, config: DataConfig) -> tuple[int, FeatureGrid]:
    """The length and the grid of features on disk once they are prepared."""
    if config.downsample > 1:
        length, grid = -(-length // config.downsample), grid.downsampled(config.downsample)
    if config.resize_to is not None:
        return config.resize_to, grid.resized(length, config.resize_to)
    return length, grid


def resized(features: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Features (C, T) linearly interpolated to `length` steps; a step is the center of its clip.

    >>> resized(np.array([[0.0, 1.0]], dtype=np.float32), 4).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    steps = features.shape[1]
    place = np.clip((np.arange(length) + 0.5) * (steps / length) - 0.5, 0, steps - 1)
    below = place.astype(np.int64)
    above = np.minimum(below + 1, steps - 1)
    weight = (place - below).astype(np.float32)
    interpolated: NDArray[np.float32] = features[:, below] * (1 - weight) + features[:, above] * weight
    return interpolated
