"""Tables with a row for each frame and a column of 0 and 1 for each class: DeepEthogram, SimBA and the like.

Layouts: https://github.com/jbohnslav/deepethogram/blob/master/docs/using_gui.md (all columns are classes, the first of
them `background`) and https://github.com/sgoldenlab/simba (the classes are the last columns, behind coordinates).
Frames are those of the video. Of mixed tables only the columns of 0 and 1 at the end are classes; `--columns
label=attack,groom` names them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from logotal.errors import InputError
from logotal.formats.event_table import PLACES, SUFFIXES
from logotal.formats.form import Form, Source
from logotal.formats.label_file import AskError, FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.segmentation import frame_moment
from logotal.formats.tables import Table, first_rows, parse_table
from logotal.words import few

BACKGROUND = frozenset({"background", "none", "other"})
INDICES = frozenset({"", "frame", "frames", "frameid", "framenumber", "index", "unnamed:0"})
FEWEST = 10
BINARY = frozenset({"0", "1", "0.0", "1.0"})


def _table(source: Source) -> Table | None:
    """The table, if its first column counts the rows and others hold 0 and 1."""
    _, rows = first_rows(source.text, source.path, FEWEST + 2)
    if source.suffix not in SUFFIXES or len(rows) < FEWEST + 1 or len(rows[0]) < 2:
        return None
    if rows[0][0].strip().lower().replace("_", "").replace(" ", "") not in INDICES or not _counts(rows[1:]):
        return None
    table = parse_table(source.text, source.path, needed=())
    return (
        table
        if _counts([cells for _, cells in table.rows])
        and any(_is_binary(table, i) for i in range(1, len(table.header)))
        else None
    )


LONG = 16
"""Digits that no count of rows has."""


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first cells count the rows one by one."""
    texts = [row[0].strip().removesuffix(".0") for row in rows]
    if not all(text.isdecimal() and len(text) < LONG for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_binary(table: Table, column: int) -> bool:
    return all(cells[column].strip() in BINARY for _, cells in table.rows)


def _claims(source: Source) -> bool:
    return _table(source) is not None


def _labels(source: Source) -> LabelFile:
    table = _table(source)
    if table is None:  # claimed before
        raise NotLabelsError(f"{source.path}: no table of frames")
    path = source.path
    names = [cell.strip() for cell in table.header]
    columns = _classes(table, names, source)
    actions = [action for column in columns for action in _actions(table, column, source)]
    other = [name for i, name in enumerate(names) if i and i not in columns and name.lower() not in BACKGROUND]
    notes = [f"{path}: the classes are {few([names[i] for i in columns], most=12)}"]
    if other:
        notes[0] += f"; {few(other, most=3)} are not"
    frames = None if source.options.rate else len(table.rows)
    entry = VideoLabels((path.stem,), path, tuple(actions), named=False, frames=frames)
    return LabelFile(path, "0 and 1 a frame", (entry,), notes=tuple(notes))


def _classes(table: Table, names: Sequence[str], source: Source) -> list[int]:
    """The columns that are classes.

    Raises:
        AskError: the columns of 0 and 1 are not those at the end.
    """
    binary = [i for i in range(1, len(names)) if _is_binary(table, i)]
    source.offered["columns"] = tuple(f"label={names[i]}" for i in binary)
    if wanted := source.options.columns.get("label"):
        listed = [each.strip() for each in wanted.split(",")]
        if missing := [each for each in listed if each not in (names[i] for i in binary)]:
            raise InputError(f"{source.path}: no column of 0 and 1 is called {few(missing)}; there are {few(names)}")
        source.used.add("columns label")
        return [names.index(each) for each in listed]
    last = max((i for i in range(1, len(names)) if i not in binary), default=0)
    classes = [i for i in binary if i > last and names[i].lower() not in BACKGROUND | PLACES]
    if not classes or (last and any(i < last and _varies(table, i) for i in binary)):
        offered = " | ".join(f"label={names[i]}" for i in binary)
        raise AskError(f"{source.path}: columns of 0 and 1 among others; say which are classes: --columns {offered}")
    return classes


def _varies(table: Table, column: int) -> bool:
    return len({cells[column].strip() for _, cells in table.rows}) > 1


def _actions(table: Table, column: int, source: Source) -> Iterator[FoundAction]:
    at = 0
    for value, run in groupby(table.rows, key=lambda row: row[1][column].strip()[:1]):
        rows = list(run)
        if value == "1":
            start, end = (frame_moment(frame, source) for frame in (at, at + len(rows)))
            yield FoundAction(start, end, table.header[column].strip(), f"{source.path}, line {rows[0][0]}")
        at += len(rows)


ONE_HOT = Form("table of 0 and 1 for each class (DeepEthogram, SimBA)", _claims, _labels, SUFFIXES)
