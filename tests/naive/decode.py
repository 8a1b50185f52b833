"""Offsets as the expectation over the bins of a Trident head, one point at a time."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def trident_offsets(start_logits: Floats, end_logits: Floats, center_logits: Floats, num_bins: int) -> Floats:
    """Offsets (T, 2) to start and end, in strides, of the points of one level for one class.

    At point t, bin b of B = `num_bins` has the logit start[t - B + b] + center[t, 0, b] and stands for the
    distance B - b to the start; and the logit end[t + b] + center[t, 1, b], for the distance b to the end.
    Each offset is the mean distance under the softmax of its B + 1 logits. Outside the level, start and end
    count as 0 (the published code pads with zeros); the center logits count as they are given, already after
    their ReLU.

    Args:
        start_logits: (T,), of one class.
        end_logits: (T,), of the same class.
        center_logits: (T, 2, B + 1), the start side first.
        num_bins: B.
    """
    length = len(start_logits)
    offsets = np.zeros((length, 2))
    for t in range(length):
        start_bins, end_bins = [], []
        for b in range(num_bins + 1):
            start_bins.append(_at(start_logits, t - num_bins + b) + center_logits[t, 0, b])
            end_bins.append(_at(end_logits, t + b) + center_logits[t, 1, b])
        offsets[t, 0] = sum((num_bins - b) * p for b, p in enumerate(_softmax(start_bins)))
        offsets[t, 1] = sum(b * p for b, p in enumerate(_softmax(end_bins)))
    return offsets


def _at(logits: Floats, position: int) -> float:
    return float(logits[position]) if 0 <= position < len(logits) else 0.0


def _softmax(logits: Sequence[float]) -> list[float]:
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    return [power / sum(powers) for power in powers]
