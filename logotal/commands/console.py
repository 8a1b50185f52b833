"""What the commands say and show: results on standard output, everything else on standard error."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from logotal.errors import printable


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


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> Table:
    """A table of plain text, its header the first row; the first `left` columns are words, the others numbers."""
    header, *body = rows
    made = Table(*map(escape, header), box=None, pad_edge=False, header_style="bold")
    for column in made.columns[left:]:
        column.justify = "right"
    for row in body:
        made.add_row(*map(escape, row))
    return made


class Advance(Protocol):
    """Tells a progress bar that `count` more are done, and the total where it was not known before."""

    def __call__(self, count: float, total: int | None = None, /) -> None:
        """`count` more are done; a part of one moves the bar too."""
        ...


@contextmanager
def progress_bar(title: str, total: int | None) -> Iterator[Advance]:
    """A bar with the time left; yields what is told how many more are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def advance(count: float, total: int | None = None, /) -> None:
            bar.update(task, advance=count, total=total)

        yield advance


@contextmanager
def training_progress() -> Iterator[Callable[[int, int, float], None]]:
    """A bar over the whole training with loss and time left; a line at every tenth where nobody looks at a terminal.

    Yields what is told the steps done, the steps in all, and the loss.
    """
    if not err.is_terminal:
        yield (
            lambda done, total, loss: (
                note(f"step {done} of {total}, loss {loss:.3f}")
                if done * 10 // total > (done - 1) * 10 // total
                else None
            )
        )
        return
    loss_column = TextColumn("loss {task.fields[loss]:.3f}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), loss_column, TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("training", total=None, loss=float("nan"))
        yield lambda done, total, loss: bar.update(task, completed=done, total=total, loss=loss)
