"""The losses of one (point, class) pair and of one positive point, on plain numbers.

`predicted` and `target` are pairs of offsets (to start, to end), both >= 0, around the same point.
"""

import math

Offsets = tuple[float, float]


def focal_loss(logit: float, target: float, alpha: float = 0.25, gamma: float = 2.0) -> float:
    """Sigmoid focal loss: alpha_t * (1 - p_t)^gamma * cross entropy; `target` in [0, 1], soft ones allowed.

    p_t and alpha_t interpolate between the two classes: p_t = p * target + (1 - p) * (1 - target).
    """
    log_p, log_not_p = -_softplus(-logit), -_softplus(logit)
    p = math.exp(log_p)
    p_t = p * target + (1 - p) * (1 - target)
    alpha_t = alpha * target + (1 - alpha) * (1 - target)
    cross_entropy = -(target * log_p + (1 - target) * log_not_p)
    return alpha_t * math.pow(1 - p_t, gamma) * cross_entropy


def _softplus(x: float) -> float:
    """log(1 + e^x), written so that a large x does not overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def giou_loss(predicted: Offsets, target: Offsets) -> float:
    """1 - GIoU of two segments around the same point; the general GIoU, which equals the tIoU here."""
    return 1.0 - giou_of_segments(_around_zero(predicted), _around_zero(target))


def diou_loss(predicted: Offsets, target: Offsets) -> float:
    """1 - tIoU + (distance of the centers / enclosing length)^2; 1 where both have no length."""
    a, b = _around_zero(predicted), _around_zero(target)
    enclosing = max(a[1], b[1]) - min(a[0], b[0])
    if enclosing <= 0:
        return 1.0
    distance = abs((a[0] + a[1]) / 2 - (b[0] + b[1]) / 2)
    return 1.0 - _intersection(a, b) / _union(a, b) + (distance / enclosing) ** 2


def giou_of_segments(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Generalized IoU of any two (start, end): tIoU - (enclosing - union) / enclosing, in (-1, 1].

    Segments that share a point leave no gap, so the enclosing segment is their union and this is the tIoU.
    Two segments without length give 0 at the same place and -1 apart.
    """
    enclosing = max(a[1], b[1]) - min(a[0], b[0])
    if enclosing <= 0:
        return 0.0
    union = _union(a, b)
    overlap = _intersection(a, b) / union if union > 0 else 0.0
    return overlap - (enclosing - union) / enclosing


def _around_zero(offsets: Offsets) -> tuple[float, float]:
    return -offsets[0], offsets[1]


def _intersection(a: tuple[float, float], b: tuple[float, float]) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def _union(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (a[1] - a[0]) + (b[1] - b[0]) - _intersection(a, b)
