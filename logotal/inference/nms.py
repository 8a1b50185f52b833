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
NEWCOMERS = 256
"""Candidates that enter the competition at a time."""


def suppress(candidates: Candidates, config: InferenceConfig) -> Candidates:
    """What remains of a video's candidates, best first: at most `max_segments`, each at least at `min_score`.

    The result does not depend on the order of the candidates: equal scores are taken by start, end and label.
    """
    order = np.lexsort((candidates.labels, *candidates.segments.T[::-1], -candidates.scores))
    candidates = candidates.take(order)
    if config.nms == "none":
        kept = candidates.take(candidates.scores >= config.min_score)
        return kept.take(np.arange(min(len(kept), config.max_segments)))
    shift = _shift(candidates)[:, None] if config.nms_per_class else 0.0
    apart = candidates.segments + shift
    if config.nms == "soft":
        index, scores = soft_nms(
            apart, candidates.scores, sigma=config.nms_sigma, floor=config.min_score, count=config.max_segments
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


def _shift(candidates: Candidates) -> Array:
    """How far each candidate (N,) is moved so that no two classes overlap."""
    if not len(candidates):
        return np.empty(0)
    shift: Array = candidates.labels * (candidates.segments.max() - candidates.segments.min() + 1.0)
    return shift


def soft_nms(
    segments: Array, scores: Array, *, sigma: float, floor: float, count: int
) -> tuple[NDArray[np.int64], Array]:
    """Gaussian soft-NMS (Bodla et al., ICCV 2017): indices of the kept segments, best first, and their decayed scores.

    The best segment is kept and every other score multiplied by exp(-tIoU^2 / sigma), again and again, until `count`
    are kept or nothing is left at `floor` or above. `scores` must be in falling order. Exact, yet lazy: a candidate
    joins the competition only when its undecayed score could win it, so that most of them never do.
    """
    kept: list[int] = []
    kept_scores: list[float] = []
    competing = np.empty(0, dtype=np.int64)
    current = np.empty(0)  # up-to-date scores of those that compete
    waiting = 0  # the first candidate that does not compete yet
    while len(kept) < count:
        while waiting < len(scores) and (not len(current) or scores[waiting] >= current.max()):
            newcomers = np.arange(waiting, min(waiting + NEWCOMERS, len(scores)))
            decay = np.exp(-(tiou_matrix(segments[newcomers], segments[kept]) ** 2).sum(axis=1) / sigma)
            competing = np.concatenate([competing, newcomers])
            current = np.concatenate([current, scores[newcomers] * decay])
            waiting += len(newcomers)
        alive = current >= floor
        competing, current = competing[alive], current[alive]
        if not len(current):
            if waiting == len(scores):
                break
            continue
        best = int(current.argmax())  # among equals the first, which had the better place
        kept.append(int(competing[best]))
        kept_scores.append(float(current[best]))
        overlap = tiou_matrix(segments[competing], segments[kept[-1:]])[:, 0]
        current = current * np.exp(-(overlap**2) / sigma)
        current[best] = -np.inf
    return np.array(kept, dtype=np.int64), np.array(kept_scores)


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
    shared = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
    shared = np.maximum(shared, 0.0)
    union = (a[:, 1] - a[:, 0] + epsilon)[:, None] + (b[:, 1] - b[:, 0] + epsilon)[None] - shared
    overlap: Array = np.divide(shared, union, out=np.zeros_like(union), where=union > 0)
    return overlap
