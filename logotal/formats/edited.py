"""The labels that people mark in `logotal app`: actions, and how much of each video somebody has looked at.

    {"version": "logotal app 1", "journal": 17, "videos": {"match": {"file": "../match.mp4", "duration": 31.2,
     "actions": [{"id": "k3f9", "start": 1.2, "end": 2.5, "label": "serve", "origin": "person", "by": "Ada"}],
     "labelled": [[0, 31.2]], "rejected": [{"start": 4.0, "end": 5.1, "label": "serve"}], "ignored": [[12, 14]]}}}

Where nobody has looked (`labelled`), an absent action is no background: only the marked actions and the rejected drafts
of a model count there, the rest is ignored in training.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from logotal.errors import InputError
from logotal.files.json import dumps, read_json
from logotal.files.model import EXACT, Count, Each, Listed, parsed_model
from logotal.formats.annotations import Span
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.timeline import Action

VERSION: Final = "logotal app 1"
AROUND = 0.25
"""Seconds around a marked action that its person has seen too: one has to look there to mark its ends."""
FROZEN = ConfigDict(**EXACT, frozen=True)

Time = Annotated[float, Field(ge=0, allow_inf_nan=False, description="seconds from 0 on")]
Origin = Literal["person", "model", "model + person", "file"]


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError
    return text


Name = Annotated[str, Field(max_length=200, description="a name"), AfterValidator(_name)]


class Rejected(BaseModel):
    """A draft of a model that a person refused: there is no such action."""

    model_config = FROZEN
    start: Time
    end: Time
    label: Name

    @property
    def action(self) -> Action:
        """The same as an action."""
        return Action(self.start, self.end, self.label)


class Marked(Rejected):
    """An action, who marked it (`by`), and what it comes from: a person, an accepted draft of the model, ..."""

    id: Name
    subject: Name | None = None
    origin: Origin = "person"
    by: Annotated[str, Field(max_length=200, description="a name")] = ""

    @classmethod
    def of_file(cls, id: str, action: Action) -> Self:
        """An action that a label file says."""
        start, end, label, subject = action.start, action.end, action.label, action.subject
        return cls(id=id, start=start, end=end, label=label, subject=subject, origin="file")

    @property
    def action(self) -> Action:
        """The same as an action."""
        return Action(self.start, self.end, self.label, subject=self.subject, origin=self.origin)


class EditedVideo(BaseModel):
    """What was marked in one video; `labelled` are the spans in which no action is missing."""

    model_config = FROZEN
    file: Annotated[str, Field(min_length=1, description="where the video lies")]
    duration: Time
    fps: Time
    actions: Annotated[Listed[Marked], Each("action"), Field(description="a list of actions")] = []
    labelled: Annotated[Listed[Span], Each("labelled span"), Field(description="a list of [start, end]")] = []
    rejected: Annotated[Listed[Rejected], Each("rejected draft"), Field(description="a list of drafts")] = []
    ignored: Annotated[Listed[Span], Each("ignored span"), Field(description="a list of [start, end]")] = []

    @property
    def is_labelled(self) -> bool:
        """Whether somebody has looked at the whole video; within a frame of its ends."""
        return not self._unseen(seen=self.labelled)

    @property
    def is_begun(self) -> bool:
        """Whether anything is said that a training could use."""
        return bool(self.actions or self.labelled or self.rejected)

    @property
    def unusable(self) -> list[tuple[float, float]]:
        """The spans that are neither action nor background: ignored ones, and what nobody has looked at."""
        marks = [(each.start - AROUND, each.end + AROUND) for each in (*self.actions, *self.rejected)]
        return _joined([*self.ignored, *self._unseen(seen=[*self.labelled, *marks])])

    def _unseen(self, seen: Iterable[Iterable[float]]) -> list[tuple[float, float]]:
        found, at, slack = [], 0.0, 1.0 / (self.fps or 25.0)
        for start, end in [*_joined(seen), (self.duration, self.duration)]:
            if start - at > slack:
                found.append((at, start))
            at = max(at, end)
        return found


class EditedFile(BaseModel):
    """All videos, and the last edit of the journal that they hold."""

    model_config = EXACT
    version: Literal["logotal app 1"] = VERSION
    journal: Count = 0
    videos: Annotated[dict[str, EditedVideo], Each("video"), Field(description="an object of videos")]


def _joined(spans: Iterable[Iterable[float]]) -> list[tuple[float, float]]:
    """The same spans in order, those that overlap as one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted((start, end) for start, end in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def in_order(actions: Iterable[Marked]) -> list[Marked]:
    """The actions as they follow each other in time."""
    return sorted(actions, key=lambda action: (action.start, action.end, action.label))


def edited_text(file: EditedFile) -> str:
    """The text of a file, a video a line."""
    videos = ",\n".join(f"{dumps(name)}: {video.model_dump_json()}" for name, video in file.videos.items())
    return f'{{"version": "{VERSION}", "journal": {file.journal}, "videos": {{\n{videos}\n}}}}\n'


def read_edited(path: Path) -> EditedFile:
    """The labels in a file.

    Raises:
        InputError: it cannot be read, or is not as `edited_text` writes it.
    """
    return parsed_edited(read_json(path), path)


def parsed_edited(value: object, path: Path) -> EditedFile:
    """A file as it was read.

    Raises:
        InputError: the video and the key that are not as expected; an action that ends before it starts.
    """
    file = parsed_model(value, path, EditedFile)
    for name, video in file.videos.items():
        for action in (*video.actions, *video.rejected):
            if action.end < action.start:
                raise InputError(f"{path}: video {name!r}: ends before it starts, found {action!r:.120}")
    return file


def _claims(source: Source) -> bool:
    return source.object.get("version") == VERSION


def _labels(source: Source) -> LabelFile:
    """What is marked; of videos in which nobody has marked anything nothing is said."""
    path = source.path
    videos = tuple(
        VideoLabels(
            (name,),
            path,
            tuple(FoundAction.of(each.action, f"{path}: {name}") for each in video.actions),
            ignored=tuple(video.unusable),
        )
        for name, video in parsed_edited(source.object, path).videos.items()
        if video.is_begun
    )
    return LabelFile(path, "logotal app", videos)


EDITED = Form("labels of logotal app", _claims, _labels, (".json",))
