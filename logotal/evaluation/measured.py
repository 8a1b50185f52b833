"""Measures of neighbouring fields: what they are given by a protocol, and what they find.

A measure is a frozen dataclass that is called with a `Given`; `Protocol.measure` holds it, and nothing asks for its
name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from logotal.evaluation.ignored import SHARE, ignored_share
from logotal.formats.annotations import VideoTruth
from logotal.tables import Table
from logotal.timeline import Action, Timeline
from logotal.words import percent


@dataclass(frozen=True)
class Given:
    """The scored videos with their truth, and two timelines of each: all that was detected, and what would be shown.

    Nothing but known labels occurs, and no detection that lies mostly within ignored spans and meets no truth of its
    label. Truths are as annotated: none is dropped for being short or a duplicate.
    """

    videos: tuple[VideoTruth, ...]
    detected: tuple[Timeline, ...]
    shown: tuple[Timeline, ...]
    labels: tuple[str, ...]
    shown_by: str
    """The rule by which actions would be shown, in words."""

    @classmethod
    def of(
        cls,
        videos: Sequence[VideoTruth],
        detected: Iterable[Timeline],
        shown: Iterable[Timeline],
        labels: Sequence[str],
        shown_by: str,
    ) -> Self:
        """What is known of the given videos; a video without a timeline has an empty one."""
        seen, sure = (_of_each(videos, timelines, labels) for timelines in (detected, shown))
        return cls(tuple(videos), seen, sure, tuple(labels), shown_by)

    def pairs(self) -> Iterator[tuple[VideoTruth, Timeline]]:
        """Each video with what would be shown of it."""
        return zip(self.videos, self.shown, strict=True)


def _of_each(
    videos: Sequence[VideoTruth], timelines: Iterable[Timeline], labels: Sequence[str]
) -> tuple[Timeline, ...]:
    found, known = {timeline.video: timeline for timeline in timelines}, frozenset(labels)
    return tuple(_counted(video, found.get(video.id, Timeline(video.id)), known) for video in videos)


def _counted(video: VideoTruth, line: Timeline, labels: frozenset[str]) -> Timeline:
    kept = [action for action in line if action.label in labels]
    if video.ignored:
        spans = np.array([(action.start, action.end) for action in kept], np.float64).reshape(-1, 2)
        shares = ignored_share(spans, video.ignored)
        kept = [
            a for a, share in zip(kept, shares, strict=True) if share < SHARE or any(_meet(a, t) for t in video.actions)
        ]
    return replace(line, actions=tuple(kept))


def _meet(action: Action, truth: Action) -> bool:
    return action.label == truth.label and action.start <= truth.end and truth.start <= action.end


@dataclass(frozen=True)
class Measured:
    """What a measure found, as fractions by name: of all, and of each label where its field has that.

    >>> print(Measured({"edit": 0.5, "F1@50": 0.25}, by="frames at 15 fps").tables("segmentation")[0])
    segmentation
    in percent, frames at 15 fps
    measure    all
    edit     50.00
    F1@50    25.00

    Attributes:
        numbers: the measure, and what belongs to it.
        by: how detections became what was compared, in words.
        labels: some of the numbers by label.
        notes: what one should know about them, in sentences.
    """

    numbers: Mapping[str, float]
    by: str
    labels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def tables(self, title: str, *, per_label: bool = False) -> list[Table]:
        """A row for each number, in percent; with `per_label`, one for each label too."""
        rows = [["measure", "all"], *([name, percent(value)] for name, value in self.numbers.items())]
        found = [Table(rows, f"{title}\nin percent, {self.by}")]
        if per_label and self.labels:
            header = ["label", *next(iter(self.labels.values()))]
            found.append(Table([header, *([name, *map(percent, row.values())] for name, row in self.labels.items())]))
        return found

    def to_json(self) -> dict[str, Any]:
        """All of it, in types that JSON has."""
        labels = {name: dict(row) for name, row in self.labels.items()}
        return {"numbers": dict(self.numbers), "by": self.by, "labels": labels, "notes": list(self.notes)}


Measure = Callable[[Given], Measured]
