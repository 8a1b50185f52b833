"""What a label file says, as it says it: names of videos are not yet files, times are not yet those of a video."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.moments import Clock, Moment
from logotal.timeline import Action, Timeline

NO_LABEL = "has no label, so it is neither an action nor background"


class NotLabelsError(InputError):
    """A file holds no labels in any form that is known: an error only where the user has named it as labels."""


class AskError(InputError):
    """A file holds labels, and a person must say which of them count: the message names the option and its values.

    Args:
        message: the sentence.
        option: the field of `Options` that settles it, where one does.
        values: what it can be, where that is known.
    """

    def __init__(self, message: str, option: str | None = None, values: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.option, self.values = option, tuple(values)


def ask(where: object, found: str, option: str, values: Iterable[str]) -> AskError:
    """The error that asks for an option: what was found, and what can be said.

    >>> str(ask("a.eaf", "2 tiers", "--tier", ["gesture R", "speech"]))
    "a.eaf: 2 tiers; say which: --tier 'gesture R' | speech"
    """
    values = tuple(values)
    shown = " | ".join(_quoted(value) for value in values)
    return AskError(f"{where}: {found}; say which: {option} {shown}", option.removeprefix("--"), values)


@dataclass(frozen=True, slots=True)
class FoundAction:
    """An action as a file says it, the place that says it, for messages (the file and the line), and whose it is."""

    start: Moment
    end: Moment
    label: str
    where: str
    subject: str | None = None
    origin: str | None = None

    @classmethod
    def of(cls, action: Action, where: str) -> "FoundAction":
        """An action whose times are seconds."""
        return cls(Moment(action.start), Moment(action.end), action.label, where, action.subject, action.origin)

    @property
    def action(self) -> Action:
        """The action of a file that says seconds.

        Raises:
            InputError: it says frames or timecodes, and only a video makes them seconds.
        """
        if {self.start.clock, self.end.clock} & {Clock.FRAMES, Clock.TIMECODE}:
            raise InputError(
                f"{self.where}: expected seconds, found frames; only its video says when that is (--unit frames@25)"
            )
        return self.at(fps=1.0)

    def at(self, fps: float, duration: float = math.inf) -> Action:
        """The action in a video of so many frames a second and seconds."""
        start, end = (
            min(moment.seconds(fps), duration) if math.isinf(moment.value) else moment.seconds(fps)
            for moment in (self.start, self.end)
        )
        return Action(start, end, self.label, subject=self.subject, origin=self.origin)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An action that does not take part: where it stands, and why in a few words."""

    where: str
    reason: str


@dataclass(frozen=True)
class VideoLabels:
    """What one label file says about one video.

    Args:
        names: what the video may be called, the best first.
        source: the label file.
        actions: none means that somebody looked and found none.
        split: None where nothing is said, as for `group` and `duration`.
        group: what the video shares with others.
        duration: of the video, in seconds.
        ignored: spans in seconds that are neither action nor background.
        named: whether the file names the video; elsewhere `names` is what the file itself is called.
        lengths: values of a column that may be the lengths of actions or of the video, in seconds.
        unlabelled: spans that somebody marked without a label: no actions that can be used, and no background.
        frames: how many frames a file has that says something of each.
        otherwise: the same labels with the times of another file of the same recording, if this one is not there.
    """

    names: tuple[str, ...]
    source: Path
    actions: tuple[FoundAction, ...] = ()
    split: str | None = None
    group: str | None = None
    duration: float | None = None
    ignored: tuple[tuple[float, float], ...] = ()
    named: bool = True
    lengths: tuple[float, ...] = ()
    unlabelled: tuple[FoundAction, ...] = ()
    frames: int | None = None
    otherwise: "VideoLabels | None" = None


@dataclass(frozen=True)
class LabelFile:
    """What a label file says.

    `form` names its format to a reader, `notes` are sentences about it as a whole, `used` are the options that it had
    a use for, and `offered` what it has for each option that it could use.
    """

    path: Path
    form: str
    videos: tuple[VideoLabels, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        self.unlabelled: dict[str, list[FoundAction]] = {}
        self.notes: list[str] = []
        self._said: dict[tuple[str, str], str] = {}

    def see(self, video: str) -> None:
        """A video takes part, with or without actions."""
        self.actions.setdefault(video, [])

    def add(self, video: str, action: Action | FoundAction, where: str) -> None:
        """A video has an action."""
        found = action if isinstance(action, FoundAction) else FoundAction.of(action, where)
        self.actions.setdefault(video, []).append(found)

    def leave_out(self, where: str, reason: str) -> None:
        """An action cannot be used."""
        self.left_out.append(LeftOut(where, reason))

    def leave_unlabelled(self, video: str, action: Action | FoundAction, where: str) -> None:
        """Somebody marked a span and gave it no label: it is neither an action nor background."""
        found = action if isinstance(action, FoundAction) else FoundAction.of(action, where)
        self.see(video)
        self.unlabelled.setdefault(video, []).append(found)
        self.leave_out(where, NO_LABEL)

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

    def file(self, form: str, notes: Iterable[str] = (), *, named: bool = True) -> LabelFile:
        """All of it; `named` says whether the file names its videos or they are named as the file is."""
        videos = tuple(replace(video, named=named) for video in self._videos())
        return LabelFile(self.source, form, videos, tuple(self.left_out), (*self.notes, *notes))

    def _videos(self) -> Iterator[VideoLabels]:
        for name, actions in self.actions.items():
            split, group = (self._said.get((name, what)) for what in ("split", "group"))
            unlabelled = tuple(self.unlabelled.get(name, ()))
            yield VideoLabels((name,), self.source, tuple(actions), split, group, unlabelled=unlabelled)


def of_timelines(path: Path, timelines: Iterable[Timeline]) -> tuple[VideoLabels, ...]:
    """What timelines that were read from a file say; they do not know on which line an action stood."""
    return tuple(
        VideoLabels(
            (timeline.video,),
            path,
            tuple(FoundAction.of(action, f"{path}: {timeline.video}, {said(action)}") for action in timeline),
        )
        for timeline in timelines
    )


def timelines_of(file: LabelFile) -> list[Timeline]:
    """The labels of a file as timelines, a video each; `logotal agree` compares them.

    Raises:
        InputError: the file counts frames, and only its video says when that is.
    """
    return [
        Timeline(video.names[0], tuple(found.action for found in video.actions), video.duration)
        for video in file.videos
    ]


def said(action: Action) -> str:
    """An action in a few words."""
    who = "" if action.subject is None else f" by {action.subject!r:.60}"
    return f"{action.label!r:.60}{who} {action.start:g}-{action.end:g} s"


def _quoted(value: str) -> str:
    return repr(value) if not value or set(value) & set(" '\"|&;()") else value
