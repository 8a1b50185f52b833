"""Fits the operating point of a model on videos that it has not learned from: overlap, calibration, thresholds, more.

In this order, each on what the step before leaves:

1. The largest overlap that is allowed: of a few, the one with which the best thresholds give the highest F1.
2. Platt's calibration of the scores of what then remains, with his targets: of P right and N wrong detections, the
   right ones are learned as (P + 1) / (P + 2), the wrong ones as 1 / (N + 2), so that few examples claim no certainty.
3. Thresholds with the highest F1 of each label, among all that make a difference, as if the label had `MORE` more
   actions that fare as those of all labels together do. What is best for a few actions alone is mostly chance.
4. Whether actions of other labels count as overlaps too: where that raises F1, labels exclude each other here.
5. The shortest duration and the gap within which pieces are joined, of each label, where they raise its F1 beyond
   noise (`fit_lengths`).

Thresholds lie halfway between the lowest score that is kept and the highest that is cut, where other videos' scores
may fall on either side.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from logotal.data.splits import group_of
from logotal.errors import InputError
from logotal.evaluation.detections import Bools, Floats, Ints
from logotal.evaluation.segment_f1 import Compared, Judged, SegmentF1, judge, segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.inference.calibration import Calibration, logit
from logotal.inference.operating_point import DEFAULT_MAX_OVERLAP, FittedOn, OperatingPoint
from logotal.inference.overlaps import without_overlaps
from logotal.timeline import Timeline
from logotal.training.fit_lengths import fit_lengths

OVERLAPS = (DEFAULT_MAX_OVERLAP, 0.75, 0.25, 1.0, 0.1, 0.0)
"""What is tried as the largest overlap; of equally good ones, the one named first is taken."""
SLOPES = (0.01, 100.0)
"""The slope of a calibration is held in between: scores rise with it, whatever they are worth."""
LEAST_RANGE = 1e-6
"""Logits that differ by no more say nothing about a slope."""
MORE = 300
"""Actions of all labels that each label borrows. Against 10, F1 in videos of which the threshold knows nothing rises by
0.5 on THUMOS14, 1.1 on 40 of its videos (four draws), 3.2 on SBHAR (linear); 80 to 1,000 are within 0.5 of that."""
WEAK = 1e3
"""Inverse strength of the regularization (scikit-learn's C): next to none."""


def fit_operating_point(
    truths: Sequence[VideoTruth],
    timelines: Sequence[Timeline],
    labels: Sequence[str],
    *,
    learned: Sequence[VideoTruth] = (),
    tiou: float = 0.5,
) -> OperatingPoint:
    """The operating point with the highest F1 on these videos.

    Args:
        truths: the videos, which the model should not have learned from.
        timelines: all that the model detected in them, with its own scores.
        labels: of the model.
        learned: the videos that the model has learned from; only how short their actions and gaps are counts.
        tiou: from which overlap with the truth a detection is right.

    Raises:
        InputError: there is nothing to fit on (no actions, no detections, none of them right), or a score is not
            between 0 and 1.
    """
    compared = Compared.of(truths, timelines, labels)
    _check(compared, timelines, labels)
    max_overlap, judged = _best_overlap(compared, tiou)
    if not judged.right.any():
        raise InputError(
            f"none of the {len(judged.right)} detections is right at tIoU {tiou:g}, so no threshold is better than "
            "another; train longer, or lower the tIoU"
        )
    calibration, notes = fit_calibration(judged.score, judged.right)
    score = calibration.of(judged.score)
    cuts = _cuts(judged, score)
    own = dict(zip(labels, cuts.own.tolist(), strict=True))
    point = OperatingPoint(cuts.overall, own, max_overlap, calibration, notes=notes)

    def f1(point: OperatingPoint) -> float:
        return segment_f1(truths, [point.apply(timeline) for timeline in timelines], labels, tiou).micro.f1

    point = max(point, replace(point, across_labels=True), key=f1)  # of equal ones the first
    shown = [point.apply(timeline) for timeline in timelines]
    lengths = fit_lengths(truths, shown, labels, learned=learned, tiou=tiou)
    point = replace(point, shortest=lengths.shortest, gap=lengths.gap)
    fitted_on = FittedOn(
        split=", ".join(dict.fromkeys(video.split for video in truths)),
        videos=len(truths),
        actions=int(judged.truth_counts.sum()),
        tiou=tiou,
        f1=f1(point),
    )
    return replace(point, fitted_on=fitted_on)


def cross_fitted_f1(
    truths: Sequence[VideoTruth],
    timelines: Sequence[Timeline],
    labels: Sequence[str],
    *,
    learned: Sequence[VideoTruth] = (),
    tiou: float = 0.5,
) -> SegmentF1 | None:
    """What F1 to expect on other videos: each half of them at the operating point that fits the other half best.

    Groups of videos stay whole. None where a half has too little to fit on.

    Raises:
        InputError: a tIoU that is none, a video with two timelines, or a detection that is not finite.
    """
    every_other = set(sorted({group_of(video) for video in truths})[1::2])
    parts = [{video.id for video in truths if (group_of(video) in every_other) == half} for half in (False, True)]
    shown = cross_fitted(truths, timelines, labels, parts, learned=learned, tiou=tiou)
    return None if shown is None else segment_f1(truths, shown, labels, tiou)


def cross_fitted(
    truths: Sequence[VideoTruth],
    timelines: Sequence[Timeline],
    labels: Sequence[str],
    parts: Sequence[Collection[str]],
    *,
    learned: Sequence[VideoTruth] = (),
    tiou: float = 0.5,
) -> list[Timeline] | None:
    """What would be shown of each part of the videos at the operating point that fits the other parts best.

    None where these have too little to fit on.
    """
    found = {timeline.video: timeline for timeline in timelines}
    shown: list[Timeline] = []
    for part in parts:
        fitted = [video for video in truths if video.id not in part]
        known = [found[video.id] for video in fitted if video.id in found]
        try:
            point = fit_operating_point(fitted, known, labels, learned=learned, tiou=tiou)
        except InputError:
            return None
        shown += [point.apply(found[video.id]) for video in truths if video.id in part and video.id in found]
    return shown


def fit_calibration(score: Floats, right: Bools) -> tuple[Calibration, tuple[str, ...]]:
    """Platt's calibration of N > 0 scores to whether they are right, and sentences about what it could not learn."""
    x, wrong = logit(score), len(right) - int(right.sum())
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / (wrong + 2))
    if not 0 < wrong < len(right) or np.ptp(x) <= LEAST_RANGE:
        note = "calibration: all detections are alike (all right, all wrong, or of one score), so it only shifts them"
        return Calibration(1.0, _intercept(x, target)), (note,)
    slope, intercept = _logistic_regression(x, target)
    if SLOPES[0] <= slope <= SLOPES[1]:
        return Calibration(slope, intercept), ()
    held = float(np.clip(slope, *SLOPES))
    note = f"calibration: a slope of {slope:.3g} was fitted and {held:g} taken, so that scores rise and stay apart"
    if slope < SLOPES[0]:
        note += "; higher scores are hardly ever right more often here: do not rely on them"
    return Calibration(held, _intercept(held * x, target)), (note,)


