"""Tables of text: what results print, and what they become in a notebook or in pandas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logotal.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; the first `words` columns hold words, the others numbers.

    >>> print(Table([["tIoU", "mAP"], ["0.5", "71.03"]], title="results"))
    results
    tIoU    mAP
    0.5   71.03
    """

    rows: Sequence[Sequence[str]]
    """The header first."""
    title: str = ""
    words: int = 1

    def __str__(self) -> str:
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(self.rows[0]))]
        lines = [self.title] if self.title else []
        for row in self.rows:
            cells = (
                f"{cell:<{width}}" if column < self.words else f"{cell:>{width}}"
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)


def data_frame(rows: Sequence[dict[str, Any]], columns: Sequence[str] | None = None) -> "pd.DataFrame":
    """The rows as a pandas table.

    Raises:
        InputError: pandas is not installed.
    """
    try:
        import pandas  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError("this needs pandas; install it with: pip install 'logotal[pandas]'") from error
    return pandas.DataFrame(rows, columns=None if columns is None else list(columns))
