"""What a user holds: actions in seconds, and the timeline of one video.

Both are immutable values. `Timeline.save` and its drawing are the one place of logotal that imports upwards (a value
that users hold should be able to write and draw itself), and they do so when they are called.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from logotal.ranges import check_range
from logotal.tables import data_frame

if TYPE_CHECKING:
    import pandas as pd

SAME = 1e-3
"""Seconds within which two times are the same, as in the field's rule for duplicates."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what happens, from when to when, in seconds.

    >>> Action(3.2, 5.9, "HighJump", score=0.81).duration
    2.7
    """

    start: float
    end: float
    label: str
    score: float = 1.0

    @property
    def duration(self) -> float:
        """Length in seconds, rounded to the microsecond."""
        return round(self.end - self.start, 6)

    def coincides(self, other: "Action", tolerance: float = SAME) -> bool:
        """Whether the other one starts and ends when this one does, to within so many seconds; labels do not count.

        >>> Action(3.2, 5.9, "HighJump").coincides(Action(3.2, 5.9004, "Run"))
        True
        """
        return abs(self.start - other.start) <= tolerance and abs(self.end - other.end) <= tolerance


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
        ordered = sorted(self.actions, key=lambda a: (a.start, a.end, a.label, -a.score))
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

    def save(self, path: str | Path, *, safe_csv: bool = False, overwrite: bool = False) -> None:
        """Writes the timeline; the suffix of `path` chooses: one of `formats.timelines.FORMATS`, or a page (.html).

        The page plays the video where `file` says it lies. An earlier timeline is replaced, and a copy of it stays;
        any other file only with `overwrite`. With `safe_csv`, names in a .csv that a spreadsheet takes for formulas
        begin with an apostrophe, which `read_timelines` takes away.

        Raises:
            InputError: the suffix names no format (the message lists those that exist), or another file lies there.
        """
        from logotal.report.save import save_timelines  # noqa: PLC0415 - a value does not load writers

        save_timelines([self], Path(path), safe_csv=safe_csv, overwrite=overwrite)

    def to_pandas(self) -> "pd.DataFrame":
        """The actions as a pandas table with the columns video, start, end, label and score.

        Raises:
            InputError: pandas is not installed.
        """
        rows = [{"video": self.video, "start": a.start, "end": a.end, "label": a.label, "score": a.score} for a in self]
        return data_frame(rows, columns=("video", "start", "end", "label", "score"))

    def _repr_html_(self) -> str:
        """Draws the timeline in a notebook."""
        from logotal.report.page import timeline_svg  # noqa: PLC0415

        return timeline_svg(self)
