"""Tables with a header: CSV, TSV or semicolons, from any tool or spreadsheet; what their cells say.

A column may be called by any of the names in `columns.ROLES`, in any case, with spaces, underscores or a unit: `Start
(s)`, `start_ms`, `start_frame`. `--columns` names others, by header, or by number where there is no header.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.columns import FACTORS, ROLES, TIMES, key
from logotal.formats.label_file import NotLabelsError
from logotal.formats.moments import Clock, Moment, timecode
from logotal.formats.times import number_of, seconds_of

DELIMITERS = ",;\t|"
LOOKED_AT = 80
"""Rows in which the header must lie; BORIS writes about the observation before it."""


@dataclass(frozen=True)
class Table:
    """A table with its header: `rows` are (line, cells), `before` the rows above, `named` columns by role."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    before: tuple[tuple[str, ...], ...] = ()
    named: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """The headers as `columns.ROLES` has them."""
        return [key(cell).name for cell in self.header]

    def column(self, *names: str) -> int | None:
        """The number of the first column that has one of the names, as `key` gives them."""
        return next((self.keys.index(name) for name in names if name in self.keys), None)

    @cached_property
    def roles(self) -> dict[str, int]:
        """The columns that play a part: as they are named, else as they are called, seconds before frames."""
        found = {role: self._called(names) for role, names in ROLES.items()}
        known = {role: column for role, column in found.items() if column is not None}
        taken = set(self.named.values())
        return {role: column for role, column in known.items() if column not in taken} | dict(self.named)

    def _called(self, names: Sequence[str]) -> int | None:
        places = [(name, i) for name in names for i, each in enumerate(self.keys) if each == name]
        ordered = sorted(places, key=lambda place: key(self.header[place[1]]).unit == "frames")
        return ordered[0][1] if ordered else None

    def group_column(self, called: str | None) -> int | None:
        """The column that says the group: the one of that header, or without one the one that is called group."""
        if called is None:
            return self.roles.get("group")
        headers = [cell.strip().casefold() for cell in self.header]
        wanted = called.strip().casefold()
        return headers.index(wanted) if wanted in headers else None

    def seconds(self, cells: Sequence[str], column: int, where: str) -> float:
        """The time in a cell of a column that counts seconds, unless its header says otherwise.

        Raises:
            InputError: it says none.
        """
        unit = FACTORS.get(key(self.header[column]).unit or "s", 1.0)
        value = seconds_of(cells[column], unit=unit, decimal_comma=self.delimiter != ",")
        if value is None:
            raise self._no_time(cells, column, where)
        return value

    def moment(self, cells: Sequence[str], column: int, where: str, *, timecodes: bool = False) -> Moment:
        """The moment in a cell; of a number in a column whose header says no unit, its clock is `UNSAID`.

        Args:
            cells: of the row.
            column: of the cell.
            where: the row stands, for messages.
            timecodes: whether 1:02:12 is minutes, seconds and frames.

        Raises:
            InputError: the cell says no time.
        """
        text = cells[column].strip()
        if found := timecode(_filled(text) if timecodes else text):
            return found
        decimal_comma = self.delimiter != ","
        number = number_of(text, decimal_comma=decimal_comma)
        if number is None:
            seconds = seconds_of(text, decimal_comma=decimal_comma)  # a clock, or 7 s
            if seconds is None:
                raise self._no_time(cells, column, where)
            return Moment(seconds)
        unit = key(self.header[column]).unit
        if unit == "frames":
            return Moment(number, Clock.FRAMES)
        return Moment(number, Clock.UNSAID) if unit not in FACTORS else Moment(round(number * FACTORS[unit], 9))

    def _no_time(self, cells: Sequence[str], column: int, where: str) -> InputError:
        return InputError(
            f"{where}: {self.header[column].strip()!r} must be seconds, mm:ss or hh:mm:ss, "
            f"found {cells[column]!r:.60}; mend it"
        )


def _filled(text: str) -> str:
    """A timecode of few parts (1:05) with all of them."""
    parts = re.split("[:;]", text)
    if not 2 <= len(parts) < 4 or not all(part.isdecimal() for part in parts):
        return text
    return ":".join([*["00"] * (4 - len(parts)), *(part.zfill(2) for part in parts)])