def _logistic_regression(x: Floats, target: Floats) -> tuple[float, float]:
    """Slope and intercept that make targets (N,) between 0 and 1 most likely: each is learned as a 1 and as a 0."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes a second to load

    middle, scale = x.mean(), x.std()
    column = np.tile((x - middle) / scale, 2)[:, None]
    classes = np.repeat([1, 0], len(x))
    model = LogisticRegression(C=WEAK, solver="newton-cholesky", max_iter=1000)
    model.fit(column, classes, sample_weight=np.concatenate([target, 1 - target]))
    slope = float(model.coef_[0, 0] / scale)
    return slope, float(model.intercept_[0] - slope * middle)


def _intercept(x: Floats, target: Floats) -> float:
    """The shift of logits (N,) at which their mean probability is the mean target, by bisection."""
    low, high = -x.max() - 50.0, -x.min() + 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if (0.5 + 0.5 * np.tanh((x + middle) / 2)).mean() < target.mean():
            low = middle
        else:
            high = middle
    return float((low + high) / 2)


def _check(compared: Compared, timelines: Sequence[Timeline], labels: Sequence[str]) -> None:
    """Raises an InputError where there is nothing to fit on."""
    if not len(compared.truth):
        raise InputError("an operating point needs actions to be found; these videos have none of the model's labels")
    if not len(compared.predictions):
        found = sorted({action.label for timeline in timelines for action in timeline})
        what = f"only of the labels {', '.join(found[:5])}; expected {', '.join(labels[:5])}" if found else "none"
        raise InputError(f"an operating point needs detections in the videos with annotations; found {what}")


def _best_overlap(compared: Compared, tiou: float) -> tuple[float, Judged]:
    """The largest overlap that gives the highest F1, and what remains with it."""
    rows = compared.predictions
    group = rows.video * compared.num_labels + rows.label
    best: tuple[float, float, Judged] | None = None
    for max_overlap in OVERLAPS:
        kept = without_overlaps(rows.segment, rows.score, group, max_overlap)
        judged = judge(compared.only(kept), tiou)
        f1 = _cuts(judged, judged.score).f1
        if best is None or f1 > best[0] + 1e-9:
            best = f1, max_overlap, judged
    assert best is not None  # OVERLAPS is not empty
    return best[1:]


@dataclass(frozen=True, eq=False)
class Cuts:
    """Thresholds: `own` (number of labels,), the `overall` one of all labels together; and the F1 with the former."""

    own: Floats
    overall: float
    f1: float


def _cuts(judged: Judged, score: Floats) -> Cuts:
    """The best thresholds on scores (N,) that rise with `judged.score`; any of them may be that of any label.

    F1 is highest where the last that is kept is right, or as sure as one that is: nowhere else is looked.
    """
    truths, actions = judged.truth_counts, int(judged.truth_counts.sum())
    order = np.argsort(-score, kind="stable")
    falling, found = score[order], np.cumsum(judged.right[order], dtype=np.int64)
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))  # a threshold keeps all of equal scores
    places = ends[np.diff(found[ends], prepend=0) > 0] if judged.right.any() else ends[:1]
    lowest, hits, shown = falling[places], found[places], places + 1
    next_lower = np.append(falling, 0.0)[places + 1]
    halfway = (lowest + next_lower) / 2
    thresholds = np.where((next_lower < halfway) & (halfway <= lowest), halfway, lowest)
    borrowed, own = MORE / actions, np.empty(len(truths))
    all_shown = all_hits = 0
    bounds = np.searchsorted(judged.label, np.arange(len(truths) + 1))
    for label, (first, stop) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        kept = np.searchsorted(-score[first:stop], -lowest, side="right")  # of the label, down to each place
        right = np.append(0, np.cumsum(judged.right[first:stop], dtype=np.int64))[kept]
        best = _highest_f1(right + borrowed * hits, kept + borrowed * shown, int(truths[label]) + MORE)
        own[label] = thresholds[best]
        all_shown, all_hits = all_shown + int(kept[best]), all_hits + int(right[best])
    overall = float(thresholds[_highest_f1(hits, shown, actions)])
    return Cuts(own, overall, 2 * all_hits / (all_shown + actions))


def _highest_f1(hits: Floats | Ints, shown: Floats | Ints, truths: int) -> int:
    """At which of some places F1 is highest: `hits` are how many are right there, of so many `shown`."""
    return int(np.argmax(2 * hits / (shown + truths)))
