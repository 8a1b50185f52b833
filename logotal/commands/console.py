"""What the commands say and show: results on standard output, everything else on standard error."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from logotal.callbacks import Progress, silent
from logotal.errors import printable, with_addresses
from logotal.tables import Table as Values


class _Harmless(Console):
    """A console on which names and labels of others give the terminal no orders."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The text of a string that is to be printed."""
        return super().render_str(printable(text), **options)


out = _Harmless(highlight=False, soft_wrap=True)
err = _Harmless(stderr=True, highlight=False, soft_wrap=True)

LISTED = 20
"""Sentences that are printed; the rest is counted, and stands in the file that is named."""


def note(sentence: str) -> None:
    """Prints a sentence beside the result."""
    err.print(with_addresses(sentence), markup=False)


def note_all(sentences: list[str], *, heading: str, rest_in: str) -> None:
    """Prints a list of sentences under a heading, the first ones only if it is long."""
    if not sentences:
        return
    note(heading)
    for sentence in sentences[:LISTED]:
        note(f"  {sentence}")
    if len(sentences) > LISTED:
        note(f"  and {len(sentences) - LISTED} more; all of them: {rest_in}")


def print_tables(tables: Iterable[Values]) -> None:
    """Prints tables of a result, a blank line between two."""
    for number, each in enumerate(tables):
        if number:
            out.print()
        if each.title:
            out.print(each.title, markup=False)
        out.print(table(each.rows, left=each.words))


def print_json(value: object) -> None:
    """Prints a result as JSON, and nothing else."""
    out.print(json.dumps(value, indent=1, ensure_ascii=False), markup=False)


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> Table:
    """A table of plain text, its header the first row; the first `left` columns are words, the others numbers."""
    header, *body = rows
    made = Table(*map(escape, header), box=None, pad_edge=False, header_style="bold")
    for column in made.columns[left:]:
        column.justify = "right"
    for row in body:
        made.add_row(*map(escape, row))
    return made


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar with the time left; yields callback(done, total). Without a terminal there is none."""
    with stage_bar() as stage:
        yield partial(stage, title)


@contextmanager
def stage_bar() -> Iterator[Callable[[str, float, int], object]]:
    """A bar for work in stages; yields callback(title, done, total). Without a terminal there is none."""
    if not err.is_terminal:
        yield silent
        return
    with _bar() as update:
        yield lambda title, done, total: update(description=title, completed=done, total=total)


@contextmanager
def training_progress() -> Iterator[Callable[[int, int, float], object]]:
    """A bar over the whole training with loss and time left; a line at every tenth where there is no terminal.

    Yields callback(steps done, steps in all, loss).
    """
    if not err.is_terminal:
        yield _tenths
        return
    with _bar(TextColumn("loss {task.fields[loss]:.3f}"), description="training", loss=float("nan")) as update:
        yield lambda done, total, loss: update(completed=done, total=total, loss=loss)


@contextmanager
def _bar(*more: ProgressColumn, description: str = "", **fields: Any) -> Iterator[Callable[..., object]]:
    """A bar with more columns and their fields; yields what changes it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more, TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        yield partial(bars.update, bars.add_task(description, total=None, **fields))


def _tenths(done: int, total: int, loss: float) -> None:
    """Prints a line whenever another tenth of a training is done."""
    if done * 10 // total > (done - 1) * 10 // total:
        note(f"step {done} of {total}, loss {loss:.3f}")
