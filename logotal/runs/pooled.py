"""What pooled detections score, with intervals over videos: by the protocol, and as moments where labels are such."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from logotal.data.splits import group_of
from logotal.errors import InputError
from logotal.evaluation.bootstrap import Interval, interval
from logotal.evaluation.by_label import LabelFate, fates
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.moments import TIOU, found_moments, moments_of, true_moments
from logotal.evaluation.protocols import Protocol, find_protocol
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Timeline
from logotal.training.fit_operating_point import cross_fitted

TOLERANCES = (0.5, 0.25)
"""Seconds within which moments count."""


@dataclass(frozen=True)
class Row:
    """A measure of all pooled detections; F1 by thresholds of the other folds, nan where these have too little."""

    name: str
    mean_average_precision: Interval
    f1: Interval

    def cells(self) -> list[str]:
        """The two numbers for a table."""
        return [str(self.mean_average_precision), str(self.f1)]

    def to_json(self) -> dict[str, dict[str, float | None]]:
        """Both with their intervals, as fractions; null for what has no value."""
        return {"mAP": _without_nan(self.mean_average_precision), "F1": _without_nan(self.f1)}


def decisive(rows: Sequence[Row]) -> Row:
    """The row that says most: labels without length are moments."""
    return rows[min(1, len(rows) - 1)]


def _without_nan(found: Interval) -> dict[str, float | None]:
    return {key: None if math.isnan(value) else value for key, value in vars(found).items()}


def score_pooled(
    truth: Annotations,
    timelines: Sequence[Timeline],
    parts: Sequence[Collection[str]],
    *,
    protocol: str,
    moments: bool,
) -> tuple[Row, ...]:
    """The measures of what was detected in videos by networks that have not seen them.

    Args:
        truth: of the videos, all in one split.
        timelines: what was detected in them.
        parts: the videos that each network has detected in.
        protocol: the name of a protocol.
        moments: whether the middles of actions are scored too.
    """
    of_spans = _row(find_protocol(protocol), truth, timelines, parts)
    rows = [replace(of_spans, name=f"tIoU {of_spans.name}, F1 at {TIOU:g}")]
    for tolerance in TOLERANCES if moments else ():
        middles = {name: true_moments(video, tolerance) for name, video in truth.videos.items()}
        found = [found_moments(line, tolerance) for line in timelines]
        rows.append(_row(moments_of(tolerance), replace(truth, videos=middles), found, parts))
    return tuple(rows)


def score_labels(
    truth: Annotations, timelines: Sequence[Timeline], parts: Sequence[Collection[str]], *, moments: bool
) -> tuple[LabelFate, ...]:
    """How each label fares, as shown by thresholds of the other folds; nothing where these have too little.

    Args:
        truth: of the videos, all in one split.
        timelines: what was detected in them.
        parts: the videos that each network has detected in.
        moments: whether the middles of actions count.
    """
    videos, lines = tuple(truth.videos.values()), list(timelines)
    if moments:
        videos = tuple(true_moments(video, TOLERANCES[0]) for video in videos)
        lines = [found_moments(line, TOLERANCES[0]) for line in lines]
    shown = cross_fitted(videos, lines, truth.labels, parts, tiou=TIOU)
    return () if shown is None else fates(videos, shown, truth.labels, TIOU)


def _row(
    protocol: Protocol,
    truth: Annotations,
    timelines: Sequence[Timeline],
    parts: Sequence[Collection[str]],
) -> Row:
    """What the first average of a protocol is, by the name of the average, and F1."""
    average, videos = next(iter(protocol.averages)), tuple(truth.videos.values())
    plain = replace(protocol, recall_multiples=(), average_numbers=(), measure=None)
    groups = [group_of(video) for video in videos]

    def mean_average_precision(some: Sequence[VideoTruth], lines: Sequence[Timeline]) -> float:
        drawn = replace(truth, videos={video.id: video for video in some})
        try:
            return float(evaluate(drawn, lines, plain, truth.splits()[0]).averages[average])
        except InputError:  # no action among them
            return math.nan

    def f1(some: Sequence[VideoTruth], lines: Sequence[Timeline]) -> float:
        return segment_f1(some, lines, truth.labels, TIOU).micro.f1

    shown = cross_fitted(videos, timelines, truth.labels, parts, tiou=TIOU)
    of_shown = Interval(math.nan, math.nan, math.nan) if shown is None else interval(videos, shown, f1, groups)
    return Row(average, interval(videos, timelines, mean_average_precision, groups), of_shown)
