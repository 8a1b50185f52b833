"""Removal of actions that overlap better ones: by the share of the shorter of the two that lies within the other.

Unlike tIoU, this share also finds a short action inside a long one.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BLOCK = 64
"""Actions that are held against those kept before at a time."""


def without_overlaps(segment: Floats, score: Floats, group: Ints, max_overlap: float) -> Bools:
    """Which rows (N,) remain if in each group the best are kept first, and none that overlaps those kept too much.

    Of equal scores, the one that starts earlier comes first, then the one that ends earlier. What has no length
    overlaps nothing.

    Args:
        segment: (N, 2) start and end.
        score: (N,).
        group: (N,) rows of different groups leave each other alone.
        max_overlap: the share of the shorter of two that may lie within the other.
    """
    kept = np.ones(len(score), np.bool_)
    if max_overlap >= 1:
        return kept
    order = np.lexsort((segment[:, 1], segment[:, 0], -score, group))
    bounds = np.flatnonzero(np.diff(group[order], prepend=-1, append=-1))
    for first, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if stop - first > 1:
            rows = order[first:stop]
            kept[rows] = _best_first(segment[rows], max_overlap)
    return kept


def _best_first(segment: Floats, max_overlap: float) -> Bools:
    """The same for one group, whose rows come best first: block by block, each held against all kept before it."""
    kept = np.zeros(len(segment), np.bool_)
    for first in range(0, len(segment), BLOCK):
        block = np.arange(first, min(first + BLOCK, len(segment)))
        if first:
            block = block[~_overlap(segment[block], segment[:first][kept[:first]], max_overlap).any(axis=1)]
        among = np.triu(_overlap(segment[block], segment[block], max_overlap), 1)  # of each row with worse ones
        stays, leaves = np.ones(len(block), np.bool_), ~among
        for i in np.flatnonzero(among.any(axis=1)).tolist():
            if stays[i]:
                stays &= leaves[i]
        kept[block[stays]] = True
    return kept


def _overlap(some: Floats, others: Floats, max_overlap: float) -> Bools:
    """Whether each of N overlaps each of M too much (N, M)."""
    inside = np.minimum(some[:, 1, None], others[:, 1]) - np.maximum(some[:, 0, None], others[:, 0])
    shorter = np.minimum((some[:, 1] - some[:, 0])[:, None], others[:, 1] - others[:, 0])
    too_much: Bools = inside > max_overlap * shorter
    return too_much
