"""The table of a run: one row of numbers per epoch, in metrics.csv."""

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from logotal.errors import InputError
from logotal.files.text import is_there, read_text
from logotal.files.whole import write_whole

CURE = "remove the file, which only the curves are drawn from, and go on"


def write_row(path: Path, row: Mapping[str, int | float]) -> None:
    """Adds the row of an epoch (`row["epoch"]`); rows of that and later epochs, left by a killed run, are replaced.

    Raises:
        InputError: what is there is no such table.
    """
    earlier = [old for old in read_rows(path) if float(old["epoch"]) < row["epoch"]]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(row), restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows([*earlier, {name: _short(value) for name, value in row.items()}])
    write_whole(path, text.getvalue().encode())


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table, a text of a number or nothing by column; none where it is absent.

    Raises:
        InputError: it is no such table.
    """
    if not is_there(path):
        return []
    try:
        reader = csv.DictReader(io.StringIO(read_text(path), newline=""), restval="", strict=True)
        rows = list(reader)
    except csv.Error as error:
        raise InputError(f"{path}: expected a table of numbers, a row per epoch ({error}); {CURE}") from error
    names = [name for name in reader.fieldnames or () if name]
    if rows and "epoch" not in names:
        raise InputError(f"{path}: expected a column 'epoch', found {', '.join(names)[:60] or 'none'}; {CURE}")
    for number, row in enumerate(rows, start=1):
        for name in names:
            if not _is_number(row[name]) or (name == "epoch" and not math.isfinite(float(row[name] or "nan"))):
                found = f"found {row[name]!r:.60} as {name!r:.60} in row {number}"
                raise InputError(f"{path}: expected a table of numbers, a row per epoch, {found}; {CURE}")
    return [{name: row[name] for name in names} for row in rows]


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"
