"""What the commands say and show: results on standard output, everything else on standard error."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from logotal.callbacks import Progress, silent
from logotal.errors import printable
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
    err.print(sentence, markup=False)


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
    if not err.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def stage_bar() -> Iterator[Callable[[str, float, int], None]]:
    """A bar for work in stages; yields callback(title, done, total). Without a terminal there is none."""
    if not err.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda title, done, total: bars.update(task, description=title, completed=done, total=total)


@contextmanager
def training_progress() -> Iterator[Callable[[int, int, float], None]]:
    """A bar over the whole training with loss and time left; a line at every tenth where there is no terminal.

    Yields callback(steps done, steps in all, loss).
    """
    if not err.is_terminal:
        yield _tenths
        return
    loss_column = TextColumn("loss {task.fields[loss]:.3f}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), loss_column, TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task("training", total=None, loss=float("nan"))
        yield lambda done, total, loss: bars.update(task, completed=done, total=total, loss=loss)


def _tenths(done: int, total: int, loss: float) -> None:
    """Prints a line whenever another tenth of a training is done."""
    if done * 10 // total > (done - 1) * 10 // total:
        note(f"step {done} of {total}, loss {loss:.3f}")
