"""Annotations: which actions a set of videos holds, read from ActivityNet JSON, the form the field shares.

    {"database": {"video_1": {"subset": "training", "duration": 33.8, "fps": 30,
                              "annotations": [{"segment": [0.2, 1.1], "label": "jump", "label_id": 5}]}}}

`duration`, `fps` and `label_id` may be absent, and so may two keys of a video that are our own: `group`, a name that
videos share which no split may tear apart (one person, match or day), and `ignored`, [[start, end], ...] in seconds of
what is neither action nor background. Other keys (urls, frame numbers) are allowed, but a key that looks
like a mistyped one of these is an error.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from logotal.errors import InputError, did_you_mean
from logotal.files.json import is_number, read_json
from logotal.timeline import Action


@dataclass(frozen=True)
class VideoTruth:
    """What is annotated in one video; `actions` are in the file's order, in seconds, unfiltered.

    `group` names what no split may tear apart: the person, match or day that several videos show. `ignored` are
    spans (start, end) in seconds that are neither action nor background.
    """

    id: str
    split: str
    actions: tuple[Action, ...] = ()
    duration: float | None = None
    fps: float | None = None
    group: str | None = None
    ignored: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Annotations:
    """The videos of an annotation file by id, and its labels in class-index order."""

    labels: tuple[str, ...]
    videos: Mapping[str, VideoTruth]
    source: Path

    def splits(self) -> tuple[str, ...]:
        """The names of the splits that occur, in order of first appearance."""
        return tuple(dict.fromkeys(video.split for video in self.videos.values()))

    def split(self, *names: str) -> tuple[VideoTruth, ...]:
        """The videos of the named splits, in the file's order.

        Raises:
            InputError: no video has one of the names.
        """
        for name in names:
            if name not in self.splits():
                raise InputError(f"{self.source}: no video in split {name!r}; {did_you_mean(name, self.splits())}")
        return tuple(video for video in self.videos.values() if video.split in names)


def read_annotations(path: str | Path) -> Annotations:
    """The annotations in an ActivityNet JSON file (.json or .json.gz).

    Class indices follow `label_id` where every action has one, the alphabet otherwise.

    Raises:
        InputError: the file, the video and the key that are not as expected, and the nearest valid key.
    """
    path = Path(path)
    content = read_json(path)
    database = required(content, "database", dict, f"{path}: the file", ("database", "version", "taxonomy"))
    videos: dict[str, VideoTruth] = {}
    label_ids: dict[str, int | None] = {}
    for video_id, entry in database.items():
        videos[video_id] = _video(video_id, entry, f"{path}: video {video_id!r}", label_ids)
    return Annotations(_ordered_labels(label_ids, path), videos, path)


VIDEO_KEYS = ("subset", "annotations", "duration", "fps", "group", "ignored")
ACTION_KEYS = ("segment", "label", "label_id")


def _video(video_id: str, entry: Any, where: str, label_ids: dict[str, int | None]) -> VideoTruth:
    split = required(entry, "subset", str, where, VIDEO_KEYS)
    listed = required(entry, "annotations", list, where, VIDEO_KEYS)
    actions = tuple(_action(item, f"{where}, action {i}", label_ids) for i, item in enumerate(listed))
    duration = _positive(entry.get("duration"), f"{where}: 'duration'")
    fps = _positive(entry.get("fps"), f"{where}: 'fps'")
    return VideoTruth(video_id, split, actions, duration, fps, _group(entry, where), _ignored(entry, where))


def _group(entry: Any, where: str) -> str | None:
    group = entry.get("group")
    if group is not None and not (isinstance(group, str) and group):
        raise InputError(f"{where}: 'group' must be a name, found {group!r:.60}")
    return group


def _ignored(entry: Any, where: str) -> tuple[tuple[float, float], ...]:
    listed = entry.get("ignored", [])
    if not isinstance(listed, list):
        raise InputError(f"{where}: 'ignored' must be a list of [start, end] in seconds, found {listed!r:.60}")
    return tuple(_span(item, f"{where}, ignored span {i}") for i, item in enumerate(listed))


def _span(item: Any, where: str) -> tuple[float, float]:
    numbers = [float(x) for x in item if is_number(x)] if isinstance(item, list) else []
    if len(numbers) != 2 or len(item) != 2 or not numbers[0] < numbers[1]:
        raise InputError(f"{where}: must be [start, end] in seconds with end above start, found {item!r:.60}")
    return numbers[0], numbers[1]


def _action(item: Any, where: str, label_ids: dict[str, int | None]) -> Action:
    segment = required(item, "segment", list, where, ACTION_KEYS)
    label = required(item, "label", str, where, ACTION_KEYS)
    label_id = item.get("label_id")
    if label_ids.setdefault(label, label_id) != label_id:
        raise InputError(f"{where}: label {label!r} has label_id {label_id!r} here and {label_ids[label]!r} elsewhere")
    numbers = [float(x) for x in segment if is_number(x)]
    if len(segment) != 2 or len(numbers) != 2:
        raise InputError(f"{where}: 'segment' must be [start, end] in seconds, found {segment!r:.60}")
    start, end = numbers
    if end < start:
        raise InputError(f"{where}: ends before it starts, found {segment!r}; swap or remove it")
    return Action(start, end, label)


def required(entry: Any, key: str, kind: type, where: str, known: Collection[str]) -> Any:
    """The value of `key` in a JSON object, of the wanted kind; `known` are the keys an unknown one may be a typo of.

    Raises:
        InputError: `where` has a mistyped key, lacks the key, or holds something else under it.
    """
    if not isinstance(entry, dict):
        raise InputError(f"{where} must be an object with the key {key!r}, found {type(entry).__name__}")
    for found in entry:
        if found not in known and (meant := _meant(found, tuple(k for k in known if k not in entry))):
            raise InputError(f"{where}: unknown key {found!r}; did you mean {meant!r}?")
    if key not in entry:
        raise InputError(f"{where}: key {key!r} is missing, found {', '.join(map(repr, entry)) or 'nothing'}")
    if not isinstance(entry[key], kind):
        raise InputError(f"{where}: {key!r} must be a {kind.__name__}, found {entry[key]!r:.60}")
    return entry[key]


@lru_cache(maxsize=1024)  # a file repeats the same keys in every video
def _meant(found: str, absent: tuple[str, ...]) -> str | None:
    """The absent key that a found one is probably a typo of."""
    return next(iter(get_close_matches(found, absent, n=1, cutoff=0.75)), None)


def _positive(value: Any, what: str) -> float | None:
    if value is None:
        return None
    if not is_number(value) or value <= 0:
        raise InputError(f"{what} must be a positive number, found {value!r:.60}")
    return float(value)


def _ordered_labels(label_ids: dict[str, int | None], path: Path) -> tuple[str, ...]:
    by_id: dict[int, str] = {}
    for label, label_id in label_ids.items():
        if not isinstance(label_id, int):
            return tuple(sorted(label_ids))
        if label_id in by_id:
            raise InputError(f"{path}: labels {by_id[label_id]!r} and {label!r} share label_id {label_id}")
        by_id[label_id] = label
    return tuple(by_id[label_id] for label_id in sorted(by_id))
