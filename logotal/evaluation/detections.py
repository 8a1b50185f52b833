"""Segments in columns, which all of the evaluation computes on, and the reader of detection files.

A detection file is an ActivityNet submission; other keys than these are allowed beside them:

    {"results": {"video_1": [{"label": "jump", "score": 0.81, "segment": [3.2, 5.9]}]}}
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, RootModel, with_config
from typing_extensions import TypedDict

from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import STRICT, Each, Listed, Segment, parsed_model
from logotal.timeline import Action, Timeline

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Segments:
    """N actions of any number of videos, one column per property.

    `video` (N,) and `label` (N,) are indices, -1 where unknown; `segment` (N, 2) is start and end in seconds;
    `score` (N,) is 1 in a truth.
    """

    video: Ints
    label: Ints
    segment: Floats
    score: Floats

    def __post_init__(self) -> None:
        found = (self.video.shape, self.label.shape, self.segment.shape, self.score.shape)
        if found != ((len(self),), (len(self),), (len(self), 2), (len(self),)):
            raise ValueError(f"expected columns of shapes (N,), (N,), (N, 2), (N,), found {found}")

    def __len__(self) -> int:
        return len(self.video)

    def take(self, rows: Ints | Bools) -> "Segments":
        """The segments of the given rows (indices in the wanted order, or a mask)."""
        return Segments(self.video[rows], self.label[rows], self.segment[rows], self.score[rows])

    def without_labels(self) -> "Segments":
        """The same segments as if there were one class."""
        return Segments(self.video, np.zeros_like(self.label), self.segment, self.score)

    @cached_property
    def ranked(self) -> "Segments":
        """The segments by label, then falling score; among equal scores the later row comes first.

        That is how the lineage ranks (`argsort()[::-1]`); only there does the order of the rows matter.
        """
        return self.take(self.ranking)

    @property
    def ranking(self) -> Ints:
        """The rows in the order of `ranked` (N,)."""
        # Stable, and so on reversed columns; labels of two bytes are sorted in linear time.
        by_score = np.argsort(-self.score[::-1], kind="stable")
        label = self.label[::-1][by_score]
        short = label.astype(np.int16) if label.max(initial=0) < 2**15 else label
        return len(self) - 1 - by_score[np.argsort(short, kind="stable")]


def columns(timelines: Iterable[Timeline], videos: Sequence[str], labels: Sequence[str]) -> Segments:
    """The actions of all timelines as columns, in their order; -1 where a video or label is not in the lists.

    Raises:
        InputError: a time or score is not finite, or an action ends before it starts; the message names the video.
    """
    timelines = list(timelines)
    actions = [action for timeline in timelines for action in timeline.actions]
    video_index = {video: index for index, video in enumerate(videos)}
    label_index = {label: index for index, label in enumerate(labels)}
    lengths = [len(timeline) for timeline in timelines]
    indices = [video_index.get(timeline.video, -1) for timeline in timelines]
    video = np.repeat(np.array(indices, np.int64), np.array(lengths, np.int64))
    # Without a line of Python per action: there may be half a million.
    label = np.fromiter(map(label_index.get, map(attrgetter("label"), actions), repeat(-1)), np.int64, len(actions))
    start, end, score = (
        np.fromiter(map(attrgetter(name), actions), np.float64, len(actions)) for name in ("start", "end", "score")
    )
    sound = np.isfinite(start) & np.isfinite(end) & np.isfinite(score) & (start <= end)
    if not sound.all():
        row = int(np.argmin(sound))
        owner = timelines[int(np.searchsorted(np.cumsum(lengths), row, side="right"))].video
        raise InputError(f"video {owner!r}: expected finite times in order and a finite score, found {actions[row]}")
    return Segments(video, label, np.stack([start, end], axis=1), score)


@with_config(STRICT)
class DetectionEntry(TypedDict):
    """A detection of a file."""

    label: Annotated[str | int, Field(description="a name")]
    score: Annotated[float, Field(allow_inf_nan=False, description="a finite number")]
    segment: Segment


class DetectionFile(BaseModel):
    """What a detection file holds."""

    model_config = STRICT

    results: Annotated[dict[str, Any], Field(description="an object of videos")]


class VideoDetections(
    RootModel[Annotated[Listed[DetectionEntry], Each("detection"), Field(description="a list of detections")]]
):
    """What a detection file holds of one video."""

    model_config = ConfigDict(strict=True)


def read_detections(path: str | Path, labels: Sequence[str] | None = None) -> list[Timeline]:
    """One timeline per video of an ActivityNet submission file (.json or .json.gz), in the file's order.

    `labels` gives the names of labels that the file writes as class indices.

    Raises:
        InputError: the file, the video, the detection and the key that are not as expected.
    """
    path = Path(path)
    file = parsed_model(read_json(path), path, DetectionFile)
    return [
        Timeline(video, _actions(listed, labels, f"{path}: video {video!r}")) for video, listed in file.results.items()
    ]


def _actions(listed: object, labels: Sequence[str] | None, where: str) -> tuple[Action, ...]:
    entries = parsed_model(listed, where, VideoDetections).root
    return tuple(_action(entry, labels, f"{where}, detection {i}") for i, entry in enumerate(entries))


def _action(entry: DetectionEntry, labels: Sequence[str] | None, where: str) -> Action:
    label, (start, end) = entry["label"], entry["segment"]
    if end < start:
        raise InputError(f"{where}: ends before it starts, found [{start:g}, {end:g}]; swap or remove it")
    if not isinstance(label, str):
        label = _label_name(label, labels, where)
    return Action(start, end, label, entry["score"])


def _label_name(index: int, labels: Sequence[str] | None, where: str) -> str:
    if labels is None:
        raise InputError(
            f"{where}: 'label' is the class index {index}; give the labels in class-index order to name it"
        )
    if not 0 <= index < len(labels):
        raise InputError(f"{where}: 'label' is the class index {index}, expected 0 to {len(labels) - 1}")
    return labels[index]
