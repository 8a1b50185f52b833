"""What is wrong with detections: the error diagnosis of DETAD, without LaTeX.

After Alwassel, Caba Heilbron, Escorcia and Ghanem, "Diagnosing Error in Temporal Action Detectors" (ECCV 2018):
which errors there are and what curing them would bring (`false_positives`), which actions are found less well
and which are missed (`sensitivity`), in terms of a mAP that does not depend on how frequent
labels are (`normalized`).

Where we differ from the code that DETAD's authors published; sizes are those on ActionFormer's THUMOS14 detections:

1. The type of an error follows from what truths there are, in the order that `false_positives` lists; theirs looks at
   one truth only, the one with the highest tIoU whatever its label. 47 of 27,139 detections change where their ties go
   to the right label, 1,090 where they do not: CliffDiving and Diving share their segments.
2. N is the exact mean; theirs is rounded down (Python 2). Average mAP_N 70.55 instead of 70.50.
3. The profile is at one tIoU; theirs is averaged over tIoU. We give the share of errors among the top kG; a bar of
   their figure is the k-th G alone (`FalsePositives.slice_shares`). Gains and averages are over tIoU in both.
4. Sensitivity takes each tIoU by itself; theirs drops a prediction that took a truth of another bin at any tIoU from
   all of them. Average mAP_N per bin is 0.7 to 4 points higher in theirs.
5. A truth is missed if none of the top 10G detections takes it; theirs counts all detections down to a P_N of 0.05.
   6.8 % missed instead of 6.2 %.
6. Truths are those of the protocol; theirs also drops actions that are longer than their video, of which
   THUMOS14 has none.
7. THUMOS14 is averaged over tIoU 0.3 to 0.7, as its mAP is; theirs takes 0.5 alone.
8. Context size, context distance and agreement are left out: they need annotations that no data set of ours has.
"""

from collections.abc import Iterable

import numpy as np

from logotal.errors import InputError
from logotal.evaluation.average_precision import match
from logotal.evaluation.diagnosis.characteristics import Bins, characterize, find_bins
from logotal.evaluation.diagnosis.false_positives import BACKGROUND_TIOU, MULTIPLES, profile_errors, slices
from logotal.evaluation.diagnosis.normalized import normalized_average_precision
from logotal.evaluation.diagnosis.result import Breakdown, Diagnosis
from logotal.evaluation.diagnosis.sensitivity import averages_of_bins, missed, missed_shares
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import Protocol
from logotal.evaluation.scored import scored
from logotal.formats.annotations import Annotations
from logotal.timeline import Timeline

__all__ = ["Breakdown", "Diagnosis", "diagnose"]


def diagnose(
    annotations: Annotations,
    timelines: Iterable[Timeline],
    protocol: Protocol,
    split: str | None = None,
    *,
    tiou: float = 0.5,
    bins: Bins | None = None,
) -> Diagnosis:
    """The error diagnosis of the detections in `timelines` against the annotations, under a protocol.

    Truth and mean over tIoU (the first that the protocol names) are the protocol's, so the diagnosis is of the number
    that `evaluate` gives.

    Args:
        annotations: The truth.
        timelines: One per video.
        protocol: The rules of the evaluation.
        split: Overrides the protocol's own.
        tiou: The threshold of the false-positive profile and of the truths missed, above 0.1.
        bins: The bins of the characteristics; those of the protocol's data set if absent.

    Raises:
        InputError: what `evaluate` raises, or a `tiou` out of range.
    """
    if not BACKGROUND_TIOU < tiou <= 1:
        raise InputError(f"tiou must be above {BACKGROUND_TIOU} and at most 1, found {tiou!r}")
    timelines = list(timelines)
    result = evaluate(annotations, timelines, protocol, split)
    compared = scored(annotations, timelines, protocol, result.split)
    truth, predictions = compared.truth, compared.predictions
    durations = np.array([np.nan if video.duration is None else video.duration for video in compared.truths])
    positives = result.truth_counts
    normalizer = float(positives.sum() / np.count_nonzero(positives))
    average_name, of_average = next(iter(protocol.averages.items()))

    ranked = predictions.take(positives[predictions.label] > 0).ranked
    tious = sorted({*protocol.tious, tiou})
    matched = dict(zip(tious, match(truth, ranked, tious), strict=True))
    averaged = np.stack([matched[at] for at in of_average])
    best = slices(ranked, positives) < MULTIPLES
    missing = missed(matched[tiou][best], len(truth))
    return Diagnosis(
        result=result,
        tiou=tiou,
        average_name=average_name,
        normalizer=normalizer,
        normalized=np.stack(
            [
                normalized_average_precision(ranked.label, matched[at] >= 0, positives, normalizer)
                for at in protocol.tious
            ]
        ),
        false_positives=profile_errors(truth, ranked, matched, tiou=tiou, averaged=of_average, normalizer=normalizer),
        breakdowns=tuple(
            Breakdown(
                of,
                average=averages_of_bins(truth, ranked, averaged, of, normalizer=normalizer),
                missed=missed_shares(missing, of),
            )
            for of in characterize(truth, durations, bins or find_bins(None, protocol.name))
        ),
        missed=float(missing.mean()),
    )
