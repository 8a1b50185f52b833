"""Evaluation: what detections score against annotations, by the rules of a protocol."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter

import numpy as np

from logotal.errors import InputError
from logotal.evaluation.average_precision import average_precision
from logotal.evaluation.protocols import Protocol
from logotal.evaluation.recall import area_under_curve, average_recall, recall_at_multiples
from logotal.evaluation.result import Coverage, Result
from logotal.evaluation.scored import Scored, scored
from logotal.evaluation.tiou import overlapping_pairs
from logotal.evaluation.truth import ends_after
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Timeline


def evaluate(
    annotations: Annotations, timelines: Iterable[Timeline], protocol: Protocol, split: str | None = None
) -> Result:
    """What the detections in `timelines` score against the annotations under a protocol.

    `split` overrides the protocol's own, for a file that names its splits differently. A video of the split that has
    no timeline counts with all its truths missed. What does not enter the numbers is listed in `Result.coverage`.

    Raises:
        InputError: no such split, no truth in it (a protocol with a measure may do without), a video with two
            timelines, or a detection that is not finite.
    """
    timelines = list(timelines)
    split = split or protocol.split or _only_split(annotations)
    compared, labels = scored(annotations, timelines, protocol, split), annotations.labels
    truth, predictions = compared.truth, compared.predictions
    if not len(truth) and protocol.measure is None:
        raise InputError(f"{annotations.source}: expected actions in split {split!r}, found none that count as truth")
    pairs = overlapping_pairs(truth, predictions.ranked, min(protocol.tious))  # once for precision and recall
    curve = average_recall(truth, compared.proposals) if protocol.average_numbers else None
    return Result(
        protocol=protocol,
        split=split,
        labels=labels,
        average_precision=average_precision(truth, predictions, protocol.tious, len(labels), pairs=pairs),
        recall=recall_at_multiples(
            truth, predictions, protocol.tious, protocol.recall_multiples, len(labels), pairs=pairs
        ),
        average_recall={} if curve is None else {n: float(curve[n - 1]) for n in protocol.average_numbers},
        area_under_curve=None if curve is None else area_under_curve(curve),
        truth_counts=np.bincount(truth.label, minlength=len(labels)),
        prediction_counts=np.bincount(predictions.label, minlength=len(labels)),
        coverage=_coverage(annotations.split(split), compared, timelines, labels),
    )


def _only_split(annotations: Annotations) -> str:
    splits = annotations.splits()
    if len(splits) != 1:
        found = ", ".join(map(repr, splits)) or "none"
        raise InputError(f"{annotations.source}: expected the name of the split to score, the file has {found}")
    return splits[0]


def _coverage(
    listed: Sequence[VideoTruth],
    compared: Scored,
    timelines: Sequence[Timeline],
    labels: Sequence[str],
) -> Coverage:
    sifted = compared.sifted
    detected: Counter[str] = Counter()
    for timeline in timelines:
        if timeline.video in detected:
            raise InputError(f"video {timeline.video!r}: expected one timeline, found two; join or remove one")
        detected[timeline.video] = len(timeline)
    in_split = chain.from_iterable(timeline.actions for timeline in timelines if timeline.video in sifted)
    unknown = Counter(map(attrgetter("label"), in_split))  # without a line of Python per action
    for label in labels:
        unknown.pop(label, None)
    return Coverage(
        videos=len(sifted),
        excluded=tuple(video.id for video in listed if video.id not in sifted),
        duplicates=tuple((name, action) for name, found in sifted.items() for action in found.duplicates),
        degenerate=tuple((name, action) for name, found in sifted.items() for action in found.degenerate),
        outside=tuple((name, action) for name, found in sifted.items() for action in found.outside),
        cut=tuple((each.video, a) for each in compared.truths for a in each if ends_after(a, each.duration)),
        without_detections=tuple(name for name in sifted if not detected[name]),
        not_in_split={name: count for name, count in detected.items() if count and name not in sifted},
        unknown_labels=dict(unknown.most_common()),
        in_ignored=compared.in_ignored,
    )
