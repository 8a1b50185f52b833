"""Recall: how many truths some prediction covers, whatever the other predictions are.

Two rules of the field. `recall_at_multiples` is recall@kx of ActionFormer's printout; `average_recall` is the AR@AN
curve of the ActivityNet proposal task, whose area is its AUC.
"""

from collections.abc import Sequence

import numpy as np

from logotal.evaluation.detections import Floats, Ints, Segments
from logotal.evaluation.tiou import Pairs, overlapping_pairs

PROPOSAL_TIOUS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


def recall_at_multiples(
    truth: Segments,
    predictions: Segments,
    tious: Sequence[float],
    multiples: Sequence[int],
    num_labels: int,
    *,
    pairs: Pairs | None = None,
) -> Floats:
    """Recall@kx per tIoU, multiple and label (len(tious), len(multiples), num_labels); nan without truth.

    In a video that holds n truths of a label, the k * n predictions of that label with the highest scores may cover
    them; one prediction may cover several. Truths are pooled over videos; the mean over labels is what is printed.
    `pairs` as in `average_precision`.
    """
    group = truth.video * num_labels + truth.label
    _, inverse, counts = np.unique(group, return_inverse=True, return_counts=True)
    truths_in_group = counts[inverse]
    positives = np.bincount(truth.label, minlength=num_labels)
    result = np.full((len(tious), len(multiples), num_labels), np.nan)
    for index, first in enumerate(_first_cover(truth, predictions, tious, pairs)):
        for column, multiple in enumerate(multiples):
            covered = truth.label[first < multiple * truths_in_group]
            found = np.bincount(covered, minlength=num_labels)
            np.divide(found, positives, out=result[index, column], where=positives > 0)
    return result


def average_recall(
    truth: Segments, predictions: Segments, maximum: int = 100, tious: Sequence[float] = PROPOSAL_TIOUS
) -> Floats:
    """AR@AN for AN = 1, ..., `maximum` (maximum,): recall with AN predictions per video on average, mean over tIoU.

    nan without truth, 0 without predictions.

    Labels are ignored. The rule of the task: AN stands for a *share* of each video's predictions, the same in all
    videos, such that a video with a truth keeps AN of them on average; a video with twice the predictions keeps
    twice as many. The numbers are those of the official kit, so whole numbers are cut where it cuts them: first to
    the share that `maximum` stands for (which counts predictions in videos without truth too), then to that of AN,
    both in floating point (0.29 * 100 keeps 28).
    """
    if not len(truth):
        return np.full(maximum, np.nan)
    truth, predictions = truth.without_labels(), predictions.without_labels()
    videos, owner = np.unique(truth.video, return_inverse=True)
    share = maximum * len(videos) / max(len(predictions), 1)
    predictions = predictions.take(np.isin(predictions.video, videos))
    available = np.bincount(np.searchsorted(videos, predictions.video), minlength=len(videos))
    available = np.minimum((available * share).astype(np.int64), available)
    shares = np.arange(1, maximum + 1) / maximum * (maximum * len(videos) / max(int(available.sum()), 1))
    allowed = np.minimum((available[:, None] * shares).astype(np.int64), available[:, None])
    covered = [first[:, None] < allowed[owner] for first in _first_cover(truth, predictions, tious)]
    curve: Floats = np.mean([hits.mean(axis=0) for hits in covered], axis=0)
    return curve


def area_under_curve(curve: Floats) -> float:
    """The AUC of an AR@AN curve (maximum,), by trapezoids from AN = 1, over the greatest AN."""
    return float((curve[1:] + curve[:-1]).sum() / 2 / len(curve))


def _first_cover(truth: Segments, predictions: Segments, tious: Sequence[float], pairs: Pairs | None = None) -> Ints:
    """The rank from 0, within video and label, of the first prediction that covers a truth (len(tious), M).

    A truth that none covers has a rank beyond all others.
    """
    ranked = predictions.ranked
    pairs = pairs or overlapping_pairs(truth, ranked, min(tious))
    rank = _rank_in_group(ranked)[pairs.prediction]
    return np.stack([_first_at(pairs, rank, len(truth), tiou) for tiou in tious])


def _first_at(pairs: Pairs, rank: Ints, num_truths: int, tiou: float) -> Ints:
    first = np.full(num_truths, np.iinfo(np.int64).max)
    covers = pairs.tiou >= tiou
    np.minimum.at(first, pairs.truth[covers], rank[covers])
    return first


def _rank_in_group(ranked: Segments) -> Ints:
    """How many segments of the same video and label stand before each (N,)."""
    order = np.lexsort((ranked.video, ranked.label))  # stable: keeps the order by score
    video, label = ranked.video[order], ranked.label[order]
    starts = np.concatenate([[True], (video[1:] != video[:-1]) | (label[1:] != label[:-1])])[: len(order)]
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - begin
    return rank
