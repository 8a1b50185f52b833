"""Whether the labels of a video fit what was detected in it once all their times are shifted or scaled.

So it is where times were counted at another frame rate than the video's, or from another beginning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from logotal.timeline import Action

RATES = (24.0, 25.0, 30.0, 50.0, 60.0)
"""Frame rates that are taken for each other; those with a fraction lie as near as labels can tell."""
CLOSE = 0.25
"""Of an action's length: so far may its middle lie from a detection's."""
LEAST = 3
"""Actions that have to fit."""
GAIN = 0.5
"""Share of the labels that have to fit more than before."""
PAIRS = 40
"""Labels and detections that propose shifts and factors."""
SAME_RATIO = 0.015
"""Two factors that differ by less are the same."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """What makes the times of a video fit: they are multiplied by `factor`, and `shift` seconds are added.

    Of `count` labels so many are `fitting` then, and so many were `before`; `by_chance` is how often as many would fit
    at one of all shifts and factors if the labels had nothing to do with what was found.
    """

    factor: float
    shift: float
    fitting: int
    before: int
    count: int
    by_chance: float

    @property
    def gain(self) -> float:
        """The share of the labels that fit after it and did not before."""
        return (self.fitting - self.before) / self.count

    @property
    def sentence(self) -> str:
        """What seems to have happened."""
        fits = f"{self.fitting} of {self.count} labels fit what is found if their times are"
        counts = f"now {self.before} do"
        if not self.shift:
            rates = next(
                (
                    f", as if counted at {a:g} frames a second in a video of {b:g}"
                    for a, b in permutations(RATES, 2)
                    if abs(self.factor * b / a - 1) < SAME_RATIO
                ),
                "",
            )
            return f"{fits} multiplied by {self.factor:.3g}{rates}; {counts}"
        return f"{fits} {abs(self.shift):.1f} s {'later' if self.shift > 0 else 'earlier'}; {counts}"


def moved(labelled: Sequence[Action], found: Sequence[Action]) -> Moved | None:
    """What makes the labels of a video fit what was found in it; none where they fit, or nothing makes them.

    >>> found = [Action(t, t + 1, "a") for t in (8, 16, 40, 44)]
    >>> there = moved([Action(each.start * 1.25, each.end * 1.25, "a") for each in found], found)
    >>> there.factor, there.before, there.fitting
    (0.8, 0, 4)

    Args:
        labelled: the labels of the video.
        found: its detections that are sure.
    """
    if len(labelled) < LEAST or len(found) < LEAST:
        return None
    compared = _Compared.of(labelled, found)
    before = compared.fitting(1.0, 0.0)
    if before > (1 - GAIN) * len(labelled):
        return None
    proposals = list(compared.proposals())
    fitting, _, (factor, shift) = max((compared.fitting(*each), -abs(each[1]), each) for each in proposals)
    by_chance = min(len(proposals) * float(binom.sf(fitting - 1, len(labelled), compared.covered())), 1.0)
    made = Moved(factor, shift, fitting, before, len(labelled), by_chance)
    return made if fitting >= LEAST and made.gain >= GAIN else None


@dataclass(frozen=True, eq=False)
class _Compared:
    """Middles of labels and detections of each label, in order, and how near is near."""

    times: dict[str, tuple[Floats, Floats, Floats]]

    @staticmethod
    def of(labelled: Sequence[Action], found: Sequence[Action]) -> "_Compared":
        times = {}
        for label in {each.label for each in labelled}:
            mine, theirs = ([each for each in some if each.label == label] for some in (labelled, found))
            near = np.array([CLOSE * each.duration for each in mine])
            times[label] = (_middles(mine), np.sort(_middles(theirs)), near)
        return _Compared(times)

    def fitting(self, factor: float, shift: float) -> int:
        """How many labels lie near a detection of their own."""
        return sum(_fitting(factor * mine + shift, theirs, near) for mine, theirs, near in self.times.values())

    def covered(self) -> float:
        """The share of the video that is near a detection of one label, at most."""
        end = max(float(times.max(initial=0.0)) for mine, theirs, _ in self.times.values() for times in (mine, theirs))
        shares = [2 * near.mean() * len(theirs) / end for _, theirs, near in self.times.values()] if end else [1.0]
        return float(np.clip(max(shares), 0.01, 1.0))

    def proposals(self) -> Iterator[tuple[float, float]]:
        """Factors without a shift, then shifts."""
        yield from ((a / b, 0.0) for a, b in permutations(RATES, 2))
        pairs = [(x, y) for mine, theirs, _ in self.times.values() for x in _some(mine) for y in _some(theirs)]
        latest = max((x for x, _ in pairs), default=0.0)
        yield from ((y / x, 0.0) for x, y in pairs if x > latest / 2 and y > 0)
        yield from ((1.0, y - x) for x, y in pairs)


def _middles(actions: Sequence[Action]) -> Floats:
    return np.array([(each.start + each.end) / 2 for each in actions], dtype=np.float64)


def _some(times: Floats) -> list[float]:
    """At most so many of them, from everywhere."""
    return [float(x) for x in times[:: max(len(times) // PAIRS, 1)]]


def _fitting(times: Floats, found: Floats, near: Floats) -> int:
    """How many times have a nearest found one that is near, which counts once."""
    if not len(found):
        return 0
    behind = np.searchsorted(found, times).clip(1, max(len(found) - 1, 1))
    places = np.stack([behind - 1, behind.clip(0, len(found) - 1)])
    distances = np.abs(found[places] - times)
    nearest = places[distances.argmin(axis=0), np.arange(len(times))]
    return len(set(nearest[distances.min(axis=0) <= near].tolist()))
