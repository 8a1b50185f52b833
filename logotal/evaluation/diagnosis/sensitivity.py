"""Sensitivity and false negatives: how well the truths of one size are found, and which no detection takes."""

import numpy as np

from logotal.evaluation.detections import Bools, Floats, Ints, Segments
from logotal.evaluation.diagnosis.characteristics import Characteristic
from logotal.evaluation.diagnosis.normalized import normalized_average_precision


def averages_of_bins(
    truth: Segments, ranked: Segments, matched: Ints, characteristic: Characteristic, *, normalizer: float
) -> Floats:
    """The average mAP_N for the truths of each bin (B,); nan for a bin without truth.

    The truths of the other bins, and the predictions that took one of them, are set aside; all false positives stay.
    N is that of all truths, so that bins of different numbers can be compared. The mean is over the labels that have
    a truth in the bin, and over tIoU.

    Args:
        truth: M truths.
        ranked: N predictions in the order of `Segments.ranked`, whose labels all have a truth.
        matched: (T, N) the truth that each prediction takes at each tIoU, see `match`.
        characteristic: the bins.
        normalizer: N of mAP_N.
    """
    num_labels = 1 + truth.label.max()
    result = np.full(len(characteristic.sizes), np.nan)
    for index in np.flatnonzero(characteristic.counts):
        inside = characteristic.bin == index
        positives = np.bincount(truth.label[inside], minlength=num_labels)
        values = []
        for taken in matched:
            kept = (taken < 0) | inside[taken]
            values.append(normalized_average_precision(ranked.label[kept], taken[kept] >= 0, positives, normalizer))
        result[index] = np.mean(np.stack(values)[:, positives > 0])
    return result


def missed(matched: Ints, num_truths: int) -> Bools:
    """Whether no prediction takes a truth (M,); `matched` (N,) is the truth that each prediction takes, -1 for none."""
    result = np.ones(num_truths, np.bool_)
    result[matched[matched >= 0]] = False
    return result


def missed_shares(missing: Bools, characteristic: Characteristic) -> Floats:
    """The share of the truths of each bin that is missed (B,); nan for a bin without truth."""
    counts = characteristic.counts
    bins = characteristic.bin[missing & (characteristic.bin >= 0)]
    lost = np.bincount(bins, minlength=len(counts))
    shares: Floats = np.divide(lost, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return shares
