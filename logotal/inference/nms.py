"""Non-maximum suppression: soft (Gaussian) and hard, over all classes in one pass, and voting. NumPy, nothing compiled.

Classes leave each other alone because their segments are moved apart before overlaps are taken.
"""

import numpy as np
from numpy.typing import NDArray

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates

Array = NDArray[np.float64]
EPSILON = 1e-6
"""Added to lengths, as the published nms_1d_cpu does."""
NEWCOMERS = 64
"""Candidates of each class that enter the competition at a time."""


def suppress(candidates: Candidates, config: InferenceConfig) -> Candidates:
    """What remains of a video's candidates, best first: at most `max_segments`, each at least at `min_score`.

    The result does not depend on the order of the candidates: equal scores are taken by start, end and label.
    """
    candidates = candidates.take(_best_first(candidates))
    if config.nms == "none":
        kept = candidates.take(candidates.scores >= config.min_score)
        return kept.take(np.arange(min(len(kept), config.max_segments)))
    shift = _shift(candidates)[:, None] if config.nms_per_class else 0.0
    apart = candidates.segments + shift
    if config.nms == "soft":
        index, scores = soft_nms(
            candidates.segments,
            candidates.scores,
            candidates.labels if config.nms_per_class else None,
            sigma=config.nms_sigma,
            floor=config.min_score,
            count=config.max_segments,
        )
    else:
        index, scores = hard_nms(
            apart, candidates.scores, tiou=config.nms_tiou, floor=config.min_score, count=config.max_segments
        )
    segments = candidates.segments[index]
    if config.voting_tiou > 0 and len(index):
        by_tiou = config.voting_weight == "score_tiou"
        voted = vote(apart[index], apart, candidates.scores, threshold=config.voting_tiou, weigh_by_tiou=by_tiou)
        segments = voted - (apart[index] - segments)
    return Candidates(segments, scores, candidates.labels[index])


def _best_first(candidates: Candidates) -> NDArray[np.int64]:
    """The order by falling score; equal scores by start, end and label."""
    order = np.argsort(-candidates.scores)
    falling = candidates.scores[order]
    tied = np.zeros(len(order), dtype=np.bool_)
    tied[1:] = falling[1:] == falling[:-1]
    tied[:-1] |= tied[1:]
    among = order[tied]
    keys = (candidates.labels, *candidates.segments.T[::-1], -candidates.scores)
    order[tied] = among[np.lexsort([key[among] for key in keys])]  # runs of ties stay where they are
    return order


def _shift(candidates: Candidates) -> Array:
    """How far each candidate (N,) is moved so that no two classes overlap."""
    if not len(candidates):
        return np.empty(0)
    shift: Array = candidates.labels * (candidates.segments.max() - candidates.segments.min() + 1.0)
    return shift


def soft_nms(
    segments: Array,
    scores: Array,
    groups: NDArray[np.integer] | None = None,
    *,
    sigma: float,
    floor: float,
    count: int,
) -> tuple[NDArray[np.int64], Array]:
    """Gaussian soft-NMS (Bodla et al., ICCV 2017): indices of the kept segments, best first, and their decayed scores.

    The best segment is kept and every other score of its group multiplied by exp(-tIoU^2 / sigma), again and again,
    until `count` are kept or nothing is left at `floor` or above. `scores` must be in falling order.

    Exact, yet lazy: all groups take their next step at once, a candidate joins only when its undecayed score could win
    its group, and a group rests once it cannot reach the best `count` any more.
    """
    contest = _Contest(segments, scores, groups, sigma=sigma)
    kept: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    kept_scores: list[Array] = [np.empty(0)]
    least = floor
    while True:
        leaders = contest.leaders()
        contest.rest(leaders < least)
        if not len(contest.current):
            break
        if contest.open_to_newcomers(leaders[leaders >= least]):
            contest.grow()
            continue
        index, decayed = contest.step()
        kept.append(index)
        kept_scores.append(decayed)
        if len(kept) % 8 == 0 and sum(map(len, kept)) >= count:
            least = max(least, float(np.partition(np.concatenate(kept_scores), -count)[-count]))
    index, decayed = np.concatenate(kept), np.concatenate(kept_scores)
    best = np.lexsort((index, -decayed))[:count]  # among equals the first, which had the better place
    return index[best], decayed[best]


