"""Counts, shares, times and lists as sentences say them: in one place, so that they read alike everywhere."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path


def amount(count: int | str, noun: str) -> str:
    """A count and its noun, in the plural where it belongs; a count that is not known is a text.

    >>> amount(1, "video"), amount(1200, "video"), amount("?", "video")
    ('1 video', '1,200 videos', '? videos')
    """
    number = count if isinstance(count, str) else f"{count:,}"
    return f"{number} {noun}{'' if count == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """A share in percent that never rounds something to nothing.

    >>> share(1, 3), share(1, 9000), share(0, 5)
    ('33.3 %', '< 0.1 %', '0 %')
    """
    ratio = 100 * part / whole if whole else 0.0
    return "0 %" if not part else "< 0.1 %" if ratio < 0.1 else f"{ratio:.1f} %"


def percent(fraction: float, digits: int = 2) -> str:
    """A fraction as a number of percent; a dash for what has no value.

    >>> percent(0.66834), percent(0.5, 1), percent(float("nan"))
    ('66.83', '50.0', '-')
    """
    return "-" if isnan(fraction) else f"{100 * fraction:.{digits}f}"


def few(names: Sequence[str], most: int = 5) -> str:
    """The first names of a list, and how many follow.

    >>> few(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def duration(seconds: float) -> str:
    """How long something took, in the unit that fits.

    >>> duration(90), duration(600), duration(9000)
    ('90 s', '10 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def command(*words: str | Path) -> str:
    """A command of ours as one types it in any shell.

    >>> command("train", Path("my videos"))
    'logotal train "my videos"'
    """
    typed = (f'"{word}"' if " " in str(word) else str(word) for word in words)
    return f"logotal {' '.join(typed)}"
