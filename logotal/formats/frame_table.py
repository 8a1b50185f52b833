"""Tables with a row for each frame: its number, from 0 or 1, or its time, and its label. Equal labels are an action.

Rows whose label is 0 or empty say that nothing happens, as do labels that `--background` names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from logotal.formats.event_table import PLACES, SUFFIXES, moment_in_unit, table_of
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.moments import Clock, Moment
from logotal.formats.segmentation import background_notes
from logotal.formats.tables import Table
from logotal.formats.times import number_of

FRAMES = ("frame", "frames", "framenumber", "frameid", "framenum", "frameindex", "frameno")
FEWEST = 10
"""Rows below which a table is one of moments."""
IDLE = frozenset({"", "0", "0.0"})


@dataclass(frozen=True)
class _Row:
    video: str
    time: float
    label: str
    line: int


def _claims(source: Source) -> bool:
    table = _table(source)
    return table is not None and _is_framewise(_rows(table))


def _table(source: Source) -> Table | None:
    """The table, if it has a label for a frame or a moment and nothing else that says when or where."""
    if source.suffix not in SUFFIXES:
        return None
    table = table_of(source, "label")
    if table is None or {"end", "duration", "score"} & set(table.roles) or PLACES & set(table.keys):
        return None
    return table if _column(table) is not None else None


def _column(table: Table) -> int | None:
    """The column that says when a row is: its time rather than its frame."""
    return table.roles.get("start", table.column(*FRAMES))


def _rows(table: Table) -> list[_Row]:
    column, label, video = _column(table), table.roles["label"], table.roles.get("video")
    rows = []
    for line, cells in table.rows:
        time = number_of(cells[column or 0], decimal_comma=table.delimiter != ",")
        if time is None:
            return []
        rows.append(_Row("" if video is None else cells[video].strip(), time, cells[label].strip(), line))
    return rows


def _is_framewise(rows: Sequence[_Row]) -> bool:
    """Whether rows follow each other in even steps, with labels that stay for a while."""
    videos = _by_video(rows)
    return bool(videos) and all(_is_even(listed) for listed in videos)


def _is_even(rows: Sequence[_Row]) -> bool:
    steps = [later.time - earlier.time for earlier, later in pairwise(rows)]
    if len(rows) < FEWEST or min(steps) <= 0 or max(steps) > 1.5 * min(steps) + 1e-3:
        return False
    return sum(1 for _ in groupby(rows, key=lambda row: row.label)) <= len(rows) / 2


def _by_video(rows: Sequence[_Row]) -> list[list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.video, []).append(row)
    return list(found.values())


def _labels(source: Source) -> LabelFile:
    table = _table(source)
    if table is None:  # claimed before
        return LabelFile(source.path, "a row a frame", ())
    framed = "start" not in table.roles
    videos = []
    for listed in _by_video(_rows(table)):
        base = 1 if framed and listed[0].time == 1 else 0
        rows = [replace(row, time=row.time - base) for row in listed]
        names = (rows[0].video or source.path.stem,)
        actions = tuple(_actions(rows, source, framed=framed))
        frames = len(rows) if framed and not source.options.rate else None
        videos.append(VideoLabels(names, source.path, actions, named="video" in table.roles, frames=frames))
    notes = background_notes(source, (action.label for video in videos for action in video.actions))
    idle = sum(row.label in IDLE for row in _rows(table))
    if idle:
        notes.append(f"{source.path}: {idle:,} rows with the label 0 or none say that nothing happens")
    return LabelFile(source.path, "a row a frame", tuple(videos), notes=tuple(notes))


def _actions(rows: Sequence[_Row], source: Source, *, framed: bool) -> Iterator[FoundAction]:
    step = (rows[-1].time - rows[0].time) / (len(rows) - 1)
    clock = Clock.FRAMES if framed else Clock.UNSAID
    at = 0
    for label, run in groupby(rows, key=lambda row: row.label):
        listed = list(run)
        at += len(listed)
        behind = rows[at].time if at < len(rows) else rows[-1].time + step
        if label not in IDLE:
            start, end = (moment_in_unit(Moment(time, clock), source) for time in (listed[0].time, round(behind, 6)))
            yield FoundAction(start, end, label, f"{source.path}, line {listed[0].line}")


FRAME_TABLE = Form("table with a row for each frame", _claims, _labels, SUFFIXES)
