"""What a protocol compares: the truths that count and the predictions that are scored, as columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logotal.evaluation.detections import Segments, columns
from logotal.evaluation.ignored import uncounted
from logotal.evaluation.truth import SiftedActions, sift
from logotal.formats.annotations import Annotations
from logotal.timeline import Timeline

if TYPE_CHECKING:
    from logotal.evaluation.protocols import Protocol


@dataclass(frozen=True, eq=False)
class Scored:
    """The scored videos of a split: what counts as truth in each, in alphabetical order, and the same as columns.

    Columns refer to videos by their place in `truths`, to labels by class index; `predictions` are those of a known
    video and label, without the number `in_ignored` that lie in ignored spans and take no truth (see `Protocol`).
    `sifted` is what became of the annotated actions of each video, in the order of the file.
    """

    sifted: Mapping[str, SiftedActions]
    truths: tuple[Timeline, ...]
    truth: Segments
    predictions: Segments
    in_ignored: int = 0


def scored(annotations: Annotations, timelines: Iterable[Timeline], protocol: "Protocol", split: str) -> Scored:
    """What is compared under a protocol.

    Raises:
        InputError: no such split, or a detection that is not finite.
    """
    videos = {video.id: video for video in annotations.split(split) if video.id not in protocol.excluded_videos}
    sifted = {
        name: sift(
            video.actions,
            duplicate_tolerance=protocol.duplicate_tolerance,
            minimum_duration=protocol.minimum_duration,
            duration=video.duration if protocol.inside_video else None,
        )
        for name, video in videos.items()
    }
    names = sorted(sifted)
    truths = tuple(Timeline(name, sifted[name].kept, videos[name].duration) for name in names)
    truth, predictions = (columns(listed, names, annotations.labels) for listed in (truths, timelines))
    predictions = predictions.take((predictions.video >= 0) & (predictions.label >= 0))
    ignored = uncounted(truth, predictions, [videos[name].ignored for name in names], protocol.tious)
    return Scored(
        sifted=sifted,
        truths=truths,
        truth=truth,
        predictions=predictions.take(~ignored) if ignored.any() else predictions,
        in_ignored=int(ignored.sum()),
    )
