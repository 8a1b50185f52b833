"""From repeated times to the numbers of a table: medians, ratios, exponents."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def median(found: Mapping[str, Any] | None) -> float:
    """The median of a contestant's seconds; nan where it took no part."""
    return statistics.median(found["seconds"]) if found and found.get("seconds") else math.nan


def ratio(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> float:
    """How many times faster the first is than the second: the quotient of their medians.

    >>> ratio({"seconds": [1.0, 1.2, 1.1]}, {"seconds": [2.2, 2.2, 9.0]})
    2.0
    """
    return median(theirs) / median(ours)


def spread(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> tuple[float, float]:
    """The least and the largest of the ratios of single repetitions, each of which ran side by side."""
    if not ours or not theirs or not ours.get("seconds") or not theirs.get("seconds"):
        return math.nan, math.nan
    ratios = [b / a for a, b in zip(ours["seconds"], theirs["seconds"], strict=False)]
    return min(ratios), max(ratios)


def real_time(found: Mapping[str, Any] | None) -> float:
    """Seconds of video that a contestant gets through in a second; nan where it saw none.

    >>> real_time({"seconds": [2.0], "extra": {"video": 30.0}})
    15.0
    """
    return float((found or {}).get("extra", {}).get("video", math.nan)) / median(found)


def exponent(lengths: Sequence[float], seconds: Sequence[float]) -> float:
    """The p of seconds = c * length^p that fits best, by least squares in logarithms; nan below two points.

    >>> round(exponent([10, 100, 1000], [3, 30, 300]), 6)
    1.0
    """
    points = [(math.log(x), math.log(y)) for x, y in zip(lengths, seconds, strict=True) if x > 0 and y > 0]
    if len({x for x, _ in points}) < 2:
        return math.nan
    across, up = statistics.fmean(x for x, _ in points), statistics.fmean(y for _, y in points)
    return sum((x - across) * (y - up) for x, y in points) / sum((x - across) ** 2 for x, _ in points)


def with_deviation(values: Sequence[float]) -> str:
    """The mean of some numbers, and their deviation where there are several.

    >>> with_deviation([90.0, 92.0]), with_deviation([90.0])
    ('91.0 ± 1.4', '90.0')
    """
    deviation = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.1f}{deviation}"


def clock(seconds: float) -> str:
    """Seconds with three digits, in the unit that reads well.

    >>> clock(0.01234), clock(1.5), clock(61.2), clock(math.nan)
    ('12.3 ms', '1.50 s', '61.2 s', '-')
    """
    if math.isnan(seconds):
        return "-"
    value, unit = (seconds, "s") if seconds >= 1 else (1000 * seconds, "ms")
    digits = max(2 - math.floor(math.log10(value)), 0) if value > 0 else 0
    return f"{value:,.{digits}f} {unit}"


def times(value: float) -> str:
    """A ratio with three digits at most.

    >>> times(1.234), times(12.34), times(1234.5), times(math.nan)
    ('1.23', '12.3', '1,234', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{math.floor(value):,}"


def gibibytes(size: float) -> str:
    """Bytes in GiB."""
    return f"{size / 2**30:.2f} GiB" if size else "-"
