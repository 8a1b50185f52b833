"""Annotations: which actions a set of videos holds, read from ActivityNet JSON, the form the field shares.

    {"database": {"video_1": {"subset": "training", "duration": 33.8, "fps": 30,
                              "annotations": [{"segment": [0.2, 1.1], "label": "jump", "label_id": 5}]}}}

`duration`, `fps` and `label_id` may be absent; other keys (urls, frame numbers) are allowed, but a key that looks
like a mistyped one of these is an error.
"""

import gzip
import json
import math
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from logotal.errors import InputError, did_you_mean
from logotal.timeline import Action


@dataclass(frozen=True)
class VideoTruth:
    """What is annotated in one video; `actions` are in the file's order, in seconds, unfiltered."""

    id: str
    split: str
    actions: tuple[Action, ...] = ()
    duration: float | None = None
    fps: float | None = None


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


def read_json(path: Path) -> Any:
    """The content of a JSON file, gzipped if its name ends in .gz.

    Raises:
        InputError: the file is absent, unreadable or not JSON; the message gives the line of the fault.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return json.loads(raw, object_pairs_hook=_unique_keys)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8 text, found other bytes at {error.start}") from error
    except KeyError as error:
        raise InputError(f"{path}: the key {error.args[0]!r} stands twice in one object; remove one") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON at line {error.lineno}: {error.msg}") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; JSON itself would let the last of two equal keys win in silence."""
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise KeyError(next(key for key in keys if keys.count(key) > 1))
    return content


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


VIDEO_KEYS = ("subset", "annotations", "duration", "fps")
ACTION_KEYS = ("segment", "label", "label_id")


def _video(video_id: str, entry: Any, where: str, label_ids: dict[str, int | None]) -> VideoTruth:
    split = required(entry, "subset", str, where, VIDEO_KEYS)
    listed = required(entry, "annotations", list, where, VIDEO_KEYS)
    actions = tuple(_action(item, f"{where}, action {i}", label_ids) for i, item in enumerate(listed))
    duration = _positive(entry.get("duration"), f"{where}: 'duration'")
    fps = _positive(entry.get("fps"), f"{where}: 'fps'")
    return VideoTruth(video_id, split, actions, duration, fps)


def _action(item: Any, where: str, label_ids: dict[str, int | None]) -> Action:
    segment = required(item, "segment", list, where, ACTION_KEYS)
    label = required(item, "label", str, where, ACTION_KEYS)
    label_id = item.get("label_id")
    if label_ids.setdefault(label, label_id) != label_id:
        raise InputError(f"{where}: label {label!r} has label_id {label_id!r} here and {label_ids[label]!r} elsewhere")
    numbers = [number for x in segment if (number := _number(x)) is not None]
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
    number = _number(value)
    if number is None or number <= 0:
        raise InputError(f"{what} must be a positive number, found {value!r:.60}")
    return number


def _number(value: Any) -> float | None:
    """The value as a finite number, None if it is something else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer of hundreds of digits
        return None


def _ordered_labels(label_ids: dict[str, int | None], path: Path) -> tuple[str, ...]:
    by_id: dict[int, str] = {}
    for label, label_id in label_ids.items():
        if not isinstance(label_id, int):
            return tuple(sorted(label_ids))
        if label_id in by_id:
            raise InputError(f"{path}: labels {by_id[label_id]!r} and {label!r} share label_id {label_id}")
        by_id[label_id] = label
    return tuple(by_id[label_id] for label_id in sorted(by_id))
