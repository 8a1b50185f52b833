"""Average precision as the ActivityNet lineage computes it (ActionFormer, metrics.py; Equal: TriDet, OpenTAD).

Within a class, predictions go by falling score over all videos, each takes the truth of its video with the highest
tIoU among those at or above the threshold that nobody took before, and is a false positive if there is none.
Precision is interpolated: at every recall the highest precision at that recall or a greater one.

Where we differ from the published evaluators:

1. Equal scores are ordered by video, start and end, and equal tIoU by the truth's start and end; theirs follow an
   unstable sort. A few hundredths of a point of mAP, in either direction.
2. A predicted label that no truth has matches nothing; theirs can collide with a renumbered class.
"""

from collections.abc import Sequence

import numpy as np

from logotal.evaluation.detections import Floats, Ints, Segments
from logotal.evaluation.tiou import Pairs, overlapping_pairs


def average_precision(truth: Segments, predictions: Segments, tious: Sequence[float], num_labels: int) -> Floats:
    """The interpolated AP per tIoU and label (len(tious), num_labels); nan for a label without truth."""
    ranked = predictions.ranked()
    positives = np.bincount(truth.label, minlength=num_labels)
    first = np.searchsorted(ranked.label, np.arange(num_labels))
    result = np.full((len(tious), num_labels), np.nan)
    for index, matched in enumerate(match(truth, ranked, tious)):
        hits = np.flatnonzero(matched >= 0)
        bounds = np.searchsorted(ranked.label[hits], np.arange(num_labels + 1))
        for label in np.flatnonzero(positives):
            ranks = hits[bounds[label] : bounds[label + 1]] - first[label] + 1
            precision = np.arange(1, len(ranks) + 1) / ranks
            interpolated = np.maximum.accumulate(precision[::-1])
            # Each hit raises the recall by one truth; recall never reached counts as precision 0.
            result[index, label] = interpolated.sum() / positives[label]
    return result


def match(truth: Segments, ranked: Segments, tious: Sequence[float]) -> Ints:
    """The row of the truth that each prediction takes at each tIoU (len(tious), N), -1 for none.

    `ranked` are the predictions in the order of `Segments.ranked`, which is the order in which they choose.
    """
    pairs = overlapping_pairs(truth, ranked, min(tious))
    return np.stack([_match(pairs, len(truth), len(ranked), tiou) for tiou in tious])


def _match(pairs: Pairs, num_truths: int, num_predictions: int, tiou: float) -> Ints:
    """What greedy choice in rank order gives, in rounds instead of row by row (deferred acceptance).

    Every prediction asks for its best truth, a truth keeps the best-ranked of all who asked so far, and the others
    ask for their next best. As all truths rank predictions alike, there is one stable matching: the greedy one.
    """
    # A prediction's pairs go by falling tIoU, so those above the threshold come first.
    rows = np.arange(num_predictions)
    asking_for = np.searchsorted(pairs.prediction, rows)
    end = asking_for + np.bincount(pairs.prediction[pairs.tiou >= tiou], minlength=num_predictions)
    nobody = num_predictions
    holder = np.full(num_truths, nobody)
    asking = rows[asking_for < end]
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
