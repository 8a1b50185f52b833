"""Ignored spans in evaluation: what lies there and answers for no truth is neither right nor wrong."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from logotal.evaluation.average_precision import match
from logotal.evaluation.detections import Bools, Floats, Segments

Span = tuple[float, float]

SHARE = 0.5
"""The part of a detection that must lie within ignored spans for it to be ignored."""


def ignored_share(segments: Floats, spans: ArrayLike) -> Floats:
    """The part of each segment (N, 2) of a video that lies within ignored spans (M, 2), from 0 to 1 (N,).

    What several spans cover counts once. A segment without length is within (1) or not (0).

    >>> ignored_share(np.array([[0.0, 4.0], [9.0, 9.0]]), [(1.0, 2.0), (1.5, 3.0), (8.0, 9.5)])
    array([0.5, 1. ])
    """
    spans = np.asarray(spans, np.float64).reshape(-1, 2)
    spans = spans[spans[:, 0] < spans[:, 1]]
    if not len(spans):
        return np.zeros(len(segments))
    start, end = spans[np.argsort(spans[:, 0], kind="stable")].T
    reach = np.maximum.accumulate(end)
    apart = np.append(True, start[1:] > reach[:-1])
    joined = np.stack([start[apart], reach[np.append(apart[1:], True)]], axis=1)  # a gap between any two
    covered = np.cumsum(joined[:, 1] - joined[:, 0])
    until = np.stack([covered - (joined[:, 1] - joined[:, 0]), covered], axis=1)  # covered up to each start and end
    inside = np.diff(np.interp(segments, joined.ravel(), until.ravel()), axis=1)[:, 0]
    length = segments[:, 1] - segments[:, 0]
    at = joined[(np.searchsorted(joined[:, 0], segments[:, 0], side="right") - 1).clip(0)]
    within = ((at[:, 0] <= segments[:, 0]) & (segments[:, 0] <= at[:, 1])).astype(np.float64)
    share: Floats = np.divide(inside, length, out=within, where=length > 0)
    return share


def mostly_ignored(predictions: Segments, spans: Sequence[Sequence[Span]]) -> Bools:
    """Whether at least half of each prediction lies within the ignored spans of its video (N,).

    `spans` are (M, 2) for each video, in the order of `predictions.video`; an unknown video (-1) has none.
    """
    result = np.zeros(len(predictions), np.bool_)
    if not any(map(len, spans)):
        return result
    order = np.argsort(predictions.video, kind="stable")
    bounds = np.searchsorted(predictions.video[order], np.arange(len(spans) + 1))
    for video, of_video in enumerate(spans):
        rows = order[bounds[video] : bounds[video + 1]]
        if len(rows) and of_video:
            result[rows] = ignored_share(predictions.segment[rows], of_video) >= SHARE - 1e-9  # rounding
    return result


def uncounted(truth: Segments, predictions: Segments, spans: Sequence[Sequence[Span]], tious: Sequence[float]) -> Bools:
    """Whether each prediction lies mostly within ignored spans and takes no truth at any of the tIoU (N,)."""
    ignored = mostly_ignored(predictions, spans)
    if ignored.any():
        order = predictions.ranking
        ignored[order] &= (match(truth, predictions.take(order), tious) < 0).all(axis=0)
    return ignored
