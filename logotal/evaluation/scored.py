"""What a protocol compares: the truths that count and the predictions that are scored, as columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logotal.evaluation.detections import Segments, columns
from logotal.evaluation.ignored import Span, uncounted
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
    `proposals` are those of a known video and any label, known or not, without those in ignored spans that take no
    truth of any label: what recall whatever the label is computed on.
    `sifted` is what became of the annotated actions of each video, in the order of the file.
    """

    sifted: Mapping[str, SiftedActions]
    truths: tuple[Timeline, ...]
    truth: Segments
    predictions: Segments
    proposals: Segments
    in_ignored: int


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
    proposals = predictions.take(predictions.video >= 0)
    spans = [videos[name].ignored for name in names]
    predictions, in_ignored = _counted(truth, proposals.take(proposals.label >= 0), spans, protocol)
    return Scored(
        sifted=sifted,
        truths=truths,
        truth=truth,
        predictions=predictions,
        proposals=_counted(truth.without_labels(), proposals.without_labels(), spans, protocol)[0],
        in_ignored=in_ignored,
    )


def _counted(
    truth: Segments, predictions: Segments, spans: Sequence[Sequence[Span]], protocol: "Protocol"
) -> tuple[Segments, int]:
    """The predictions that count, and how many do not because they lie in ignored spans."""
    ignored = uncounted(truth, predictions, spans, protocol.tious)
    return predictions.take(~ignored) if ignored.any() else predictions, int(ignored.sum())
