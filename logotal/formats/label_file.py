"""What a label file says, as it says it: names of videos are not yet files, times are not yet checked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from logotal.errors import InputError
from logotal.timeline import Action, Timeline


class NotLabelsError(InputError):
    """A file holds no labels in any form that is known: an error only where the user has named it as labels."""


@dataclass(frozen=True, slots=True)
class FoundAction:
    """An action and the place that says it, for messages: the file and the line."""

    action: Action
    where: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An action that does not take part: where it stands, and why in a few words."""

    where: str
    reason: str


@dataclass(frozen=True)
class VideoLabels:
    """What one label file says about one video.

    `names` are what the video may be called, the best first; `split`, `group` and `duration` are None where nothing is
    said. No actions means that somebody looked and found none.
    """

    names: tuple[str, ...]
    source: Path
    actions: tuple[FoundAction, ...] = ()
    split: str | None = None
    group: str | None = None
    duration: float | None = None
    ignored: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class LabelFile:
    """What a label file says: `form` names its format to a reader, `notes` are sentences about it as a whole."""

    path: Path
    form: str
    videos: tuple[VideoLabels, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def actions(self) -> int:
        """The actions in the file, with those that are left out."""
        return len(self.left_out) + sum(len(video.actions) for video in self.videos)


class Collected:
    """Videos as they come up line by line in a label file, in the order of their first appearance."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.actions: dict[str, list[FoundAction]] = {}
        self.left_out: list[LeftOut] = []
        self._said: dict[tuple[str, str], str] = {}

    def see(self, video: str) -> None:
        """A video takes part, with or without actions."""
        self.actions.setdefault(video, [])

    def add(self, video: str, action: Action, where: str) -> None:
        """A video has an action."""
        self.actions.setdefault(video, []).append(FoundAction(action, where))

    def leave_out(self, where: str, reason: str) -> None:
        """An action cannot be used."""
        self.left_out.append(LeftOut(where, reason))

    def say(self, video: str, what: str, value: str, where: str) -> None:
        """A video has a group or a split.

        Raises:
            InputError: it has another one already.
        """
        known = self._said.setdefault((video, what), value)
        if known != value:
            raise InputError(
                f"{where}: {what} of {video!r} is {value!r} here and {known!r} before; "
                f"a video has one {what}, correct the table"
            )

    def file(self, form: str, notes: Iterable[str] = ()) -> LabelFile:
        """All of it."""
        return LabelFile(self.source, form, tuple(self._videos()), tuple(self.left_out), tuple(notes))

    def _videos(self) -> Iterator[VideoLabels]:
        for name, actions in self.actions.items():
            split, group = (self._said.get((name, what)) for what in ("split", "group"))
            yield VideoLabels((name,), self.source, tuple(actions), split, group)


def of_timelines(path: Path, timelines: Iterable[Timeline]) -> tuple[VideoLabels, ...]:
    """What timelines that were read from a file say; they do not know on which line an action stood."""
    return tuple(
        VideoLabels(
            (timeline.video,),
            path,
            tuple(FoundAction(action, f"{path}: {timeline.video}, {said(action)}") for action in timeline),
        )
        for timeline in timelines
    )


def said(action: Action) -> str:
    """An action in a few words."""
    return f"{action.label!r:.60} {action.start:g}-{action.end:g} s"
