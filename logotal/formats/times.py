"""Seconds out of what people and tools write into tables."""

import math
import re

NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
CLOCK = re.compile(r"(-)?(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:[.,]\d+)?)")


def seconds_of(text: str, *, unit: float = 1.0, decimal_comma: bool = False) -> float | None:
    """The seconds that a text says as a number, mm:ss or hh:mm:ss, with any decimals; None if it says none.

    Args:
        text: of one cell.
        unit: seconds that a plain number counts, 0.001 in a column of milliseconds.
        decimal_comma: whether 1,5 is one and a half.

    >>> [seconds_of(text) for text in ("12.5", "1:02.5", "01:02:03,250", "7 s", "noon", "1:75")]
    [12.5, 62.5, 3723.25, 7.0, None, None]
    >>> seconds_of("1,5", decimal_comma=True), seconds_of("1500", unit=0.001)
    (1.5, 1.5)
    """
    text = text.strip()
    if (value := clock_of(text)) is not None:
        return value
    bare = re.sub(r"(?<!\s)\s*(?:s|sec|seconds)$", "", text)
    value = number_of(bare, decimal_comma=decimal_comma)
    return None if value is None else round(value * (unit if bare == text else 1.0), 9)


def clock_of(text: str) -> float | None:
    """The seconds that mm:ss or hh:mm:ss say, None for another text."""
    if not (clock := CLOCK.fullmatch(text.strip())):
        return None
    sign, hours, minutes, seconds = clock.groups()
    rest = float(seconds.replace(",", "."))
    if rest >= 60 or (hours is not None and int(minutes) >= 60):
        return None
    # Rounded to the microsecond: sixties of floats leave crumbs.
    value = round((int(hours or 0) * 60 + int(minutes)) * 60 + rest, 6)
    return -value if sign else value


def number_of(text: str, *, decimal_comma: bool = False) -> float | None:
    """The finite number that a text says, None if it says none."""
    text = text.strip()
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None
