"""Axes of charts: ranges, round ticks and their labels."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from logotal.report.charts.text import scientific

Range = tuple[float, float]

LARGEST, LEAST = 1e300, 1e-300
"""Magnitudes beyond these are taken for infinite, and for 0: their sums and quotients are no floats."""


@dataclass(frozen=True)
class Axis:
    """A range of values with its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end; NaN where it has no place."""
        return (value - self.low) / (self.high - self.low) if _has_place(value) else math.nan


def make_axis(values: Iterable[float], *, given: Range | None = None, whole_ticks: bool = False, goal: int = 5) -> Axis:
    """The axis that holds all finite values.

    Args:
        values: what it shall hold.
        given: the range to use instead.
        whole_ticks: the range ends at ticks.
        goal: about how many ticks there are.
    """
    kept = [value for value in (values if given is None else given) if _has_place(value)]
    low, high = _apart(kept)
    step = nice_step(low, high, goal)
    if given is None and all(value == int(value) for value in kept):
        step = max(step, 1.0)  # there is no epoch 1.5
    if whole_ticks and given is None:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    ticks = _multiples(low, high, step)
    return Axis(low, high, ticks, tuple(tick_label(tick, step, max(abs(low), abs(high))) for tick in ticks))


def nice_step(low: float, high: float, goal: int) -> float:
    """The distance of 1, 2 or 5 times a power of ten that gives about `goal` ticks.

    >>> nice_step(0, 1, goal=5), nice_step(0, 87, goal=5)
    (0.2, 20.0)
    """
    rough = (high - low) / goal
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * factor for factor in (1, 2, 5) if power * factor >= rough * 0.999), power * 10)


def tick_label(tick: float, step: float, largest: float) -> str:
    """A tick as precise as its neighbors need; as 2e-5 where an axis is far from everyday numbers.

    >>> tick_label(0.4, 0.2, 1), tick_label(2e-5, 1e-5, 5e-5), tick_label(3000, 1000, 5000)
    ('0.4', '2e-5', '3000')
    """
    tick = 0.0 if abs(tick) < step / 2 else tick
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if largest < 1e6 and digits <= 4:
        return f"{tick:.{digits}f}"
    return "0" if tick == 0 else scientific(tick, min(max(0, math.floor(math.log10(largest)) + digits), 12))


def _apart(values: list[float]) -> Range:
    """The least and the greatest value, moved apart where they are equal; 0 to 1 where there are none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    if largest < LEAST:
        return 0.0, 1.0
    return (low, high) if high - low > 1e-12 * largest else (low - largest / 2, high + largest / 2)


def _has_place(value: float) -> bool:
    return abs(value) <= LARGEST  # no comparison holds for nan


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return tuple(i * step for i in range(first, last + 1))
