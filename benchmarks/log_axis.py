"""Logarithmic axes, for times and lengths that differ a hundredfold."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from logotal.report.charts.axes import Axis
from logotal.report.charts.text import scientific

LEAST = 0.3
"""Decades that an axis spans on either side of values that are nearly the same."""


@dataclass(frozen=True)
class LogAxis(Axis):
    """An axis whose `low` and `high` are logarithms to the base of ten."""

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end; NaN where it has no logarithm."""
        if not 0 < value < math.inf:
            return math.nan
        return (math.log10(value) - self.low) / (self.high - self.low)


def log_axis(values: Iterable[float]) -> LogAxis:
    """The axis that holds all values that have a logarithm, with ticks at 1, 2 and 5 or at powers of ten alone."""
    powers = [math.log10(value) for value in values if 0 < value < math.inf] or [0.0, 1.0]
    low, high = min(powers), max(powers)
    if high - low < LEAST:
        low, high = low - LEAST, high + LEAST
    within = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(within) >= 3:
        ticks = [10.0**power for power in within]
    else:
        around = [factor * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for factor in (1, 2, 5)]
        ticks = [tick for tick in around if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
    labels = (f"{tick:g}" if 1e-3 <= tick < 1e5 else scientific(tick, 2) for tick in ticks)
    return LogAxis(low, high, tuple(ticks), tuple(labels))
