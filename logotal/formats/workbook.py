"""Excel workbooks (.xlsx) by openpyxl, the extra `xlsx`: their sheets as tables."""

import csv
import io
import zipfile
from datetime import datetime, time, timedelta
from typing import Any

from logotal.errors import InputError
from logotal.formats.form import Source

MOST = 1_000_000
"""Rows of a sheet that are read."""
EMPTY = 100_000
"""Rows without anything after which a sheet is taken to be over."""
RATIO, ALWAYS = 100, 8 * 2**20
"""How many times its size a workbook may hold, and the bytes that any may; sheets shrink to a tenth."""


def sheets_of(source: Source) -> dict[str, Source]:
    """The sheets that hold something by name, each as the table that saving it as CSV would give.

    Raises:
        InputError: openpyxl is not installed, or the file is no workbook.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(
            f"{source.path}: workbooks need openpyxl: pip install 'logotal[xlsx]'; or save the sheet as CSV"
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(source.raw)) as archive:  # which reads no more of a part than is said here
            size = sum(part.file_size for part in archive.infolist())
        if size > (most := max(ALWAYS, RATIO * len(source.raw))):
            raise ValueError(f"its parts hold {size:,} bytes, expected at most {most:,}")
        book = openpyxl.load_workbook(io.BytesIO(source.raw), read_only=True, data_only=True)
        texts = {sheet.title: _text(sheet.iter_rows(values_only=True, max_row=MOST)) for sheet in book.worksheets}
    except Exception as error:  # whatever a broken archive makes of it
        raise InputError(f"{source.path}: not a workbook that can be read ({error}); save it as CSV") from error
    found = {}
    for name, text in texts.items():
        if text.strip():
            sheet = Source(source.path, source.options, named=source.named, text=text)
            sheet.suffix = ".csv"
            found[name] = sheet
    return found


def _text(rows: Any) -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    empty = 0
    for row in rows:
        if any(cell not in (None, "") for cell in row):
            table.writerow([_cell(cell) for cell in row])
            empty = 0
        elif (empty := empty + 1) > EMPTY:
            break
    return text.getvalue()


def _cell(value: object) -> str:
    """What a cell says; what Excel took for a time of day is a clock."""
    if value is None:
        return ""
    if isinstance(value, datetime | time):
        seconds = value.second + value.microsecond / 1e6
        return f"{value.hour:02}:{value.minute:02}:{seconds:09.6f}"
    if isinstance(value, timedelta):
        minutes, seconds = divmod(value.total_seconds(), 60)
        return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{seconds:09.6f}"
    return str(value)
