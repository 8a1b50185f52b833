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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.files.json import is_number, read_json
from logotal.formats.annotations import required
from logotal.timeline import Action, Timeline

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DETECTION_KEYS = ("label", "score", "segment")


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


def read_detections(path: str | Path, labels: Sequence[str] | None = None) -> list[Timeline]:
    """One timeline per video of an ActivityNet submission file (.json or .json.gz), in the file's order.

    `labels` gives the names of labels that the file writes as class indices.

    Raises:
        InputError: the file, the video, the detection and the key that are not as expected.
    """
    path = Path(path)
    content = read_json(path)
    results = required(content, "results", dict, f"{path}: the file", ("results", "version", "external_data"))
    timelines = []
    for video, listed in results.items():
        where = f"{path}: video {video!r}"
        if not isinstance(listed, list):
            raise InputError(f"{where} must hold a list of detections, found {type(listed).__name__}")
        actions = tuple(_detection(item, labels, f"{where}, detection {i}") for i, item in enumerate(listed))
        timelines.append(Timeline(video, actions))
    return timelines


def _detection(item: Any, labels: Sequence[str] | None, where: str) -> Action:
    try:
        label, score, segment = item["label"], item["score"], item["segment"]
    except (KeyError, TypeError):
        for key in DETECTION_KEYS:  # one of these is the fault, and `required` says which
            required(item, key, object, where, DETECTION_KEYS)
        raise
    if not isinstance(label, str):
        label = _label_name(label, labels, where)
    if not is_number(score):
        raise InputError(f"{where}: 'score' must be a finite number, found {score!r:.60}")
    if not (isinstance(segment, list) and len(segment) == 2 and all(map(is_number, segment))):
        raise InputError(f"{where}: 'segment' must be [start, end] in seconds, found {segment!r:.60}")
    start, end = segment
    if end < start:
        raise InputError(f"{where}: ends before it starts, found {segment!r}; swap or remove it")
    return Action(float(start), float(end), label, float(score))


def _label_name(index: Any, labels: Sequence[str] | None, where: str) -> str:
    if type(index) is not int:
        raise InputError(f"{where}: 'label' must be a name, found {index!r:.60}")
    if labels is None:
        raise InputError(
            f"{where}: 'label' is the class index {index}; give the labels in class-index order to name it"
        )
    if not 0 <= index < len(labels):
        raise InputError(f"{where}: 'label' is the class index {index}, expected 0 to {len(labels) - 1}")
    return labels[index]
