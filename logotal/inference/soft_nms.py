"""Gaussian soft-NMS (Bodla et al., ICCV 2017) over all classes in one pass: exact, lazy, nothing compiled.

A candidate that beats all it overlaps is kept before any of them, so nothing can lower its score any more. All such
candidates are therefore kept at once, and what remains of their neighbors' scores decides who is kept next.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Bools = NDArray[np.bool_]
EPSILON = 1e-6
"""Added to lengths, as the published nms_1d_cpu does."""
CROWDED = 16
"""Overlaps per candidate above which fewer candidates are considered at a time: few of a crowd can be kept at once."""


def soft_nms(
    segments: Array,
    scores: Array,
    groups: NDArray[np.integer] | None = None,
    *,
    sigma: float,
    floor: float,
    count: int,
) -> tuple[Index, Array]:
    """Indices of the kept segments, best first, and their decayed scores.

    The best segment is kept and every other score of its group multiplied by exp(-tIoU^2 / sigma), again and again,
    until `count` are kept or nothing is left at `floor` or above. Of equals the one with the lower index is better.

    Args:
        segments: (N, 2).
        scores: (N,) in falling order.
        groups: (N,) segments of different groups leave each other alone.
        sigma: the smaller, the more an overlap costs.
        floor: the least score.
        count: how many are kept at most.
    """
    contest = _Contest(segments, scores[: np.count_nonzero(scores >= floor)], groups, sigma=sigma, floor=floor)
    width = count + count // 2
    while len(contest.kept) < count and contest.admit(width):
        width = 2 * contest.round(width)
    index, decayed = contest.kept, contest.kept_scores
    best = np.lexsort((index, -decayed))[:count]
    return index[best], decayed[best]


def apart(segments: Array, groups: NDArray[np.integer]) -> Array:
    """The segments (N, 2), moved so that no two of different groups (N,) overlap."""
    if not len(segments):
        return segments
    moved: Array = segments + (groups * (segments.max() - segments.min() + 1.0))[:, None]
    return moved


class _Contest:
    """Soft-NMS under way. Those in it may still be kept: `inside` (J,) their indices in the order of their starts.

    `penalty` (J,) is the sum of their squared tIoU with all that were kept. From `waiting` on, nobody is in yet.
    """

    def __init__(
        self, segments: Array, scores: Array, groups: NDArray[np.integer] | None, *, sigma: float, floor: float
    ) -> None:
        self.segments, self.scores, self.sigma, self.floor = segments, scores, sigma, floor
        self.start, self.end = (segments if groups is None else apart(segments, groups)).T
        self.inside, self.penalty, self.waiting = np.empty(0, dtype=np.int64), np.empty(0), 0
        self.kept, self.kept_scores = np.empty(0, dtype=np.int64), np.empty(0)

    def admit(self, width: int) -> bool:
        """Lets `width` more in where one of them could be the best; whether anybody is in."""
        while self.waiting < len(self.scores) and (self._now() < self.scores[self.waiting]).all():
            new = np.arange(self.waiting, min(self.waiting + width, len(self.scores)))
            self.waiting += len(new)
            new = new[np.argsort(self.start[new])]
            joined = np.concatenate([self.inside, new])
            penalty = np.concatenate([self.penalty, self._penalty(new, self.kept[np.argsort(self.start[self.kept])])])
            order = np.argsort(self.start[joined], kind="stable")
            self._stay(joined[order], penalty[order])
        return len(self.inside) > 0

    def round(self, width: int) -> int:
        """Keeps some of the best `width`, or of fewer where they are crowded: of how many."""
        now = self._now()
        while True:
            window, bound = self._best(now, width)
            index = self.inside[window]
            behind = np.searchsorted(self.start[index], self.end[index])  # those that start before it ends
            if (behind - np.arange(1, len(index) + 1)).clip(0).sum() <= CROWDED * len(index):
                break
            width = len(index) // 2
        kept, self.penalty[window] = self._settle(index, self.penalty[window], behind, bound)
        winners = index[kept]
        self.kept = np.concatenate([self.kept, winners])
        self.kept_scores = np.concatenate([self.kept_scores, self._decayed(winners, self.penalty[window[kept]])])
        outside = np.ones(len(now), dtype=np.bool_)
        outside[window] = False
        self.penalty[outside] += self._penalty(self.inside[outside], winners)
        remain = np.ones(len(now), dtype=np.bool_)
        remain[window[kept]] = False
        self._stay(self.inside[remain], self.penalty[remain])
        return len(index)

    def _best(self, now: Array, width: int) -> tuple[Index, float]:
        """Places of the best `width` of those inside, rising, and what a score must exceed to be kept before others."""
        least = self.scores[self.waiting] if self.waiting < len(self.scores) else -np.inf
        least = np.nextafter(max(least, self.floor), -np.inf)  # who waits yields to equals that are inside
        if len(now) <= width:
            return np.arange(len(now)), least
        order = np.argpartition(now, len(now) - width - 1)
        bound = now[order[-width - 1]]
        if bound == now.max():  # more equals than fit: the first of them alone
            equals = np.flatnonzero(now == bound)
            return equals[[self.inside[equals].argmin()]], least
        return np.sort(order[-width:]), max(bound, least)

    def _settle(self, index: Index, penalty: Array, behind: Index, bound: float) -> tuple[Bools, Array]:
        """Which of a window (W,) are kept, round by round those who beat all they overlap, and the penalties of all."""
        one, other = _pairs(np.arange(1, len(index) + 1), behind)
        squared = self._tiou(index[one], index[other]) ** 2
        kept = np.zeros(len(index), dtype=np.bool_)
        while True:
            now = self._decayed(index, penalty)
            able = (now > bound) & ~kept
            first = (now[one] > now[other]) | ((now[one] == now[other]) & (index[one] < index[other]))
            better = np.where(first, one, other)
            worse = one + other - better
            winner = able.copy()
            winner[worse] = False
            if not winner.any():
                return kept, penalty
            kept |= winner
            hit = winner[better]
            penalty = penalty + np.bincount(worse[hit], squared[hit], minlength=len(index))
            open_ = ~hit & able[better]  # who is not able any more keeps nobody from anything
            one, other, squared = one[open_], other[open_], squared[open_]

    def _penalty(self, index: Index, others: Index) -> Array:
        """The sums of squared tIoU of some (N,) with others (M,), both in the order of their starts."""
        start, end = self.start[index], self.end[index]
        one, other = _pairs(np.searchsorted(start, self.start[others]), np.searchsorted(start, self.end[others]))
        starts = self.start[others]
        two, another = _pairs(np.searchsorted(starts, start, side="right"), np.searchsorted(starts, end))
        place, partner = np.concatenate([other, two]), np.concatenate([one, another])
        squared = self._tiou(index[place], others[partner]) ** 2
        total: Array = np.bincount(place, squared, minlength=len(index)).astype(np.float64, copy=False)
        return total

    def _tiou(self, one: Index, other: Index) -> Array:
        (start, end), (other_start, other_end) = self.segments[one].T, self.segments[other].T
        shared = np.minimum(end, other_end) - np.maximum(start, other_start)  # these pairs do overlap
        tiou: Array = shared / ((end - start + EPSILON) + (other_end - other_start + EPSILON) - shared)
        return tiou

    def _now(self) -> Array:
        return self._decayed(self.inside, self.penalty)

    def _decayed(self, index: Index, penalty: Array) -> Array:
        scores: Array = self.scores[index] * np.exp(penalty / -self.sigma)
        return scores

    def _stay(self, index: Index, penalty: Array) -> None:
        """From now on these alone are inside, as far as their scores still count."""
        enough = self._decayed(index, penalty) >= self.floor
        self.inside, self.penalty = index[enough], penalty[enough]


def _pairs(first: Index, behind: Index) -> tuple[Index, Index]:
    """All pairs of a row (N,) with its numbers from `first` (N,) to before `behind` (N,)."""
    count = (behind - first).clip(0)
    row = np.repeat(np.arange(len(first)), count)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count - first, count)
