"""Audacity labels (.txt): start, end and label between tabs, an action a line, seconds with six decimals.

One video a file, named as the file is. As a file of text may be anything, it counts as labels only where a person
names it; one in which all labels are numbers is a log of measurements. Scores and durations have no place and are left
out: every score is 1 when read back. Labels are lines of text without tabs. The frequencies that Audacity can add below
a label (lines that begin with a backslash) are passed over; its point labels are actions without length.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.moments import Clock, Moment
from logotal.formats.single import one_line, only_video, video_of
from logotal.timeline import Action, Timeline


def write_audacity(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a file that Audacity imports as a label track.

    Raises:
        InputError: there is not exactly one timeline, an action starts before its video, or a label is not one line.
    """
    return "".join(
        f"{float(action.start):.6f}\t{float(action.end):.6f}\t{one_line(action.label, 'an Audacity label')}\n"
        for action in only_video(timelines, "Audacity labels")
    )


def read_audacity(text: str, path: Path) -> list[Timeline]:
    """The timeline of a label track that Audacity exported, named as the file is.

    Raises:
        InputError: the line that is not as expected.
    """
    lines = enumerate(re.split(r"\r\n?|\n", text), start=1)
    actions = [_action(line, f"{path}, line {i}") for i, line in lines if line.strip() and not line.startswith("\\")]
    return [Timeline(video_of(path), tuple(actions))]


def _action(line: str, where: str) -> Action:
    start, end, label, *_ = (*line.split("\t", 2), None, None)
    if start is None or end is None:
        raise InputError(f"{where}: expected start, end and label between tabs, found {line!r:.60}")
    # Audacity writes a decimal comma where the country does.
    times = (number(text.replace(",", "."), f"{where}: {what}") for text, what in ((start, "start"), (end, "end")))
    return Action(next(times), next(times), label or "")


ROW = re.compile(r"\s*-?\d+(?:[.,]\d+)?\t-?\d+(?:[.,]\d+)?(?:\t|$)")
NUMBER = re.compile(r"-?\d+[.,]\d+(?:\s+-?\d+[.,]\d+)*")


def _claims(source: Source) -> bool:
    rows = [line for line in source.lines if not line.startswith("\\")]
    return bool(rows) and all(ROW.match(line) for line in rows)


def _labels(source: Source) -> LabelFile:
    (timeline,) = read_audacity(source.text, source.path)
    if all(NUMBER.fullmatch(action.label.strip()) for action in timeline):
        raise NotLabelsError(f"{source.path}: lines of numbers, a log of measurements and no labels")
    where = f"{source.path}: {{}}"
    clock = Clock.SECONDS if any("." in line or "," in line for line in source.lines) else Clock.UNSAID
    actions = tuple(
        FoundAction(
            Moment(a.start, clock), Moment(a.end, clock), a.label, where.format(f"{a.label!r:.60} at {a.start:g}")
        )
        for a in timeline
    )
    video = VideoLabels((video_of(source.path),), source.path, actions, named=False)
    return LabelFile(source.path, "Audacity", (video,))


AUDACITY = Form(
    "Audacity labels", _claims, _labels, (".txt",), loose=True, saved=Saved(".txt", write_audacity, read_audacity)
)
