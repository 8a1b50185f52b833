"""Calibration: from the scores of a model to the shares of actions that are right. NumPy alone."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError

Floats = NDArray[np.float64]

NEAREST = 1e-9
"""Scores nearer to 0 and 1 than this have no usable logit; they count as if they were so far away."""


@dataclass(frozen=True)
class Calibration:
    """Platt's calibration, sigmoid(slope * logit(score) + intercept): it rises, so the order of scores stays.

    >>> Calibration(2.0, 0.0).of(np.array([0.5, 0.75]))
    array([0.5, 0.9])
    """

    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.slope < math.inf and math.isfinite(self.intercept)):
            raise InputError(f"a calibration needs a slope above 0 and a finite intercept, found {self}")

    def of(self, score: Floats) -> Floats:
        """The calibrated scores (N,).

        Raises:
            InputError: a score is not between 0 and 1.
        """
        if self == UNCALIBRATED:
            return score
        linear = self.slope * logit(score) + self.intercept
        # exp of what is never positive: no overflow on either side.
        small = np.exp(-np.abs(linear))
        calibrated: Floats = np.where(linear >= 0, 1.0, small) / (1.0 + small)
        return calibrated


UNCALIBRATED = Calibration()
"""Leaves every score as it is, to the last digit."""


def logit(score: Floats) -> Floats:
    """log(score / (1 - score)), finite also at 0 and 1.

    Raises:
        InputError: a score is not between 0 and 1.
    """
    if not ((score >= 0) & (score <= 1)).all():
        found = score[~((score >= 0) & (score <= 1))][0]
        raise InputError(f"expected scores from 0 to 1, which a calibration needs, found {found:g}")
    inside = np.clip(score, NEAREST, 1 - NEAREST)
    odds: Floats = np.log(inside) - np.log1p(-inside)
    return odds
