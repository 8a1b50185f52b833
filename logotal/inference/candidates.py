"""Candidates: decoded segments of one video, before and after suppression. Nothing here loads torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Candidates:
    """Segments of one video: `segments` (N, 2) in any one unit, `scores` (N,), `labels` (N,) class indices."""

    segments: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, index: NDArray[np.generic]) -> "Candidates":
        """The candidates at some indices, or where a boolean array is true."""
        return Candidates(self.segments[index], self.scores[index], self.labels[index])
