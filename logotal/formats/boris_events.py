"""What BORIS, the tool of behavioral biology, writes: files in a queue, and states that start and stop.

An observation may queue several video files one behind the other and counts time through all of them; here times
become those of each file again. A state is a START and a STOP of one subject, behavior and set of modifiers; a point
is an action without length. The label is the behavior, and the subject is who acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.label_file import Collected
from logotal.timeline import Action

NO_FILE = "belongs to an observation without a video file"
LONGER = "goes on from one file of the observation into the next"


NOBODY = ("", "na", "no focal subject")
"""What stands where nobody in particular acts."""


@dataclass(frozen=True)
class Queue:
    """The files of an observation in their order, and the second at which each begins."""

    files: tuple[str, ...]
    starts: tuple[float, ...]

    @classmethod
    def of(cls, files: Sequence[str], lengths: Sequence[float]) -> "Queue":
        """The queue of files of so many seconds each."""
        return cls(tuple(files), tuple(accumulate(lengths[:-1], initial=0.0)))

    def at(self, time: float) -> int:
        """The number of the file that shows a moment of the observation."""
        return max((i for i, start in enumerate(self.starts) if start <= time), default=0)

    def number(self, file: str) -> int | None:
        """The number of a file, known by its name; None if it is none of these."""
        return next((i for i, each in enumerate(self.files) if file_name(each) == file_name(file)), None)


@dataclass(frozen=True)
class Event:
    """A START, STOP or POINT; `who` are the subject, the behavior and its modifiers."""

    kind: str
    time: float
    file: str
    who: tuple[str, ...]
    where: str

    @property
    def behavior(self) -> str:
        """What is done."""
        return self.who[1]

    def action(self, start: float, end: float) -> Action:
        """What is done from one second to another, and by whom."""
        subject = self.who[0].strip()
        return Action(start, end, self.behavior, subject=None if subject.lower() in NOBODY else subject)


class States:
    """The events of one observation, which become actions; without a queue times are those of the file."""

    def __init__(self, found: Collected, queue: Queue | None) -> None:
        self.found, self.queue = found, queue
        self.running: dict[tuple[str, ...], Event] = {}

    def event(self, event: Event) -> None:
        """The next event.

        Raises:
            InputError: it is of no kind that is known.
        """
        if event.kind == "POINT":
            self.add(event, event.time)
        elif event.kind == "START":
            if before := self.running.pop(event.who, None):
                self.found.leave_out(before.where, "starts and never stops")
            self.running[event.who] = event
        elif event.kind != "STOP":
            raise InputError(f"{event.where}: expected START, STOP or POINT, found {event.kind!r}; export it again")
        elif (started := self.running.pop(event.who, None)) is None:
            self.found.leave_out(event.where, "stops and never started")
        elif file_name(started.file) != file_name(event.file):
            self.found.leave_out(started.where, LONGER)
        else:
            self.add(started, event.time)

    def add(self, event: Event, end: float) -> None:
        """What starts with an event and goes on to `end`, in the time of the observation."""
        number = None if self.queue is None else self.queue.number(event.file)
        if not event.behavior:
            self.found.leave_out(event.where, "has no label")
        elif self.queue is None or number is None:
            self.found.add(event.file, event.action(event.time, end), event.where)
        elif self.queue.at(end) > number and end > self.queue.starts[number + 1]:
            self.found.leave_out(event.where, LONGER)
        else:
            times = (round(time - self.queue.starts[number], 6) for time in (event.time, end))
            self.found.add(event.file, event.action(next(times), next(times)), event.where)

    def close(self) -> None:
        """Nothing follows."""
        for event in self.running.values():
            self.found.leave_out(event.where, "starts and never stops")


def offset_notes(path: Path, offsets: Mapping[str, str]) -> list[str]:
    """What to look at where an observation has a time offset."""
    return [
        f"{path}: observation {name!r} has a time offset of {offset} s; times are taken as they stand, check one"
        for name, offset in offsets.items()
        if offset.strip("0.") and offset.upper() != "NA"
    ]


def file_name(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rpartition("/")[2]
