"""Annotations: which actions a set of videos holds, read from ActivityNet JSON, the form the field shares.

    {"database": {"video_1": {"subset": "training", "duration": 33.8, "fps": 30,
                              "annotations": [{"segment": [0.2, 1.1], "label": "jump", "label_id": 5}]}}}

`duration`, `fps` and `label_id` may be absent, and so may keys that are our own: of an action `subject`, who acts, and
`origin`, who marked it; of a video `group`, a name that videos share which no split may tear apart (one person, match
or day), and `ignored`, [[start, end], ...] in seconds of what is neither action nor background. Other keys (urls, frame
numbers) are allowed, but a key that looks like a mistyped one of these is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, BaseModel, Field, with_config
from typing_extensions import TypedDict

from logotal.errors import InputError, did_you_mean
from logotal.files.json import read_json
from logotal.files.model import STRICT, Each, Listed, Seconds, Segment, check_keys, parsed_model
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
    """The videos of an annotation file by id, and its labels in class-index order.

    >>> video = VideoTruth("match", "training", (Action(1.0, 2.5, "serve"),))
    >>> Annotations(("serve",), {"match": video}, Path("annotations.json")).splits()
    ('training',)
    """

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


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a positive number")]


def _rising(span: list[float]) -> list[float]:
    if not span[0] < span[1]:
        raise ValueError
    return span


Span = Annotated[
    list[Seconds],
    Field(min_length=2, max_length=2, description="[start, end] in seconds with end above start"),
    AfterValidator(_rising),
]


@with_config(STRICT)
class ActionEntry(TypedDict):
    """An action of a file."""

    segment: Segment
    label: Annotated[str, Field(description="a name")]
    label_id: NotRequired[Any]
    subject: NotRequired[Annotated[str | None, Field(description="a name")]]
    origin: NotRequired[Annotated[str | None, Field(description="a name")]]


def action_entry(action: Action) -> dict[str, Any]:
    """An action as an `ActionEntry` to write."""
    said = {"subject": action.subject, "origin": action.origin}
    known = {key: value for key, value in said.items() if value is not None}
    return {"segment": [action.start, action.end], "label": action.label, **known}


def video_head(video: VideoTruth) -> dict[str, Any]:
    """What a `VideoEntry` to write says of a video besides its actions."""
    head = {"subset": video.split, "group": video.group, "duration": video.duration, "fps": video.fps}
    return head | ({"ignored": [list(span) for span in video.ignored]} if video.ignored else {})


class VideoEntry(BaseModel):
    """A video of a file."""

    model_config = STRICT

    subset: Annotated[str, Field(description="the name of a split")]
    annotations: Annotated[Listed[ActionEntry], Each("action"), Field(description="a list of actions")]
    duration: Positive | None = None
    fps: Positive | None = None
    group: Annotated[str, Field(min_length=1, description="a name")] | None = None
    ignored: Annotated[Listed[Span], Each("ignored span"), Field(description="a list of [start, end] in seconds")] = []


class AnnotationFile(BaseModel):
    """What an annotation file holds."""

    model_config = STRICT

    database: Annotated[dict[str, Any], Field(description="an object of videos")]


VIDEO_KEYS, ACTION_KEYS = frozenset(VideoEntry.model_fields), frozenset(ActionEntry.__annotations__)


def read_annotations(path: str | Path) -> Annotations:
    """The annotations in an ActivityNet JSON file (.json or .json.gz).

    Class indices follow `label_id` where every action has one, the alphabet otherwise.

    Raises:
        InputError: the file, the video and the key that are not as expected, and the nearest valid key.
    """
    path = Path(path)
    entries = parsed_model(read_json(path), path, AnnotationFile).database
    label_ids: dict[str, Any] = {}
    # What the file says of a video is let go as it is read: of many videos, both would take twice the memory.
    videos = {id: _video(id, entries.pop(id), f"{path}: video {id!r}", label_ids) for id in list(entries)}
    return Annotations(_ordered_labels(label_ids, path), videos, path)


def _video(id: str, value: object, where: str, label_ids: dict[str, Any]) -> VideoTruth:
    entry = parsed_model(value, where, VideoEntry)
    check_keys(entry.model_fields_set, VIDEO_KEYS, where)
    actions = tuple(_action(item, f"{where}, action {i}", label_ids) for i, item in enumerate(entry.annotations))
    ignored = tuple((start, end) for start, end in entry.ignored)
    return VideoTruth(id, entry.subset, actions, entry.duration, entry.fps, entry.group, ignored)


def _action(item: ActionEntry, where: str, label_ids: dict[str, Any]) -> Action:
    if not ACTION_KEYS.issuperset(item):
        check_keys(item, ACTION_KEYS, where)
    label, label_id = item["label"], item.get("label_id")
    if label_ids.setdefault(label, label_id) != label_id:
        raise InputError(f"{where}: label {label!r} has label_id {label_id!r} here and {label_ids[label]!r} elsewhere")
    start, end = item["segment"]
    if end < start:
        raise InputError(f"{where}: ends before it starts, found [{start:g}, {end:g}]; swap or remove it")
    return Action(start, end, label, subject=item.get("subject") or None, origin=item.get("origin") or None)


def _ordered_labels(label_ids: dict[str, Any], path: Path) -> tuple[str, ...]:
    by_id: dict[int, str] = {}
    for label, label_id in label_ids.items():
        if not isinstance(label_id, int):
            return tuple(sorted(label_ids))
        if label_id in by_id:
            raise InputError(f"{path}: labels {by_id[label_id]!r} and {label!r} share label_id {label_id}")
        by_id[label_id] = label
    return tuple(by_id[label_id] for label_id in sorted(by_id))
