"""Temporal intersection over union (tIoU), and the pairs of prediction and truth for which it matters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from logotal.evaluation.detections import Floats, Ints, Segments
from logotal.timeline import Action

PAIRS_AT_ONCE = 1 << 20  # bounds the memory of the expansion to some 100 MB


def tiou(first: Floats, second: Floats) -> Floats:
    """The tIoU (N,) of two columns of segments (N, 2), row by row; 0 where both have no length.

    >>> tiou(np.array([[0.0, 2.0]]), np.array([[1.0, 3.0]]))
    array([0.33333333])
    """
    start = np.maximum(first[:, 0], second[:, 0])
    end = np.minimum(first[:, 1], second[:, 1])
    intersection = (end - start).clip(0)
    union = (first[:, 1] - first[:, 0]) + (second[:, 1] - second[:, 0]) - intersection
    overlap: Floats = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return overlap


def shared(a: Action, b: Action) -> float:
    """The seconds that lie in both actions.

    >>> shared(Action(0, 2, "a"), Action(1.5, 3, "b"))
    0.5
    """
    return max(min(a.end, b.end) - max(a.start, b.start), 0.0)


def tiou_of(a: Action, b: Action) -> float:
    """The tIoU of two actions; 0 where both have no length.

    >>> tiou_of(Action(0, 2, "a"), Action(1, 2, "b"))
    0.5
    """
    whole = (a.end - a.start) + (b.end - b.start) - shared(a, b)
    return shared(a, b) / whole if whole > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """P candidate pairs: rows of the `prediction` (P,) and of the `truth` (P,), and their `tiou` (P,).

    Ordered by prediction, then falling tIoU, then start and end of the truth: what a prediction would choose.
    """

    prediction: Ints
    truth: Ints
    tiou: Floats


def overlapping_pairs(truth: Segments, predictions: Segments, minimum: float) -> Pairs:
    """The pairs of one video and one label whose tIoU is at least `minimum` (above 0)."""
    start, end = truth.segment.T
    order = np.lexsort((end, start, truth.label, truth.video))
    truth = truth.take(order)
    blocks = list(_blocks(truth, predictions))
    rows, truth_rows, overlaps = [], [], []
    for row, truth_row in blocks:
        overlap = tiou(predictions.segment[row], truth.segment[truth_row])
        kept = overlap >= minimum
        rows.append(row[kept])
        truth_rows.append(truth_row[kept])
        overlaps.append(overlap[kept])
    prediction, chosen, value = np.concatenate(rows), np.concatenate(truth_rows), np.concatenate(overlaps)
    # Rows arrive by prediction and then by start, and lexsort is stable.
    preferred = np.lexsort((-value, prediction))
    return Pairs(prediction[preferred], order[chosen[preferred]], value[preferred])


def _blocks(truth: Segments, predictions: Segments) -> Iterator[tuple[Ints, Ints]]:
    """Rows of all pairs with equal video and label, in blocks; `truth` is in the order of (video, label)."""
    num_labels = 1 + max(truth.label.max(initial=0), predictions.label.max(initial=0))
    group = truth.video * num_labels + truth.label
    # An unknown video or label (-1) would alias another group: it joins none.
    known = (predictions.video >= 0) & (predictions.label >= 0)
    wanted = np.where(known, predictions.video * num_labels + predictions.label, -1)
    groups, begins, sizes = np.unique(group, return_index=True, return_counts=True)
    # A last, empty group for what belongs to none.
    groups, begins, sizes = np.append(groups, -2), np.append(begins, 0), np.append(sizes, 0)
    place = np.searchsorted(groups[:-1], wanted)
    place[groups[place] != wanted] = len(groups) - 1
    first, count = begins[place], sizes[place]
    total = np.concatenate([[0], np.cumsum(count)])
    begin = 0
    while begin < len(predictions) or begin == 0:
        limit = np.searchsorted(total, total[begin] + PAIRS_AT_ONCE, side="right") - 1
        stop = min(max(int(limit), begin + 1), len(predictions))
        row = np.repeat(np.arange(begin, stop), count[begin:stop])
        nth = np.arange(len(row)) - np.repeat(total[begin:stop] - total[begin], count[begin:stop])
        yield row, first[row] + nth
        begin = max(stop, 1)
