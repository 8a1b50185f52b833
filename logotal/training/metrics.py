"""The table of a run: one row of numbers per epoch, in metrics.csv."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from logotal.files.whole import write_whole


def write_row(path: Path, row: Mapping[str, int | float]) -> None:
    """Adds the row of an epoch (`row["epoch"]`); rows of that and later epochs, left by a killed run, are replaced."""
    earlier = []
    if path.is_file():
        with path.open(newline="") as file:
            earlier = [old for old in csv.DictReader(file) if int(old["epoch"]) < row["epoch"]]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(row), restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows([*earlier, {name: _short(value) for name, value in row.items()}])
    write_whole(path, text.getvalue().encode())


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"
