"""What a user holds: actions in seconds, and the timeline of one video.

Both are immutable values. `Timeline.save` and its drawing are the one place of logotal that imports upwards (a value
that users hold should be able to write and draw itself), and they do so when they are called.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from logotal.callbacks import silent
from logotal.ranges import check_range
from logotal.tables import data_frame

if TYPE_CHECKING:
    import pandas as pd

SAME = 1e-3
"""Seconds within which two times are the same, as in the field's rule for duplicates."""
AT = " @ "
"""What stands between a label and who acts where both are in one name."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what happens, from when to when, in seconds; `subject` is who acts, where somebody said it.

    `origin` is who marked it, where that is known: a person, a model, or a person who corrected the model.

    >>> Action(3.2, 5.9, "HighJump", score=0.81).duration
    2.7
    >>> Action(3.2, 5.9, "groom", subject="mouse 1")
    Action(start=3.2, end=5.9, label='groom', score=1.0, subject='mouse 1')
    """

    start: float
    end: float
    label: str
    score: float = 1.0
    subject: str | None = None
    origin: str | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        who = "" if self.subject is None else f", subject={self.subject!r}"
        return f"Action(start={self.start!r}, end={self.end!r}, label={self.label!r}, score={self.score!r}{who})"

    @property
    def duration(self) -> float:
        """Length in seconds, rounded to the microsecond."""
        return round(self.end - self.start, 6)

    @property
    def is_moment(self) -> bool:
        """Whether it happens at one time: forms that have no room for that give it a millisecond.

        >>> Action(3.2, 3.2, "hit").is_moment, Action(3.2, 3.201, "hit").is_moment, Action(3.2, 3.3, "hit").is_moment
        (True, True, False)
        """
        return self.duration <= SAME

    def coincides(self, other: "Action", tolerance: float = SAME) -> bool:
        """Whether the other one starts and ends when this one does, to within so many seconds; labels do not count.

        >>> Action(3.2, 5.9, "HighJump").coincides(Action(3.2, 5.9004, "Run"))
        True
        """
        return abs(self.start - other.start) <= tolerance and abs(self.end - other.end) <= tolerance

    def repeats(self, other: "Action", tolerance: float = SAME) -> bool:
        """Whether the other one says the same: with the same label and subject, at the same time.

        >>> Action(3.2, 5.9, "groom", subject="mouse 1").repeats(Action(3.2, 5.9, "groom", subject="mouse 2"))
        False
        """
        same = self.label == other.label and self.subject == other.subject
        return same and self.coincides(other, tolerance)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The ordered actions of one video: by start, then end, label and falling score.

    `duration` is the video's length in seconds, or None where nobody said it; `file` is where the video lies, if that
    is known, so that a page can play it. Two timelines are equal wherever their videos lie.

    >>> timeline = Timeline("match", (Action(7, 9, "serve"), Action(1, 2, "serve")), duration=10.0)
    >>> [action.start for action in timeline]
    [1, 7]
    """

    video: str
    actions: tuple[Action, ...] = ()
    duration: float | None = None
    file: Path | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        ordered = sorted(self.actions, key=lambda a: (a.start, a.end, a.label, -a.score, a.subject or ""))
        object.__setattr__(self, "actions", tuple(ordered))

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __len__(self) -> int:
        return len(self.actions)

    @overload
    def __getitem__(self, index: int) -> Action: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Action, ...]: ...
    def __getitem__(self, index: int | slice) -> Action | tuple[Action, ...]:
        return self.actions[index]

    @property
    def labels(self) -> tuple[str, ...]:
        """The distinct labels, in alphabetical order."""
        return tuple(sorted({action.label for action in self.actions}))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The distinct subjects, in alphabetical order."""
        return tuple(sorted({action.subject for action in self.actions if action.subject is not None}))

    def named(self) -> "Timeline":
        """The timeline as pictures show it: labels say who acts, where that is known.

        >>> Timeline("v", (Action(0, 1, "groom", subject="mouse 1"),)).named().labels
        ('groom @ mouse 1',)
        """
        if not self.subjects:
            return self
        named = (a if a.subject is None else replace(a, label=f"{a.label}{AT}{a.subject}") for a in self)
        return replace(self, actions=tuple(named))

    def above(self, score: float) -> "Timeline":
        """The timeline of the actions whose score is at least `score`.

        >>> Timeline("v", (Action(0, 1, "a", 0.2), Action(2, 3, "a", 0.9))).above(0.5)
        Timeline(video='v', actions=(Action(start=2, end=3, label='a', score=0.9),), duration=None)
        """
        return replace(self, actions=tuple(a for a in self.actions if a.score >= score))

    def best(self, count: int) -> "Timeline":
        """The timeline of the `count` actions with the highest scores.

        Raises:
            InputError: the count is below 0.
        """
        check_range("best", count, least=0, whole=True)
        kept = sorted(self.actions, key=lambda a: -a.score)[:count]
        return replace(self, actions=tuple(kept))

    def save(
        self, path: str | Path, *, playable: bool = False, safe_csv: bool = False, overwrite: bool = False
    ) -> None:
        """Writes the timeline; the suffix of `path` chooses: one of `formats.timelines.FORMATS`, or a page (.html).

        The page plays the video where `file` says it lies; if `playable`, a small copy that any browser plays, which
        is written beside the page. An earlier timeline is replaced, and a copy of it stays; any other file only with
        `overwrite`. With `safe_csv`, names in a .csv that a spreadsheet takes for formulas begin with an apostrophe,
        which `read_timelines` takes away.

        Raises:
            InputError: the suffix names no format (the message lists those that exist), or another file lies there.
        """
        from logotal.report.save import save_timelines  # noqa: PLC0415 - a value does not load writers

        say = warnings.warn if playable else silent
        save_timelines([self], Path(path), playable=playable, safe_csv=safe_csv, overwrite=overwrite, say=say)

    def to_pandas(self) -> "pd.DataFrame":
        """The actions as a pandas table with the columns video, start, end, label and score; subject if any has one.

        Raises:
            InputError: pandas is not installed.
        """
        columns = ("video", "start", "end", "label", "score", *(("subject",) if self.subjects else ()))
        rows = [{"video": self.video} | {name: getattr(action, name) for name in columns[1:]} for action in self]
        return data_frame(rows, columns=columns)

    def _repr_html_(self) -> str:
        """Draws the timeline in a notebook."""
        from logotal.report.page import timeline_svg  # noqa: PLC0415

        return timeline_svg(self)
