"""Events with collars: an action is right if its start, and its end, lie near those of a true one of its label.

The measure of sound event detection (Mesaros et al., Applied Sciences 2016; package sed_eval 0.2.1): starts may be off
by the collar, ends by the collar or a part of the true length, whichever is more. As many pairs as possible are made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from logotal.errors import InputError
from logotal.evaluation.detections import Floats
from logotal.evaluation.measured import Given, Measured

COLLAR = 0.25
PART = 0.5

Events = Sequence[tuple[float, float, str]]
"""(start, end, label) of each action of a video, times in seconds."""


@dataclass(frozen=True)
class Matched:
    """How many events are right, of how many that were found and how many that are true."""

    right: int
    found: int
    truths: int

    @property
    def precision(self) -> float:
        """The share of found events that are right; 0 where there is none."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of true events that were found; 0 where there is none."""
        return self.right / self.truths if self.truths else 0.0

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.right / (self.found + self.truths) if self.found + self.truths else 0.0


@dataclass(frozen=True)
class EventScores:
    """Each label by itself, and all together (`micro`); `macro_f1` is the mean over labels."""

    labels: Mapping[str, Matched]

    @property
    def micro(self) -> Matched:
        """All labels together."""
        each = self.labels.values()
        return Matched(sum(one.right for one in each), sum(one.found for one in each), sum(one.truths for one in each))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels."""
        return float(np.mean([one.f1 for one in self.labels.values()]))


@dataclass(frozen=True)
class EventF1:
    """Events with collars as a protocol has them: what would be shown, by starts and ends, and by starts alone."""

    collar: float = COLLAR
    part: float = PART

    def __call__(self, given: Given) -> Measured:
        """F1, precision and recall of all events, the mean F1 of the labels, and F1 of each.

        Raises:
            InputError: there is no event in any video.
        """
        truth = [[(a.start, a.end, a.label) for a in video.actions] for video in given.videos]
        found = [[(a.start, a.end, a.label) for a in line] for line in given.shown]
        whole, starts = (
            event_scores(truth, found, collar=self.collar, part=self.part, ends=ends) for ends in (True, False)
        )
        numbers: dict[str, float] = {}
        for what, scores in (("", whole), (" of starts", starts)):
            micro = scores.micro
            numbers |= {f"F1{what}": micro.f1, f"precision{what}": micro.precision, f"recall{what}": micro.recall}
            numbers |= {f"F1{what}, mean of labels": scores.macro_f1}
        labels = {name: {"F1": one.f1, "F1 of starts": starts.labels[name].f1} for name, one in whole.labels.items()}
        collars = f"starts within {self.collar:g} s, ends within that or {100 * self.part:g} % of the length"
        return Measured(numbers, f"{collars}, of {given.shown_by}", labels)


def event_scores(
    truth: Sequence[Events],
    found: Sequence[Events],
    *,
    collar: float = COLLAR,
    part: float = PART,
    ends: bool = True,
) -> EventScores:
    """Scores events, a list for each video; scores do not matter, so leave out what is not to be shown.

    >>> event_scores([[(1.0, 3.0, "a")]], [[(1.2, 3.9, "a")]]).micro.f1
    1.0

    Args:
        truth: the true events of every video.
        found: those that were found.
        collar: seconds by which a start or an end may be off.
        part: part of the true length by which an end may be off.
        ends: ends have to be right too.

    Raises:
        InputError: the two have not as many videos, or there is no event in either.
    """
    if len(truth) != len(found):
        raise InputError(f"expected as many videos in truth and in found, found {len(truth)} and {len(found)}")
    labels = sorted({label for events in (*truth, *found) for _, _, label in events})
    if not labels:
        raise InputError("expected at least one event, found none in any video")
    scores = {}
    for label in labels:
        true, seen = ([_of(label, events) for events in side] for side in (truth, found))
        right = sum(_right(*pair, collar, part if ends else None) for pair in zip(true, seen, strict=True))
        scores[label] = Matched(right, sum(map(len, seen)), sum(map(len, true)))
    return EventScores(scores)


def _of(label: str, events: Events) -> Floats:
    return np.array([(start, end) for start, end, named in events if named == label], np.float64).reshape(-1, 2)


def _right(true: Floats, found: Floats, collar: float, part: float | None) -> int:
    """How many pairs can be made, each event in one at most."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a tenth of a second, which other protocols do not need
    from scipy.sparse.csgraph import maximum_bipartite_matching  # noqa: PLC0415

    off = np.abs(true[:, None] - found[None])  # (true, found, start and end)
    fit = off[..., 0] <= collar
    if part is not None:
        fit &= off[..., 1] <= np.maximum(collar, part * (true[:, 1] - true[:, 0]))[:, None]
    return int((maximum_bipartite_matching(csr_array(fit), perm_type="column") >= 0).sum())
