"""A setting with its reason, and the round numbers that settings take."""

from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """The value of a setting and the sentence that speaks for it."""

    value: Any
    reason: str


SERIES = sorted({1, *(digit << power for digit in (2, 3) for power in range(50))})
"""Powers of two, and one and a half of them."""


def round_up(value: float) -> int:
    """The next of the series.

    >>> [round_up(x) for x in (0.2, 1, 2.5, 5, 7, 200, 260)]
    [1, 1, 3, 6, 8, 256, 384]
    """
    return SERIES[bisect_left(SERIES, value)]


def round_down(value: float) -> int:
    """The largest of the series that does not exceed `value`, at least 1.

    >>> [round_down(x) for x in (0.2, 1, 2.5, 5.3, 7, 200, 400)]
    [1, 1, 2, 4, 6, 192, 384]
    """
    return SERIES[max(bisect_right(SERIES, value) - 1, 0)]


def round_near(value: float) -> int:
    """The nearest of the series, as a ratio.

    >>> [round_near(x) for x in (64.5, 260, 230)]
    [64, 256, 256]
    """
    below, above = round_down(value), round_up(value)
    return below if value / below <= above / value else above
