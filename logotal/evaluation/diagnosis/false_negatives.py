"""False negatives: which truths no detection takes."""

import numpy as np

from logotal.evaluation.detections import Bools, Floats, Ints
from logotal.evaluation.diagnosis.characteristics import Characteristic


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
