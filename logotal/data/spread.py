"""Mean and deviation of each channel over the features of some videos."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from logotal.data.features import FeatureFolder

Floats = NDArray[np.float64]


def measure_spread(features: FeatureFolder, videos: Iterable[str]) -> tuple[Floats, Floats]:
    """Mean and standard deviation (C,) over all steps of these videos, one video in memory at a time.

    Sums of squares are joined as by Chan, Golub and LeVeque (1983): subtracting large sums would lose them.
    """
    steps, mean, squares = 0, np.float64(0), np.float64(0)
    for video in videos:
        rows = np.asarray(features.read(video), np.float64)
        middle, more = rows.mean(0), len(rows)
        apart, steps = middle - mean, steps + more
        squares = squares + ((rows - middle) ** 2).sum(0) + apart**2 * (steps - more) * more / steps
        mean = mean + apart * more / steps
    return np.asarray(mean), np.sqrt(np.asarray(squares) / max(steps, 1))
