"""Words in pictures and pages: escaped, measured and shortened."""

import html
import re
import unicodedata


def escaped(words: str) -> str:
    """The words as HTML and SVG text, without the control characters and lone surrogates that XML does not allow.

    >>> escaped("<script>")
    '&lt;script&gt;'
    """
    return html.escape(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", words))


def text_width(words: str, size: float) -> float:
    """About how many pixels the words take at a font size; wide scripts count nearly double."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in words)
    return size * (0.62 * (len(words) - wide) + wide)  # digits of a wide font, such as DejaVu Sans


def shortened(words: str, room: float, size: float) -> str:
    """The words, cut with an ellipsis where they would take more than `room` pixels.

    >>> shortened("CleanAndJerk", room=50, size=10)
    'CleanAn…'
    """
    if text_width(words, size) <= room:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def short_number(value: float) -> str:
    """A number in three significant digits, whole numbers below a million in full.

    >>> short_number(66.829), short_number(0.04567), short_number(12345), short_number(2.5e9)
    ('66.8', '0.0457', '12345', '2.5e9')
    """
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e6:
        digits = next(d for d in range(7) if abs(value) * 10**d >= 99.95 or d == 6)
        return f"{value:.{min(digits, 5)}f}"
    return scientific(value, 2)


def scientific(value: float, digits: int) -> str:
    """A number as 1.5e-7, with at most `digits` digits after the point.

    >>> scientific(1.5e-7, 2)
    '1.5e-7'
    """
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"
