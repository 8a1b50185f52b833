"""CSV for spreadsheets and pandas: one action a line, under the header video,start,end,label,score.

Where it is known who acts, a column `subject` follows. Times are seconds, numbers at full precision. A video without
actions has no line, and durations are not kept: JSON keeps both.

A spreadsheet takes a cell that begins with = + - @ for a formula, also one of a stranger. A safe table has an
apostrophe before such names, which spreadsheets show as text and reading takes away again; names that begin as if they
had one already get one in any table, so that every name comes back.
"""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.errors import InputError, did_you_mean
from logotal.timeline import Action, Timeline

COLUMNS = ("video", "start", "end", "label", "score")
SUBJECT = "subject"


FORMULA, QUOTED = re.compile(r"[=+\-@\t\r]"), re.compile(r"'+[=+\-@\t\r]")


def formulas(timelines: Sequence[Timeline]) -> list[str]:
    """The names of videos, labels and subjects that a spreadsheet takes for formulas."""
    names = dict.fromkeys(name for each in timelines if each for name in (each.video, *each.labels, *each.subjects))
    return [name for name in names if FORMULA.match(name)]


def write_csv(timelines: Sequence[Timeline], truths: Mapping[str, Timeline], *, safe: bool = False) -> str:
    """The text of a CSV file as RFC 4180 has it (lines end in CR LF, quotes are doubled).

    Args:
        timelines: one per video.
        truths: are not written.
        safe: names that a spreadsheet takes for formulas begin with an apostrophe.
    """

    def cell(name: str) -> str:
        return f"'{name}" if QUOTED.match(name) or (safe and FORMULA.match(name)) else name

    text = io.StringIO(newline="")
    table = csv.writer(text)
    subjects = any(timeline.subjects for timeline in timelines)
    table.writerow((*COLUMNS, SUBJECT) if subjects else COLUMNS)
    for timeline in timelines:
        for action in timeline:
            start, end, score = (repr(float(x)) for x in (action.start, action.end, action.score))
            row = (cell(timeline.video), start, end, cell(action.label), score)
            table.writerow((*row, cell(action.subject or "")) if subjects else row)
    return text.getvalue()


def read_csv(text: str, path: Path) -> list[Timeline]:
    """The timelines of a CSV file; columns in any order, others ignored, without `score` every score is 1.

    Raises:
        InputError: the column or the line that is not as expected.
    """
    actions: dict[str, list[Action]] = {}
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        found = [name for name in table.fieldnames or () if name]
        for column in COLUMNS[:4]:
            if column not in found:
                raise InputError(f"{path}: column {column!r} is missing; {did_you_mean(column, found)}")
        for row in table:
            where = f"{path}, line {table.line_num}"
            actions.setdefault(_name(row, "video", where), []).append(_action(row, where))
    except csv.Error as error:
        raise InputError(f"{path}: not valid CSV: {error}") from error
    return [Timeline(video, tuple(listed)) for video, listed in actions.items()]


def _cell(row: Mapping[str, str | None], column: str, where: str) -> str:
    text = row[column]
    if text is None:
        raise InputError(f"{where}: expected {', '.join(COLUMNS)}, found fewer values")
    return text


def _name(row: Mapping[str, str | None], column: str, where: str) -> str:
    text = _cell(row, column, where)
    return text[1:] if QUOTED.match(text) else text


def _action(row: Mapping[str, str | None], where: str) -> Action:
    label = _name(row, "label", where)
    return Action(
        number(row["start"], f"{where}: start"),
        number(row["end"], f"{where}: end"),
        label,
        number(row.get("score", "1"), f"{where}: score"),
        _name(row, SUBJECT, where) if row.get(SUBJECT) else None,
    )


def number(text: str | None, what: str) -> float:
    """The finite number that a text says; `what` it is for the message.

    Raises:
        InputError: it says none.
    """
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{what} must be a number, found {text!r:.60}")
    return value
