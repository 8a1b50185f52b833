"""Average precision as the ActivityNet lineage computes it (ActionFormer, TriDet, OpenTAD).

Within a class, predictions go by falling score over all videos, each takes the truth of its video with the highest
tIoU among those at or above the threshold that are still free, and is a false positive if there is none.
Precision is interpolated: at every recall the highest precision at that recall or a greater one.

Where we differ from the published evaluators:

1. Among equal scores the later prediction comes first, as in theirs, where a file is read video by video and a video
   by start; theirs takes the rows of a video as the file lists them, and its sort is not stable. Nothing on
   ActionFormer's THUMOS14 detections. Where *all* scores are equal, as in ActivityNet's sample submission, the order
   is all there is: 99.89 in both, 99.87 to 99.93 in other orders.
2. Among truths of equal tIoU the earlier is taken; theirs takes the last of the file. Nothing on either file.
3. A predicted label that no truth has matches nothing; theirs can collide with a renumbered class.
"""

from collections.abc import Sequence

import numpy as np

from logotal.evaluation.detections import Bools, Floats, Ints, Segments
from logotal.evaluation.tiou import Pairs, overlapping_pairs


def average_precision(
    truth: Segments, predictions: Segments, tious: Sequence[float], num_labels: int, *, pairs: Pairs | None = None
) -> Floats:
    """The interpolated AP per tIoU and label (len(tious), num_labels); nan for a label without truth.

    `pairs` are those of `predictions.ranked` from the lowest tIoU on; they are computed if absent.
    """
    ranked = predictions.ranked
    positives = np.bincount(truth.label, minlength=num_labels)
    result = np.full((len(tious), num_labels), np.nan)
    for index, matched in enumerate(match(truth, ranked, tious, pairs)):
        ranks = hit_ranks(matched >= 0, ranked.label, num_labels)
        for label in np.flatnonzero(positives):
            # Each hit raises the recall by one truth; recall never reached counts as precision 0.
            result[index, label] = interpolated_precision(ranks[label]).sum() / positives[label]
    return result


def hit_ranks(hit: Bools, group: Ints, num_groups: int) -> list[Ints]:
    """Per group, the ranks from 1 within it of the rows that hit.

    Args:
        hit: (N,) whether a prediction took a truth.
        group: (N,) of each prediction, from 0 and rising; within a group, rows go by falling score.
        num_groups: how many groups there are.
    """
    hits = np.flatnonzero(hit)
    first = np.searchsorted(group, np.arange(num_groups))
    bounds = np.searchsorted(group[hits], np.arange(num_groups + 1))
    return [hits[bounds[i] : bounds[i + 1]] - first[i] + 1 for i in range(num_groups)]


def interpolated_precision(ranks: Ints) -> Floats:
    """The highest precision at the recall of each hit or a greater one; `ranks` are those of the hits, rising.

    >>> interpolated_precision(np.array([2, 3]))
    array([0.66666667, 0.66666667])
    """
    precision = np.arange(1, len(ranks) + 1) / ranks
    highest: Floats = np.maximum.accumulate(precision[::-1])[::-1]
    return highest


def match(truth: Segments, ranked: Segments, tious: Sequence[float], pairs: Pairs | None = None) -> Ints:
    """The row of the truth that each prediction takes at each tIoU (len(tious), N), -1 for none.

    `ranked` are the predictions in the order of `Segments.ranked`, which is the order in which they choose.
    """
    pairs = pairs or overlapping_pairs(truth, ranked, min(tious))
    begin = np.searchsorted(pairs.prediction, np.arange(len(ranked)))
    return np.stack([_match(pairs, begin, len(truth), tiou) for tiou in tious])


def _match(pairs: Pairs, begin: Ints, num_truths: int, tiou: float) -> Ints:
    """What greedy choice in rank order gives, in rounds instead of row by row (deferred acceptance).

    Every prediction asks for its best truth, a truth keeps the best-ranked of all who asked so far, and the others
    ask for their next best. As all truths rank predictions alike, there is one stable matching: the greedy one.
    `begin` (N,) is where the pairs of each prediction begin.
    """
    nobody = num_predictions = len(begin)
    # A prediction's pairs go by falling tIoU, so those above the threshold come first.
    end = begin + np.bincount(pairs.prediction[pairs.tiou >= tiou], minlength=num_predictions)
    asking_for = begin.copy()
    holder = np.full(num_truths, nobody)
    asking = np.flatnonzero(begin < end)
    while len(asking):
        asked = pairs.truth[asking_for[asking]]
        before = holder[asked]
        np.minimum.at(holder, asked, asking)
        refused = asking[holder[asked] != asking]
        displaced = np.unique(before[(before != nobody) & (before != holder[asked])])
        turned_away = np.concatenate([refused, displaced])
        asking_for[turned_away] += 1
        asking = turned_away[asking_for[turned_away] < end[turned_away]]
    matched = np.full(num_predictions, -1)
    taken = np.flatnonzero(holder != nobody)
    matched[holder[taken]] = taken
    return matched
