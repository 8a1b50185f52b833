"""The false-positive profile: what is wrong with the detections that are not true, and what curing it would bring.

Only the best detections are looked at: of a label with G truths the kG with the highest scores, k = 1 to 10. At a
tIoU threshold t, a detection is of the first of these types that fits it:

    true positive      it takes a truth of its label, as in average precision
    double detection   a truth of its label overlaps it by t or more (and is taken by a better detection)
    wrong label        a truth of another label overlaps it by t or more
    localization       a truth of its label overlaps it by 0.1 or more, below t
    confusion          a truth of another label overlaps it by 0.1 or more, below t
    background         no truth of its video overlaps it by 0.1
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from logotal.evaluation.detections import Floats, Ints, Segments
from logotal.evaluation.diagnosis.normalized import normalized_average_precision
from logotal.evaluation.tiou import overlapping_pairs

OUTCOMES = ("true positive", "double detection", "wrong label", "localization", "confusion", "background")
ERRORS = OUTCOMES[1:]
BACKGROUND_TIOU = 0.1
MULTIPLES = 10


@dataclass(frozen=True, eq=False)
class FalsePositives:
    """The profile of the K·G best detections of each label.

    `counts` (K, 6): how many of the k-th G detections (rank (k-1)G to kG within their label) have each outcome.
    `average` is the average mAP_N of these detections alone, and `gains` (5,) what it rises by if all detections of
    one error type, at each tIoU, were removed.
    """

    counts: Ints
    average: float
    gains: Floats

    @property
    def shares(self) -> Floats:
        """The share of each outcome among the top kG (K, 6); each row adds up to 1, or is nan without detections."""
        return _shares(self.counts.cumsum(axis=0))

    @property
    def slice_shares(self) -> Floats:
        """The share of each outcome among the k-th G alone (K, 6), which is what DETAD's figure shows."""
        return _shares(self.counts)


def _shares(counts: Ints) -> Floats:
    total = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return shares


def slices(ranked: Segments, positives: Ints) -> Ints:
    """The slice of each prediction (N,): k - 1 if it is among the k-th G of its label, which has G > 0 truths."""
    first = np.searchsorted(ranked.label, ranked.label)
    return (np.arange(len(ranked)) - first) // positives[ranked.label]


def best_overlaps(truth: Segments, predictions: Segments) -> tuple[Floats, Floats]:
    """The highest tIoU of each prediction with a truth of its label, and with one of another label (N,) each.

    Of its video; what is below 0.1 is given as 0.
    """
    pairs = overlapping_pairs(truth.without_labels(), predictions.without_labels(), BACKGROUND_TIOU)
    same = truth.label[pairs.truth] == predictions.label[pairs.prediction]
    own, other = np.zeros(len(predictions)), np.zeros(len(predictions))
    np.maximum.at(own, pairs.prediction[same], pairs.tiou[same])
    np.maximum.at(other, pairs.prediction[~same], pairs.tiou[~same])
    return own, other


def outcomes(taken: Ints, own: Floats, other: Floats, tiou: float) -> Ints:
    """The index in `OUTCOMES` of each prediction (N,) at a tIoU above 0.1.

    Args:
        taken: (N,) the truth that each takes at that tIoU, -1 for none, see `match`.
        own: (N,) highest tIoU with a truth of its label.
        other: (N,) highest tIoU with a truth of another label.
        tiou: the threshold.
    """
    conditions = [taken >= 0, own >= tiou, other >= tiou, own >= BACKGROUND_TIOU, other >= BACKGROUND_TIOU]
    return np.select(conditions, range(len(conditions)), default=len(conditions))


def profile_errors(
    truth: Segments,
    ranked: Segments,
    matched: Mapping[float, Ints],
    *,
    tiou: float,
    averaged: Sequence[float],
    normalizer: float,
) -> FalsePositives:
    """The false-positive profile of N predictions whose labels all have a truth.

    Args:
        truth: M truths.
        ranked: N predictions in the order of `Segments.ranked`.
        matched: by tIoU, the truth that each prediction takes (N,), see `match`.
        tiou: the threshold at which outcomes are counted.
        averaged: the thresholds that the average and the gains are over.
        normalizer: N of mAP_N.
    """
    positives = np.bincount(truth.label)
    nth = slices(ranked, positives)
    best = nth < MULTIPLES
    ranked, nth = ranked.take(best), nth[best]
    # A prediction takes its truth whatever stands below it, so the best ones match as they did among all.
    matched = {at: taken[best] for at, taken in matched.items()}
    own, other = best_overlaps(truth, ranked)
    cells = nth * len(OUTCOMES) + outcomes(matched[tiou], own, other, tiou)
    counts = np.bincount(cells, minlength=MULTIPLES * len(OUTCOMES)).reshape(MULTIPLES, len(OUTCOMES))

    by_cure = []
    for at in averaged:
        outcome, hit = outcomes(matched[at], own, other, at), matched[at] >= 0
        for cured in range(len(OUTCOMES)):  # the true positives stay: that row is the average as it is
            kept = (outcome != cured) | hit
            values = normalized_average_precision(ranked.label[kept], hit[kept], positives, normalizer)
            by_cure.append(values[positives > 0].mean())
    averages = np.reshape(by_cure, (len(averaged), len(OUTCOMES))).mean(axis=0)
    return FalsePositives(counts, float(averages[0]), averages[1:] - averages[0])
