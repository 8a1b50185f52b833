"""Numbers that a person gives, as an option or an argument: in their range, or one sentence before any work."""

import math
from numbers import Real

from logotal.errors import InputError


def check_range(
    name: str,
    value: float | None,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    whole: bool = False,
) -> None:
    """Makes sure that a number is finite and in its range; one that was not given (None) is.

    Args:
        name: of the option, as `--fps`.
        value: what was given.
        above: it must be greater.
        least: it must not be smaller.
        most: it must not be greater.
        whole: it must be a whole number.

    Raises:
        InputError: it is not.

    >>> check_range("--fps", 25.0, above=0)
    """
    if value is None:
        return
    number = isinstance(value, Real) and not isinstance(value, bool)
    fits = (
        number
        and _is_finite(value)
        and (not whole or value == int(value))
        and (above is None or value > above)
        and (least is None or value >= least)
        and (most is None or value <= most)
    )
    if not fits:
        ends = {"above": above, "of at least": least, "of at most": most}
        bounds = " and ".join(f"{word} {end:g}" for word, end in ends.items() if end is not None)
        kind = "a whole number" if whole else "a finite number"
        raise InputError(f"{name}: expected {kind} {bounds}".rstrip() + f", found {value!r:.60}; give another")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False
