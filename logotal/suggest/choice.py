"""A setting with its reason, and the round numbers that settings take."""

from math import ceil, log2
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """The value of a setting and the sentence that speaks for it."""

    value: Any
    reason: str


def round_up(value: float) -> int:
    """The next whole number that is a power of two, or one and a half of one.

    >>> [round_up(x) for x in (0.2, 1, 2.5, 5, 7, 200, 260)]
    [1, 1, 3, 6, 8, 256, 384]
    """
    power = 1 << ceil(log2(max(value, 1.0)))
    return power * 3 // 4 if power >= 4 and power * 3 // 4 >= value else power


def round_down(value: float) -> int:
    """The largest such number that does not exceed `value`, at least 1.

    >>> [round_down(x) for x in (0.2, 1, 2.5, 5.3, 7, 200, 400)]
    [1, 1, 2, 4, 6, 192, 384]
    """
    above = round_up(value)
    return above if above <= max(value, 1.0) else _before(above)


def round_near(value: float) -> int:
    """The nearest such number.

    >>> [round_near(x) for x in (64.5, 260, 230)]
    [64, 256, 256]
    """
    below, above = round_down(value), round_up(value)
    return below if value / below <= above / value else above


def _before(number: int) -> int:
    """The number before one of the series."""
    return number * 2 // 3 if number % 3 == 0 else number * 3 // 4 if number >= 4 else number // 2
