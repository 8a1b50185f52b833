"""AP_N: average precision whose precision does not depend on how frequent a label is (Hoiem et al. 2012, DETAD).

A label with many truths reaches a high precision more easily, so AP of a frequent and of a rare label, or of all
truths and of some of them, cannot be compared. AP_N takes the precision that the label would have with N truths, the
same number for every label: at recall R, after F false positives,

    P_N = R · N / (R · N + F)

and integrates it as AP does: at every recall the highest P_N at that recall or a greater one. A label with N truths
has AP_N = AP.
"""

import numpy as np

from logotal.evaluation.average_precision import hit_ranks
from logotal.evaluation.detections import Bools, Floats, Ints


def normalized_average_precision(label: Ints, hit: Bools, positives: Ints, normalizer: float) -> Floats:
    """The AP_N of each of C labels (C,); nan for a label without truth.

    Args:
        label: (N,) of each prediction, in the order of `Segments.ranked`: by label, then falling score.
        hit: (N,) whether the prediction took a truth.
        positives: (C,) truths of each label.
        normalizer: N of the formula.
    """
    result = np.full(len(positives), np.nan)
    ranks_of = hit_ranks(hit, label, len(positives))
    for index in np.flatnonzero(positives):
        ranks = ranks_of[index]
        found = np.arange(1, len(ranks) + 1)
        weighted = found / positives[index] * normalizer
        precision = weighted / (weighted + (ranks - found))
        # Each hit raises the recall by one truth; recall never reached counts as precision 0.
        result[index] = np.maximum.accumulate(precision[::-1]).sum() / positives[index]
    return result
