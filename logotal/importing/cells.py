"""The cells of tables as text, and the numbers in them."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from logotal.errors import InputError
from logotal.files.text import read_text
from logotal.importing.pose import Values


def rows_of(path: Path) -> list[list[str]]:
    """The cells of a table, without empty lines and comments; the delimiter is what the first line has most of.

    Raises:
        InputError: there are none, or a cell that never ends.
    """
    lines = [line for line in read_text(path).splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise InputError(f"{path}: expected a table, found no line in it")
    delimiter = max(",;\t", key=lines[0].count)
    if not lines[0].count(delimiter):
        return [line.split() for line in lines]
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{path}: not a table ({error}); save it again") from error


def check_cells(path: Path, rows: Sequence[Sequence[str]], count: int) -> None:
    """Makes sure that each row has a cell for each column.

    Raises:
        InputError: one has fewer.
    """
    if short := next((row for row in rows if len(row) < count), None):
        raise InputError(
            f"{path}: expected {count} cells in each row, found {len(short)} in {short!r:.60}; mend the table"
        )


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns: words, or the numbers of the columns, as pandas writes them."""
    if not all(is_number(cell) for cell in rows[0]):
        return True
    cells = [cell.strip() for cell in rows[0]]
    return len(cells) > 2 and any(cells == [str(number + first) for number in range(len(cells))] for first in (0, 1))


def numbers(cells: Sequence[Sequence[str]], where: str, names: Sequence[str]) -> Values:
    """The numbers in cells, NaN where a cell is empty.

    Raises:
        InputError: a cell holds something else; the message says its column.
    """
    try:
        return np.array([[float(cell) if cell.strip() else math.nan for cell in row] for row in cells], np.float64)
    except ValueError:
        for number, row in enumerate(cells, start=1):
            for name, cell in zip(names, row, strict=False):
                if cell.strip() and not is_number(cell):
                    raise InputError(
                        f"{where}: expected numbers, found {cell!r:.40} in column {name!r}, row {number}; remove the "
                        "column or mend the cell"
                    ) from None
        raise InputError(f"{where}: expected as many cells in each row as in the first; mend the table") from None


def is_number(cell: Any) -> bool:
    """Whether a cell holds a number."""
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
