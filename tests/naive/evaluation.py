"""tIoU, average precision and recall as the field computes them, one prediction at a time.

A truth is (video, start, end), a prediction (video, start, end, score). Everything but `average_recall` looks
at one class: the caller selects it, and takes the mean over the classes that occur in the truth.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

Segment = tuple[float, float]
Truth = tuple[str, float, float]
Prediction = tuple[str, float, float, float]


def tiou(a: Segment, b: Segment) -> float:
    """Temporal intersection over union of two (start, end); 0 where the union has no length."""
    intersection = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    union = (a[1] - a[0]) + (b[1] - b[0]) - intersection
    return intersection / union if union > 0 else 0.0


def ignored_share(segment: Segment, spans: Sequence[Segment]) -> float:
    """The part of a segment that lies in any of the spans; a segment without length is in one (1) or in none (0).

    Between two neighbors among all the boundaries, a piece lies in a span as a whole or not at all.
    """
    start, end = segment
    if end == start:
        return float(any(a <= start <= b for a, b in spans))
    cuts = sorted({start, end, *(x for span in spans for x in span if start < x < end)})
    inside = 0.0
    for a, b in pairwise(cuts):
        if any(first <= a and b <= last for first, last in spans):
            inside += b - a
    return inside / (end - start)


def average_precision(truth: Sequence[Truth], predictions: Sequence[Prediction], threshold: float) -> float:
    """Interpolated average precision of one class at one tIoU threshold; nan without truth.

    The rule of ActionFormer and its descendants: the predictions of all videos by falling score; each takes
    the truth of its video with the highest tIoU that no earlier prediction took, if that tIoU is at least
    `threshold`, and is a false positive otherwise. Of equal scores the later in the list comes first;
    of equal tIoU the truth listed first is taken. This rule gives the published mAP of ActionFormer on
    THUMOS14.
    """
    if not truth:
        return math.nan
    taken: set[int] = set()
    hits: list[bool] = []
    for video, start, end, _ in _by_falling_score(predictions):
        best, best_tiou = None, -1.0
        for index, (truth_video, truth_start, truth_end) in enumerate(truth):
            if truth_video != video or index in taken:
                continue
            overlap = tiou((start, end), (truth_start, truth_end))
            if overlap >= threshold and overlap > best_tiou:
                best, best_tiou = index, overlap
        if best is not None:
            taken.add(best)
        hits.append(best is not None)
    return _area_under_envelope(hits, len(truth))


def _area_under_envelope(hits: Sequence[bool], truths: int) -> float:
    """Area under the highest precision that is reached at each recall or a greater one."""
    precision: list[float] = []
    found = 0
    for rank, hit in enumerate(hits, start=1):
        found += hit
        precision.append(found / rank)
    area, envelope = 0.0, 0.0
    for rank in reversed(range(len(hits))):
        envelope = max(envelope, precision[rank])
        if hits[rank]:  # recall grows by one truth here, and nowhere else
            area += envelope / truths
    return area


def recall_at(truth: Sequence[Truth], predictions: Sequence[Prediction], threshold: float, k: int) -> float:
    """Recall@kx of one class at one tIoU threshold; nan without truth.

    In each video only the k * (its number of truths) predictions of this class with the highest scores count.
    A truth is recalled if any of those has a tIoU of at least `threshold` with it: no locking, one prediction
    may recall several truths. The recall of a class is over its truths in all videos, and the published
    figure is the mean over classes.

    This reading gives every printed recall of ActionFormer on THUMOS14 (recall@1x 83.73 at tIoU 0.3).
    One-to-one matching gives 83.33 there, and pooling the truths of all classes 87.31.
    """
    if not truth:
        return math.nan
    recalled = 0
    for video in _videos(truth):
        truths = [(start, end) for name, start, end in truth if name == video]
        ranked = _by_falling_score([p for p in predictions if p[0] == video])[: k * len(truths)]
        recalled += _recalled(truths, ranked, threshold)
    return recalled / len(truth)


def average_recall(
    truth: Sequence[Truth],
    predictions: Sequence[Prediction],
    thresholds: Sequence[float],
    average_number: float,
) -> float:
    """AR@AN: mean over `thresholds` of the recall with `average_number` proposals per video on average.

    The proposal task of ActivityNet: labels are ignored. With V videos that hold a truth and N proposals in
    all (those of videos without a truth included), a video with n proposals keeps the floor(n * AN * V / N)
    with the highest scores, at most n. A truth is recalled if any of them reaches the threshold; recall is
    over the truths of all videos. It is the last point of the official kit's curve when AN is its maximum;
    its earlier points floor a second time and may keep fewer. The kit floors n * (AN * V / N) in floating
    point, which can lose a proposal where the product is whole; here the single division comes last, so a
    whole number stays whole.

    Without truth the result is nan; without proposals 0.
    """
    if not truth:
        return math.nan
    videos = _videos(truth)
    recalled = 0
    for video in videos:
        truths = [(start, end) for name, start, end in truth if name == video]
        ranked = _by_falling_score([p for p in predictions if p[0] == video])
        if not ranked:
            continue
        kept = math.floor(len(ranked) * average_number * len(videos) / len(predictions))
        for threshold in thresholds:
            recalled += _recalled(truths, ranked[:kept], threshold)
    return recalled / len(truth) / len(thresholds)


def _recalled(truths: Sequence[Segment], predictions: Sequence[Prediction], threshold: float) -> int:
    """How many truths of one video overlap any of its predictions by at least `threshold`."""
    return sum(any(tiou(segment, (p[1], p[2])) >= threshold for p in predictions) for segment in truths)


def _by_falling_score(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions by falling score, of equal scores the later in the list first."""
    return sorted(predictions, key=lambda p: p[3])[::-1]


def _videos(truth: Sequence[Truth]) -> list[str]:
    """The videos that hold a truth, in order of first appearance."""
    return list(dict.fromkeys(video for video, _, _ in truth))
