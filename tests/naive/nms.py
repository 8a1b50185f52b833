"""Non-maximum suppression, Gaussian and hard, and the voting that follows it, one segment at a time.

Segments are (N, 2) starts and ends on the grid, scores (N,). What survives is named by its indices, in the
order in which it was picked.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def soft_nms(
    segments: Floats,
    scores: Floats,
    sigma: float,
    min_score: float,
    max_segments: int,
    *,
    epsilon: float = 1e-6,
) -> tuple[Indices, Floats]:
    """Gaussian soft-NMS: the picked indices in order, and their decayed scores.

    The highest score is picked (between equal ones the lowest index); every other score is
    multiplied by exp(-tIoU^2 / sigma), and removed at once if it is then below `min_score`, overlap or not.
    The very first pick is therefore never compared with `min_score`. `epsilon` is added to the lengths, not
    to the intersection, as published: two equal segments have a tIoU just below 1, two points 0.
    """
    alive = {index: float(score) for index, score in enumerate(scores)}
    kept: list[int] = []
    decayed: list[float] = []
    while alive and len(kept) < max_segments:
        best = max(alive, key=lambda index: (alive[index], -index))
        kept.append(best)
        decayed.append(alive.pop(best))
        for index in list(alive):
            overlap = _guarded_tiou(segments[best], segments[index], epsilon)
            alive[index] *= math.exp(-(overlap**2) / sigma)
            if alive[index] < min_score:
                del alive[index]
    return np.array(kept, dtype=np.int64), np.array(decayed, dtype=np.float64)


def hard_nms(
    segments: Floats,
    scores: Floats,
    tiou_threshold: float,
    min_score: float,
    max_segments: int,
    *,
    epsilon: float = 1e-6,
) -> tuple[Indices, Floats]:
    """Hard NMS: the picked indices in order, and their unchanged scores.

    Only scores above `min_score` take part (all, where it is 0); a pick removes every other segment whose
    tIoU with it is at least `tiou_threshold`.
    """
    alive = [index for index, score in enumerate(scores) if min_score <= 0 or score > min_score]
    kept: list[int] = []
    while alive and len(kept) < max_segments:
        best = max(alive, key=lambda index: (scores[index], -index))
        kept.append(best)
        alive = [
            index
            for index in alive
            if index != best and _guarded_tiou(segments[best], segments[index], epsilon) < tiou_threshold
        ]
    return np.array(kept, dtype=np.int64), np.array([scores[index] for index in kept], dtype=np.float64)


def multiclass_nms(
    segments: Floats,
    scores: Floats,
    labels: Indices,
    *,
    sigma: float,
    min_score: float,
    max_segments: int,
) -> tuple[Indices, Floats]:
    """Soft-NMS inside each class, then the `max_segments` best of all: indices and decayed scores, falling.

    The limit inside each class changes nothing, as picked scores never rise. Equal scores stay in the
    order of class and pick.
    """
    found: list[tuple[int, float]] = []
    for label in sorted({int(label) for label in labels}):
        members = [index for index, other in enumerate(labels) if other == label]
        kept, decayed = soft_nms(segments[members], scores[members], sigma, min_score, max_segments)
        found += [(members[index], score) for index, score in zip(kept, decayed, strict=True)]
    found = sorted(found, key=lambda item: -item[1])[:max_segments]
    return (
        np.array([index for index, _ in found], dtype=np.int64),
        np.array([score for _, score in found], dtype=np.float64),
    )


def vote(  # noqa: PLR0917 - the kept and all the others, in pairs
    kept_segments: Floats,
    kept_scores: Floats,
    all_segments: Floats,
    all_scores: Floats,
    threshold: float,
    weight_by_tiou: bool,
) -> Floats:
    """The kept segments (K, 2), each the weighted mean of all with a tIoU of at least `threshold` with it.

    `kept_scores` are part of the pair and never read: voting moves boundaries, not scores. The weights are
    the scores before NMS, times the tIoU if `weight_by_tiou`. Lengths carry no epsilon here. A segment
    without length, or whose voters weigh nothing together, stays as it is (the published code gives nan).
    """
    refined = np.array(kept_segments, dtype=np.float64)
    for row, (start, end) in enumerate(kept_segments):
        weighted, total = np.zeros(2), 0.0
        for segment, score in zip(all_segments, all_scores, strict=True):
            overlap = _guarded_tiou((start, end), segment, 0.0)
            if overlap >= threshold:
                weight = score * overlap if weight_by_tiou else score
                weighted += weight * np.asarray(segment, dtype=np.float64)
                total += weight
        if end > start and total > 0:
            refined[row] = weighted / total
    return refined


def _guarded_tiou(a: Floats | tuple[float, float], b: Floats, epsilon: float) -> float:
    """tIoU of two segments whose lengths are taken `epsilon` longer; 0 where the union has no length."""
    intersection = max(0.0, float(min(a[1], b[1]) - max(a[0], b[0])))
    union = (a[1] - a[0] + epsilon) + (b[1] - b[0] + epsilon) - intersection
    return float(intersection / union) if union > 0 else 0.0