class _Contest:
    """Soft-NMS of several groups side by side: a row for each, a column for each of its candidates, the best first.

    `current` holds up-to-date scores of the columns that have joined so far, -inf where there is no candidate or it was
    kept; `picks` which columns were kept, step by step.
    """

    def __init__(self, segments: Array, scores: Array, groups: NDArray[np.integer] | None, *, sigma: float) -> None:
        groups = np.zeros(len(scores), dtype=np.int64) if groups is None else groups
        sizes = np.bincount(groups)
        row = (np.cumsum(sizes > 0) - 1)[groups]  # groups that are there, without gaps
        sizes = sizes[sizes > 0]
        order = np.argsort(row.astype(np.int16) if len(sizes) < 2**15 else row, kind="stable")  # 16 bits sort fastest
        column = np.arange(len(scores)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        shape = len(sizes), int(sizes.max(initial=0))
        self.index = np.zeros(shape, dtype=np.int64)
        self.index[row[order], column] = order
        self.scores = np.where(np.arange(shape[1]) < sizes[:, None], scores[self.index], -np.inf)
        self.start, self.end = segments[:, 0][self.index], segments[:, 1][self.index]
        self.picks = np.empty((len(sizes), 0), dtype=np.int64)
        self.current = np.empty((len(sizes), 0))
        self.best = np.empty(len(sizes), dtype=np.int64)
        self.sigma = sigma

    def leaders(self) -> Array:
        """The best score of each row that a next step could have."""
        joined = self.current.shape[1]
        waiting: Array = self.scores[:, joined : joined + 1].max(axis=1, initial=-np.inf)
        if joined == 0:
            return waiting
        self.best = self.current.argmax(axis=1)
        inside: Array = self.current[np.arange(len(self.current)), self.best]
        best: Array = np.maximum(inside, waiting)
        return best

    def open_to_newcomers(self, leaders: Array) -> bool:
        """Whether in some row one that has not joined could be the best; `leaders` as they are."""
        joined = self.current.shape[1]
        return joined < self.scores.shape[1] and bool((self.scores[:, joined] >= leaders).any())

    def rest(self, rows: NDArray[np.bool_]) -> None:
        """Leaves rows out from now on."""
        if rows.any():
            for name in ("index", "scores", "start", "end", "picks", "current", "best"):
                setattr(self, name, getattr(self, name)[~rows])

    def grow(self) -> None:
        """Lets the next columns join, with what the picks so far have left of their scores."""
        first = self.current.shape[1]
        behind = first + NEWCOMERS
        start, end = (np.take_along_axis(side, self.picks, axis=1)[:, None] for side in (self.start, self.end))
        overlap = _tiou(self.start[:, first:behind, None], self.end[:, first:behind, None], start, end)
        decay = np.exp(-(overlap**2).sum(axis=2) / self.sigma)
        self.current = np.concatenate([self.current, self.scores[:, first:behind] * decay], axis=1)

    def step(self) -> tuple[NDArray[np.int64], Array]:
        """Keeps the leader of every row: their indices and scores."""
        rows, joined, best = np.arange(len(self.current)), self.current.shape[1], self.best
        index, scores = self.index[rows, best], self.current[rows, best]
        self.current[rows, best] = -np.inf
        start, end = self.start[rows, best], self.end[rows, best]
        shared = np.minimum(self.end[:, :joined], end[:, None]) - np.maximum(self.start[:, :joined], start[:, None])
        near = np.nonzero(shared > 0)  # few overlap: nothing more is done for the others
        overlap = _tiou(self.start[near], self.end[near], start[near[0]], end[near[0]])
        self.current[near] *= np.exp(overlap * overlap / -self.sigma)
        self.picks = np.concatenate([self.picks, best[:, None]], axis=1)
        return index, scores


def hard_nms(
    segments: Array, scores: Array, *, tiou: float, floor: float, count: int
) -> tuple[NDArray[np.int64], Array]:
    """Hard NMS: indices of the kept segments, best first, and their scores.

    The best segment is kept and all that overlap it by `tiou` or more are removed, again and again. `scores` must
    be in falling order; those below `floor` do not take part.
    """
    kept: list[int] = []
    left = np.flatnonzero(scores >= floor)
    while len(left) and len(kept) < count:
        kept.append(int(left[0]))
        left = left[1:]
        left = left[tiou_matrix(segments[left], segments[kept[-1:]])[:, 0] < tiou]
    return np.array(kept, dtype=np.int64), scores[kept]


def vote(segments: Array, voters: Array, scores: Array, *, threshold: float, weigh_by_tiou: bool) -> Array:
    """Kept segments (N, 2) moved to the weighted mean of the `voters` (M, 2) that overlap them by `threshold` or more.

    A vote weighs its score (M,), times tIoU if asked for. Where nobody's vote weighs anything the segment stays.
    """
    overlap = tiou_matrix(segments, voters, epsilon=0.0)
    weight = (overlap >= threshold) * scores * (overlap if weigh_by_tiou else 1.0)
    total = weight.sum(axis=1, keepdims=True)
    return np.where(total > 0, weight @ voters / np.where(total > 0, total, 1.0), segments)


def tiou_matrix(a: Array, b: Array, *, epsilon: float = EPSILON) -> Array:
    """The tIoU of every segment of `a` (N, 2) with every one of `b` (M, 2): (N, M)."""
    return _tiou(a[:, None, 0], a[:, None, 1], b[None, :, 0], b[None, :, 1], epsilon=epsilon)


def _tiou(start: Array, end: Array, other_start: Array, other_end: Array, *, epsilon: float = EPSILON) -> Array:
    """The tIoU of segments with others, of shapes that fit."""
    shared = np.maximum(np.minimum(end, other_end) - np.maximum(start, other_start), 0.0)
    union = (end - start + epsilon) + (other_end - other_start + epsilon) - shared
    overlap: Array = np.divide(shared, union, out=np.zeros_like(union), where=union > 0)
    return overlap
