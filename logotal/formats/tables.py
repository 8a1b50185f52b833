"""Tables of labels, an action a line: CSV, TSV or semicolons, from any tool or spreadsheet, known by their headers.

A column may be called by any of the names in `columns.ROLES`, in any case, with spaces, underscores or a unit: `Start
(s)`, `start_ms`, `startTime`. Needed are a label and a start; without an end or a duration every action is a point in
time, without a video the table is about the video of its own name. A line that names a video and nothing else says
that somebody looked at the video and found no action.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.columns import ROLES, key
from logotal.formats.label_file import Collected, LabelFile, NotLabelsError
from logotal.formats.times import seconds_of
from logotal.timeline import Action

DELIMITERS = ",;\t|"
LOOKED_AT = 80
"""Rows in which the header must lie; BORIS writes about the observation before it."""


@dataclass(frozen=True)
class Table:
    """A table with its header: `rows` are (line, cells), `before` are the rows above the header."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    before: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def keys(self) -> list[str]:
        """The headers as `columns.ROLES` has them."""
        return [key(cell)[0] for cell in self.header]

    def column(self, *names: str) -> int | None:
        """The number of the first column that has one of the names, as `key` gives them."""
        return next((self.keys.index(name) for name in names if name in self.keys), None)

    def roles(self) -> dict[str, int]:
        """The columns that play a part."""
        found = {role: self.column(*names) for role, names in ROLES.items()}
        return {role: column for role, column in found.items() if column is not None}

    def group_column(self, called: str | None) -> int | None:
        """The column that says the group: the one of that header, or without one the one that is called group."""
        if called is None:
            return self.column(*ROLES["group"])
        headers = [cell.strip().casefold() for cell in self.header]
        wanted = called.strip().casefold()
        return headers.index(wanted) if wanted in headers else None

    def seconds(self, cells: Sequence[str], column: int, where: str) -> float:
        """The time in a cell.

        Raises:
            InputError: it says none.
        """
        name = self.header[column]
        value = seconds_of(cells[column], unit=key(name)[1], decimal_comma=self.delimiter != ",")
        if value is None:
            raise InputError(
                f"{where}: {name.strip()!r} must be seconds, mm:ss or hh:mm:ss, found {cells[column]!r:.60}; mend it"
            )
        return value


def parse_table(text: str, path: Path, *, needed: Collection[str] = ("label", "start")) -> Table:
    """The table in a text: of the delimiters, the one by which a header appears, with columns for the `needed` roles.

    Raises:
        NotLabelsError: no line is such a header.
        InputError: the table is broken behind its header.
    """
    text = re.sub(r"\Asep=.\r?\n", "", text)  # Excel's own line about the delimiter
    delimiter, at = _find_header(text, path, needed)
    rows = list(_rows(text, delimiter, path))
    line, header = rows[at]
    while header and not header[-1].strip():
        header = header[:-1]
    said = [cell.strip().lower() for cell in header if cell.strip()]
    if twice := next((cell for cell in said if said.count(cell) > 1), None):
        raise InputError(f"{path}, line {line}: column {twice!r} stands twice; rename or remove one")
    body = []
    for line, cells in rows[at + 1 :]:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise InputError(
                f"{path}, line {line}: expected {len(header)} values, found {len(cells)}; "
                "put labels and numbers that hold the delimiter between double quotes"
            )
        body.append((line, (*cells, *[""] * len(header))[: len(header)]))
    return Table(path, delimiter, header, tuple(body), tuple(cells for _, cells in rows[:at]))


def read_table(table: Table, group_column: str | None = None) -> LabelFile:
    """The labels in a table; `group_column` is the header of the column that says the group of each video.

    Raises:
        InputError: a time cannot be read, or a video has two groups or splits; the message says the line.
    """
    roles = table.roles()
    grouping = table.group_column(group_column)
    found = Collected(table.path)
    own = table.path.stem
    if "video" not in roles:
        found.see(own)
    for line, cells in table.rows:
        where = f"{table.path}, line {line}"
        said = {role: cells[column].strip() for role, column in roles.items()}
        told = any(said.get(role) for role in ("start", "end", "duration", "label"))
        video = said.get("video", own)
        if not video:
            if told:
                found.leave_out(where, "names no video")
            continue
        if split := said.get("split"):
            found.say(video, "split", split, where)
        if grouping is not None and (group := cells[grouping].strip()):
            found.say(video, "group", group, where)
        found.see(video)
        if told and isinstance(action := _action(table, roles, said, cells, where), Action):
            found.add(video, action, where)
        elif told:
            found.leave_out(where, str(action))
    points = not {"end", "duration"} & set(roles)
    notes = [f"{table.path}: no column for the end or duration, so every action is a point in time"] if points else []
    return found.file("table", notes)


def _action(
    table: Table, roles: Mapping[str, int], said: Mapping[str, str], cells: Sequence[str], where: str
) -> Action | str:
    """The action of a line, or why it says none; `said` are the cells that play a part, by role."""
    for role in ("label", "start"):
        if not said[role]:
            return f"has no {role}"
    start = table.seconds(cells, roles["start"], where)
    if said.get("end"):
        end = table.seconds(cells, roles["end"], where)
    elif said.get("duration"):
        end = round(start + table.seconds(cells, roles["duration"], where), 9)
    elif {"end", "duration"} & set(roles):
        return "has no end"
    else:
        end = start
    return Action(start, end, said["label"])


def _find_header(text: str, path: Path, needed: Collection[str]) -> tuple[str, int]:
    """The delimiter of a table, and the number of the row that is its header."""
    best: tuple[int, int, str] | None = None
    first: tuple[str, ...] = ()
    for delimiter in DELIMITERS:
        rows: list[tuple[int, tuple[str, ...]]] = []
        with suppress(InputError):  # a table that breaks off has a header all the same
            rows.extend(islice(_rows(text, delimiter, path), LOOKED_AT))
        for at, (_, cells) in enumerate(rows):
            keys = {key(cell)[0] for cell in cells}
            roles = {role for role, names in ROLES.items() if keys & set(names)}
            if set(needed) <= roles:
                best = max(best or (0, 0, ""), (len(roles), -at, delimiter))
                break
        first = max(first, rows[0][1] if rows else (), key=len)
    if best is None:
        raise NotLabelsError(
            f"{path}: expected a header with columns for {' and '.join(needed)} (as video,start,end,label), "
            f"found {', '.join(cell.strip() for cell in first)!r:.80}"
        )
    return best[2], -best[1]


def _rows(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line number and the cells of every row that holds something."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, tuple(cells)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a valid table: {error}") from error
