"""Precision and recall behind average precision: curves per label, scores per video, and where to cut.

All of it rests on the matching of `average_precision`, so the area under a curve is the AP that is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from logotal.evaluation.average_precision import hit_ranks, interpolated_precision, match
from logotal.evaluation.detections import Floats, Segments


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision and recall of one label as the score to reach falls: a point for each of the N truths found.

    Between two points recall stands still while precision falls, so these are all the corners there are.
    `recall` (N,) rises, `precision` (N,) is not interpolated, `score` (N,) is that of the prediction that found the
    truth. Without truth the label has no recall: nan.
    """

    recall: Floats
    precision: Floats
    score: Floats

    def highest_precision(self, recalls: Floats) -> Floats:
        """The highest precision at each of the given recalls or a greater one (M,); 0 at what is never reached."""
        envelope = np.append(np.maximum.accumulate(self.precision[::-1])[::-1], 0.0)
        highest: Floats = envelope[np.searchsorted(self.recall, recalls - 1e-12)]
        return highest


def precision_recall(truth: Segments, predictions: Segments, tiou: float, number_of_labels: int) -> list[Curve]:
    """The curve of each label at one tIoU."""
    ranked = predictions.ranked
    positives = np.bincount(truth.label, minlength=number_of_labels)
    first = np.searchsorted(ranked.label, np.arange(number_of_labels))
    hit = match(truth, ranked, [tiou])[0] >= 0
    curves = []
    for label, ranks in enumerate(hit_ranks(hit, ranked.label, number_of_labels)):
        found = np.arange(1, len(ranks) + 1)
        curves.append(Curve(found / positives[label], found / ranks, ranked.score[first[label] + ranks - 1]))
    return curves


def average_precision_per_video(
    truth: Segments, predictions: Segments, tious: Sequence[float], number_of_videos: int
) -> Floats:
    """The interpolated AP per tIoU and video (len(tious), number_of_videos); nan for a video without truth.

    The predictions of a video, whatever their label, go by falling score; one is right if it took a truth of its
    label, as in `average_precision`.
    """
    ranked = predictions.ranked
    order = np.lexsort((-ranked.score, ranked.video))  # stable: among equal scores, as they are ranked
    positives = np.bincount(truth.video, minlength=number_of_videos)
    result = np.full((len(tious), number_of_videos), np.nan)
    for index, matched in enumerate(match(truth, ranked, tious)):
        ranks = hit_ranks(matched[order] >= 0, ranked.video[order], number_of_videos)
        for video in np.flatnonzero(positives):
            result[index, video] = interpolated_precision(ranks[video]).sum() / positives[video]
    return result


def best_score(truth: Segments, predictions: Segments, tiou: float) -> tuple[float, float]:
    """The score at which to cut so that F1, over all labels together, is highest; and that F1.

    Predictions of at least that score stay. Without a right prediction nothing helps: the F1 is 0, the score infinite.
    """
    ranked = predictions.ranked
    order = np.argsort(-ranked.score, kind="stable")
    score = ranked.score[order]
    found = np.cumsum(match(truth, ranked, [tiou])[0][order] >= 0)
    if not len(found) or found[-1] == 0:
        return float("inf"), 0.0
    f1 = 2 * found / (np.arange(1, len(found) + 1) + len(truth))
    # A cut keeps all of equal scores.
    f1[:-1][score[1:] == score[:-1]] = 0.0
    best = int(np.argmax(f1))
    return float(score[best]), float(f1[best])
