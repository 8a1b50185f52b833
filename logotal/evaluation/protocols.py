"""Protocols: the rules by which a published number was computed, by name, and the evaluation under one of them.

Numbers of two protocols are never comparable: 212 or 211 test videos of THUMOS14 differ by more than a point.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from logotal.data.annotations import Annotations, VideoTruth
from logotal.errors import InputError, did_you_mean
from logotal.evaluation.average_precision import average_precision
from logotal.evaluation.detections import Segments, columns
from logotal.evaluation.recall import area_under_curve, average_recall, recall_at_multiples
from logotal.evaluation.result import Coverage, Result
from logotal.evaluation.truth import sift
from logotal.timeline import Timeline


def tiou_range(first: float, last: float, step: float) -> tuple[float, ...]:
    """Thresholds from `first` to `last`, both included, free of rounding noise.

    >>> tiou_range(0.3, 0.7, 0.1)
    (0.3, 0.4, 0.5, 0.6, 0.7)
    """
    return tuple(round(first + index * step, 4) for index in range(round((last - first) / step) + 1))


@dataclass(frozen=True)
class Protocol:
    """The rules of one evaluation.

    `averages` names the means over tIoU that are printed, and so the tIoU at all; `split` is None where the caller
    chooses. `duplicate_tolerance` and `minimum_duration` (seconds) decide which annotations count, see `truth.sift`.
    `recall_multiples` are the k of recall@kx, `average_numbers` the AN of AR@AN; empty to leave them out.
    """

    name: str
    description: str
    averages: Mapping[str, tuple[float, ...]]
    split: str | None = None
    excluded_videos: frozenset[str] = frozenset()
    duplicate_tolerance: float = 1e-3
    minimum_duration: float = 1e-3
    recall_multiples: tuple[int, ...] = (1, 5)
    average_numbers: tuple[int, ...] = (1, 5, 10, 100)

    def __post_init__(self) -> None:
        if not self.tious or min(self.tious) <= 0 or max(self.tious) > 1:
            raise ValueError(f"averages must name tIoU above 0 and at most 1, found {dict(self.averages)!r}")
        if min(self.recall_multiples + self.average_numbers, default=1) < 1:
            raise ValueError("recall_multiples and average_numbers must be at least 1")

    @property
    def tious(self) -> tuple[float, ...]:
        """All thresholds of the averages, rising."""
        return tuple(sorted({tiou for tious in self.averages.values() for tiou in tious}))


THUMOS_RANGE = {"0.3:0.7": tiou_range(0.3, 0.7, 0.1)}
ACTIVITYNET_RANGE = {"0.5:0.95": tiou_range(0.5, 0.95, 0.05)}

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "thumos14",
            "THUMOS14 as ActionFormer, TriDet and TemporalMaxer score it: all 212 videos of the split Test",
            THUMOS_RANGE,
            split="Test",
        ),
        Protocol(
            "thumos14-opentad",
            "THUMOS14 as OpenTAD scores it: 211 videos of the split Test, without the mis-annotated "
            "video_test_0000270 and video_test_0001292",
            THUMOS_RANGE,
            split="Test",
            excluded_videos=frozenset({"video_test_0000270", "video_test_0001292"}),
            minimum_duration=0.0,
        ),
        Protocol(
            "activitynet13",
            "ActivityNet-1.3 as ActionFormer and TriDet score it: every validation video of the annotation file "
            "(4,926 in the original one)",
            ACTIVITYNET_RANGE,
            split="validation",
        ),
        Protocol(
            "activitynet13-opentad",
            "ActivityNet-1.3 as OpenTAD scores it: the 4,728 validation videos that are not on the organizers' blocked "
            "list; give an annotation file that leaves those out, no list of ids is built in",
            ACTIVITYNET_RANGE,
            split="validation",
            minimum_duration=0.0,
        ),
        Protocol(
            "sbhar",
            "SBHAR on its own split: 9 validation people; not the leave-one-subject-out numbers of the literature",
            THUMOS_RANGE | {"0.3:0.95": (*tiou_range(0.3, 0.9, 0.1), 0.95)},
            split="validation",
        ),
        Protocol(
            "generic",
            "Any data set: the tIoU ranges of both THUMOS14 and ActivityNet, on the split that the caller names",
            THUMOS_RANGE | ACTIVITYNET_RANGE,
        ),
    )
}


def find_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        InputError: there is none; the message names the nearest.
    """
    if name not in PROTOCOLS:
        raise InputError(f"no protocol {name!r}; {did_you_mean(name, PROTOCOLS)}")
    return PROTOCOLS[name]


def evaluate(
    annotations: Annotations, timelines: Iterable[Timeline], protocol: Protocol, split: str | None = None
) -> Result:
    """What the detections in `timelines` score against the annotations under a protocol.

    `split` overrides the protocol's own, for a file that names its splits differently. A video of the split that has
    no timeline counts with all its truths missed.

    Raises:
        InputError: no such split, no truth in it, a video with two timelines, or a detection that is not finite.
    """
    timelines = list(timelines)
    _check_unique(timelines)
    split = split or protocol.split or _only_split(annotations, protocol)
    listed = annotations.split(split)
    scored = sorted((v for v in listed if v.id not in protocol.excluded_videos), key=lambda video: video.id)
    names, labels = [video.id for video in scored], annotations.labels
    truth, coverage = _truth(scored, labels, protocol)
    if not len(truth):
        raise InputError(f"{annotations.source}: no action to find in split {split!r} under {protocol.name!r}")
    detections = columns(timelines, names, labels)
    predictions = detections.take((detections.video >= 0) & (detections.label >= 0))
    curve = _curve(truth, predictions, protocol.average_numbers)
    return Result(
        protocol=protocol,
        split=split,
        labels=labels,
        average_precision=average_precision(truth, predictions, protocol.tious, len(labels)),
        recall=recall_at_multiples(
            truth, predictions, protocol.tious, protocol.recall_multiples, len(labels)
        ),
        average_recall={number: float(curve[number - 1]) for number in protocol.average_numbers},
        area_under_curve=area_under_curve(curve[:100]) if len(curve) else None,
        truth_counts=np.bincount(truth.label, minlength=len(labels)),
        prediction_counts=np.bincount(predictions.label, minlength=len(labels)),
        coverage=coverage,
    )
