"""Non-maximum suppression of a video's candidates: soft (inference.soft_nms) or hard, and voting; nothing compiled."""

import numpy as np
from numpy.typing import NDArray

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.inference.soft_nms import EPSILON, apart, soft_nms

Array = NDArray[np.float64]


def suppress(candidates: Candidates, config: InferenceConfig) -> Candidates:
    """What remains of a video's candidates, best first: at most `max_segments`, each at least at `min_score`.

    The result does not depend on the order of the candidates: equal scores are taken by start, end and label.
    """
    candidates = candidates.take(_best_first(candidates))
    if config.nms == "none":
        kept = candidates.take(candidates.scores >= config.min_score)
        return kept.take(np.arange(min(len(kept), config.max_segments)))
    moved = apart(candidates.segments, candidates.labels) if config.nms_per_class else candidates.segments
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
            moved, candidates.scores, tiou=config.nms_tiou, floor=config.min_score, count=config.max_segments
        )
    segments = candidates.segments[index]
    if config.voting_tiou > 0 and len(index):
        by_tiou = config.voting_weight == "score_tiou"
        voted = vote(moved[index], moved, candidates.scores, threshold=config.voting_tiou, weigh_by_tiou=by_tiou)
        segments = voted - (moved[index] - segments)
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
    """The tIoU of every segment of `a` (N, 2) with every one of `b` (M, 2): (N, M); 0 where both have no length."""
    (start, end), (other_start, other_end) = a.T[:, :, None], b.T
    shared = (np.minimum(end, other_end) - np.maximum(start, other_start)).clip(0.0)
    union = (end - start + epsilon) + (other_end - other_start + epsilon) - shared
    overlap: Array = np.divide(shared, union, out=np.zeros_like(union), where=union > 0)
    return overlap