def parse_table(
    text: str,
    path: Path,
    *,
    needed: Collection[str] = ("label", "start"),
    columns: Mapping[str, str] | None = None,
    strict: bool = True,
) -> Table:
    """The table in a text: of the delimiters, the one by which a header appears, with columns for the `needed` roles.

    Args:
        text: of the file.
        path: of the file, for messages.
        needed: roles that the header must have.
        columns: headers, or numbers of columns, by role.
        strict: whether a row of too many cells is an error; elsewhere the rest of them goes.

    Raises:
        NotLabelsError: no line is such a header.
        InputError: the table is broken behind its header.
    """
    text = re.sub(r"\Asep=.\r?\n", "", text)  # Excel's own line about the delimiter
    columns = columns or {}
    if columns and all(value.isdecimal() for value in columns.values()):
        return _without_header(text, path, {role: int(value) - 1 for role, value in columns.items()})
    delimiter, at = _find_header(text, path, needed, columns)
    rows = list(_rows(text, delimiter, path))
    line, header = rows[at]
    while header and not header[-1].strip():
        header = header[:-1]
    called = Counter(cell.strip().lower() for cell in header if cell.strip())
    if twice := next((cell for cell, times in called.items() if times > 1), None):
        raise InputError(f"{path}, line {line}: column {twice!r} stands twice; rename or remove one")
    body = []
    for line, cells in rows[at + 1 :]:
        if strict and any(cell.strip() for cell in cells[len(header) :]):
            raise InputError(
                f"{path}, line {line}: expected {len(header)} values, found {len(cells)}; "
                "put labels and numbers that hold the delimiter between double quotes"
            )
        body.append((line, (*cells, *[""] * len(header))[: len(header)]))
    before = tuple(cells for _, cells in rows[:at])
    named = {role: place for role, value in columns.items() if (place := _place(header, value)) is not None}
    return Table(path, delimiter, header, tuple(body), before, named)


def first_rows(text: str, path: Path, count: int = 12) -> tuple[str, list[tuple[str, ...]]]:
    """The delimiter that gives most columns, and the first rows by it; a broken table ends where it breaks."""
    best: tuple[str, list[tuple[str, ...]]] = (",", [])
    for delimiter in DELIMITERS:
        rows: list[tuple[str, ...]] = []
        with suppress(InputError):
            rows.extend(cells for _, cells in islice(_rows(text, delimiter, path), count))
        if rows and (not best[1] or min(map(len, rows)) > min(map(len, best[1]))):
            best = delimiter, rows
    return best


def _without_header(text: str, path: Path, places: Mapping[str, int]) -> Table:
    """A table whose columns are named by number."""
    delimiter, rows = first_rows(text, path)
    width = max(map(len, rows), default=0)
    for role, place in places.items():
        if not 0 <= place < width:
            raise InputError(f"{path}: --columns {role}={place + 1}: the table has {width} columns")
    listed = list(_rows(text, delimiter, path))
    width = max(len(cells) for _, cells in listed)
    header = tuple(f"column {i + 1}" for i in range(width))
    times = [places[role] for role in TIMES & set(places)]
    if listed and not all(_is_time(listed[0][1], place, delimiter) for place in times):
        listed = listed[1:]  # its names say nothing that numbers do not
    body = tuple((line, (*cells, *[""] * width)[:width]) for line, cells in listed)
    return Table(path, delimiter, header, body, named=dict(places))


def _is_time(cells: Sequence[str], place: int, delimiter: str) -> bool:
    text = cells[place] if place < len(cells) else ""
    return not text.strip() or bool(timecode(text)) or seconds_of(text, decimal_comma=delimiter != ",") is not None


def _find_header(text: str, path: Path, needed: Collection[str], columns: Mapping[str, str]) -> tuple[str, int]:
    """The delimiter of a table, and the number of the row that is its header."""
    best: tuple[int, int, int, str] | None = None
    first: tuple[str, ...] = ()
    for delimiter in DELIMITERS:
        rows: list[tuple[int, tuple[str, ...]]] = []
        with suppress(InputError):  # a table that breaks off has a header all the same
            rows.extend(islice(_rows(text, delimiter, path), LOOKED_AT))
        for at, (_, cells) in enumerate(rows):
            keys = {key(cell).name for cell in cells}
            roles = {role for role, names in ROLES.items() if keys & set(names)}
            roles |= {role for role, value in columns.items() if _place(cells, value) is not None}
            if set(needed) <= roles:
                best = max(best or (0, 0, 0, ""), (len(roles), -at, len(cells), delimiter))
                break
        first = max(first, rows[0][1] if rows else (), key=len)
    if best is None:
        raise NotLabelsError(_no_header(path, needed, first))
    return best[3], -best[1]


def _no_header(path: Path, needed: Collection[str], first: Sequence[str]) -> str:
    """What is missing, and how columns are named that are called otherwise."""
    found = ", ".join(cell.strip() for cell in first)
    text = f"{path}: expected a header with columns for {' and '.join(needed)} (as video,start,end,label)"
    times = [i for i, cell in enumerate(first, start=1) if seconds_of(cell) is not None or timecode(cell)]
    if len(times) >= 2:
        video = "" if times[0] == 1 else "video=1 "
        cure = f"name the columns by number: --columns {video}start={times[0]} end={times[1]} label={len(first)}"
        return f"{text}, found a first line without names, {found!r:.80}; {cure}"
    cure = "; if these are labels, name the columns: --columns label=HEADER start=HEADER" if len(first) > 2 else ""
    return f"{text}, found {found!r:.80}{cure}"


def _place(header: Sequence[str], called: str) -> int | None:
    """The number of the column that a person calls so."""
    names = [cell.strip().casefold() for cell in header]
    wanted = called.strip().casefold()
    return names.index(wanted) if wanted in names else None


def _rows(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line number and the cells of every row that holds something."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, tuple(cells)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a valid table: {error}") from error
