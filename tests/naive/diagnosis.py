"""The error diagnosis of DETAD, one detection at a time.

A truth is (video, label, start, end), a detection (video, label, start, end, score). Of equal scores the later
detection comes first, of equal tIoU the earlier truth is taken. Detections and truths are named by their place in the
list that is passed.
"""

import math
from collections.abc import Collection, Sequence

from tests.naive.evaluation import tiou

Truth = tuple[int, int, float, float]
Detection = tuple[int, int, float, float, float]


def ranked(detections: Sequence[Detection], label: int) -> list[int]:
    """The detections of a label, best first."""
    own = [index for index, detection in enumerate(detections) if detection[1] == label]
    return sorted(own, key=lambda index: (detections[index][4], index), reverse=True)


def takes(truth: Sequence[Truth], detections: Sequence[Detection], threshold: float) -> dict[int, int]:
    """The truth that each true positive takes."""
    result: dict[int, int] = {}
    earliest = sorted(range(len(truth)), key=lambda index: truth[index][2:])
    for label in {t[1] for t in truth}:
        free = [index for index in earliest if truth[index][1] == label]
        for index in ranked(detections, label):
            reached = [t for t in free if _overlap(truth[t], detections[index]) >= threshold]
            if reached:
                result[index] = max(reached, key=lambda t: _overlap(truth[t], detections[index]))  # the first of equals
                free.remove(result[index])
    return result


def outcome(
    truth: Sequence[Truth], detection: Detection, *, is_true: bool, threshold: float, background: float = 0.1
) -> str:
    """What a detection is: true, or the first error that fits it."""
    if is_true:
        return "true positive"
    near = {t[1] for t in truth if _overlap(t, detection) >= threshold}
    if detection[1] in near:
        return "double detection"
    if near:
        return "wrong label"
    loose = {t[1] for t in truth if _overlap(t, detection) >= background}
    if detection[1] in loose:
        return "localization"
    return "confusion" if loose else "background"


def slices(truth: Sequence[Truth], detections: Sequence[Detection]) -> dict[int, int]:
    """k of each detection that is among the k-th G of its label, k up to 10, where G is the label's truths."""
    result: dict[int, int] = {}
    for label in {t[1] for t in truth}:
        count = sum(t[1] == label for t in truth)
        for k in range(1, 11):
            for index in ranked(detections, label)[(k - 1) * count : k * count]:
                result[index] = k
    return result


def mean_normalized_average_precision(
    truth: Sequence[Truth],
    detections: Sequence[Detection],
    took: dict[int, int],
    normalizer: float,
    *,
    of: Collection[int] | None = None,
    ignored: Collection[int] = (),
) -> float:
    """The mAP_N of the detections without the `ignored`, for all truths or those `of` a subset; nan for none.

    Detections that took a truth outside the subset do not count.
    """
    subset = set(range(len(truth)) if of is None else of)
    values = []
    for label in {truth[index][1] for index in subset}:
        truths = sum(truth[index][1] == label for index in subset)
        precisions: list[float] = []
        found = false = 0
        for index in ranked(detections, label):
            if index in ignored or (index in took and took[index] not in subset):
                continue
            if index not in took:
                false += 1
                continue
            found += 1
            recall = found / truths
            precisions.append(recall * normalizer / (recall * normalizer + false))
        values.append(sum(max(precisions[i:]) for i in range(found)) / truths)
    return sum(values) / len(values) if values else math.nan


def bin_of(value: float, edges: Sequence[float]) -> int:
    """The bin of a value: 0 up to the first edge, 1 up to the second, and so on."""
    return sum(value > edge for edge in edges)


def coverage(truth: Truth, durations: Sequence[float]) -> float:
    """The length of a truth over that of its video."""
    return (truth[3] - truth[2]) / durations[truth[0]]


def instances(truth: Sequence[Truth], one: Truth) -> int:
    """How many truths of its label the video of one of them has."""
    return sum(t[:2] == one[:2] for t in truth)


def _overlap(truth: Truth, detection: Detection) -> float:
    return tiou(truth[2:4], detection[2:4]) if truth[0] == detection[0] else 0.0
