"""What a protocol compares: the truths that count and the predictions that are scored, as columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from logotal.data.annotations import Annotations
from logotal.evaluation.detections import Segments, columns
from logotal.evaluation.protocols import Protocol
from logotal.evaluation.truth import sift
from logotal.timeline import Timeline


@dataclass(frozen=True, eq=False)
class Scored:
    """The scored videos of a split: what counts as truth in each, in alphabetical order, and the same as columns.

    Columns refer to videos by their place in `truths`, to labels by class index; `predictions` are those of a known
    video and label.
    """

    truths: tuple[Timeline, ...]
    truth: Segments
    predictions: Segments


def scored(annotations: Annotations, timelines: Iterable[Timeline], protocol: Protocol, split: str) -> Scored:
    """What `protocols.evaluate` compares under a protocol.

    Raises:
        InputError: no such split, or a detection that is not finite.
    """
    truths = []
    for video in sorted(annotations.split(split), key=lambda video: video.id):
        if video.id not in protocol.excluded_videos:
            counted = sift(
                video.actions,
                duplicate_tolerance=protocol.duplicate_tolerance,
                minimum_duration=protocol.minimum_duration,
                duration=video.duration if protocol.inside_video else None,
            )
            truths.append(Timeline(video.id, counted.kept, video.duration))
    names = [truth.video for truth in truths]
    predictions = columns(timelines, names, annotations.labels)
    return Scored(
        truths=tuple(truths),
        truth=columns(truths, names, annotations.labels),
        predictions=predictions.take((predictions.video >= 0) & (predictions.label >= 0)),
    )
