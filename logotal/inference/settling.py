"""When candidates of a stream are final: once no later one can overlap them, directly or through others.

Candidates that are weaker than every threshold are never shown, and suppress nobody who is: all suppression goes from
higher scores to lower ones. So the others alone hang together, in chains of overlaps, and a chain is final when it ends
before all that is still to come. NumPy alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.inference.nms import suppress, tiou_matrix
from logotal.inference.overlaps import without_overlaps

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NOTHING = Candidates(np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Rules:
    """What candidates have to do with each other.

    Attributes:
        inference: how they suppress each other.
        shows: (N,) whether the candidates with some scores and labels may be shown.
        max_overlap: the share of the shorter of two that may lie within the other.
        together: whether candidates of different labels have to do with each other.
        gap: grid steps between two candidates that may still become one action.
    """

    inference: InferenceConfig
    shows: Callable[[Floats, NDArray[np.int64]], Bools]
    max_overlap: float
    together: bool
    gap: float

    def group(self, candidates: Candidates) -> NDArray[np.int64]:
        """Candidates of different groups leave each other alone."""
        return np.zeros_like(candidates.labels) if self.together else candidates.labels


class Settler:
    """The candidates of a stream that are not final yet.

    Attributes:
        late: candidates that came when what they overlap was settled already.
        forced: chains that were settled before their end, because they had been waited for too long.
    """

    def __init__(self, rules: Rules, *, patience: float) -> None:
        self.rules, self.patience = rules, patience
        self.waiting, self.told = NOTHING, NOTHING
        self.voters = NOTHING  # what is too weak to be shown, where it moves what is
        self.frontier = -np.inf
        self.late = self.forced = 0

    def add(self, candidates: Candidates) -> None:
        """Takes in new candidates; those that reach back to what is settled yield to it."""
        strong = self.rules.shows(candidates.scores, candidates.labels)
        if self.rules.inference.voting_tiou > 0:
            self.voters = _joined(self.voters, candidates.take(~strong))
        new = candidates.take(strong)
        reaching = new.segments[:, 0] < self.frontier
        self.late += int((reaching & self._overlapping(new, self.told)).sum())
        self.waiting = _joined(self.waiting, new.take(~reaching), self._yielding(new.take(reaching), self.told))

    def settle(self, frontier: float) -> Iterator[tuple[Candidates, float]]:
        """The candidates of each chain that is final if nothing still to come starts before `frontier`.

        With each comes the time before which it is: infinity, but for a chain that had to be settled before its end.
        """
        self.frontier = max(self.frontier, frontier)
        for rows in self._chains():
            chain, end = self.waiting.take(rows), self.waiting.segments[rows, 1]
            if end.max() + self.rules.gap <= frontier:
                yield self._with_voters(chain), np.inf
                self._tell(chain, np.inf)
                self.waiting.labels[rows] = -1
            elif end.min() < frontier - self.patience:
                self.forced += 1
                yield self._with_voters(chain), frontier
                self._tell(chain, frontier)
                self.waiting.labels[rows[end <= frontier]] = -1
        self._forget()

    def _chains(self) -> list[NDArray[np.int64]]:
        """The rows of the waiting candidates that hang together, by groups and from left to right."""
        start, end = self.waiting.segments.T
        group = self.rules.group(self.waiting)
        order = np.lexsort((start, group))
        if not len(order):
            return []
        # Groups lie apart from each other, so that one running maximum serves all of them.
        moved = (group - group.min()) * (end.max() - start.min() + self.rules.gap + 1.0)
        reached = np.maximum.accumulate((end + moved)[order]) + self.rules.gap
        breaks = np.flatnonzero((start + moved)[order][1:] >= reached[:-1]) + 1
        return np.split(order, breaks)

    def _with_voters(self, chain: Candidates) -> Candidates:
        start, end = chain.segments[:, 0].min(), chain.segments[:, 1].max()
        beside = (self.voters.segments[:, 0] < end) & (self.voters.segments[:, 1] > start)
        return _joined(chain, self.voters.take(beside))

    def _tell(self, chain: Candidates, before: float) -> None:
        """Remembers what was shown of a chain: what comes late, or was left over, yields to it."""
        kept = suppress(chain, self.rules.inference)
        kept = kept.take(self.rules.shows(kept.scores, kept.labels))
        apart = without_overlaps(kept.segments, kept.scores, self.rules.group(kept), self.rules.max_overlap)
        told = kept.take(apart & (kept.segments[:, 1] <= before))
        self.told = _joined(self.told, told)
        if np.isfinite(before):
            self.waiting = self._yielding(self.waiting, told)

    def _yielding(self, candidates: Candidates, told: Candidates) -> Candidates:
        """The candidates with the scores that what was told leaves them; those that it rules out have none."""
        if not len(told) or not len(candidates):
            return candidates
        same = self.rules.group(candidates)[:, None] == self.rules.group(told)
        overlap = tiou_matrix(candidates.segments, told.segments) * same
        config, scores = self.rules.inference, candidates.scores.copy()
        if config.nms == "soft":
            scores *= np.exp(-(overlap**2).sum(axis=1) / config.nms_sigma)
        elif config.nms == "hard":
            scores[(overlap >= config.nms_tiou).any(axis=1)] = 0.0
        both = _joined(told, candidates)
        first = np.concatenate([np.full(len(told), np.inf), scores])
        kept = without_overlaps(both.segments, first, self.rules.group(both), self.rules.max_overlap)
        scores[~kept[len(told) :]] = 0.0
        return Candidates(candidates.segments, scores, candidates.labels)

    def _overlapping(self, candidates: Candidates, told: Candidates) -> Bools:
        start, end = candidates.segments.T[:, :, None]
        overlap = (np.minimum(end, told.segments[:, 1]) > np.maximum(start, told.segments[:, 0])) & (
            self.rules.group(candidates)[:, None] == self.rules.group(told)
        )
        found: Bools = overlap.any(axis=1)
        return found

    def _forget(self) -> None:
        """Drops what is settled, and what is too long ago to have to do with anything to come."""
        shown = (self.waiting.labels >= 0) & self.rules.shows(self.waiting.scores, self.waiting.labels)
        self.waiting = self.waiting.take(shown)
        oldest = min(self.frontier, self.waiting.segments[:, 0].min(initial=np.inf))
        self.voters = self.voters.take(self.voters.segments[:, 1] > oldest)
        self.told = self.told.take(self.told.segments[:, 1] > oldest - self.patience)


def _joined(*parts: Candidates) -> Candidates:
    columns = zip(*((each.segments, each.scores, each.labels) for each in parts if len(each)), strict=True)
    found = [np.concatenate(column) for column in columns]
    return Candidates(found[0], found[1], found[2]) if found else NOTHING
