"""Callbacks: how long work reports its progress, and what it has to say on the way."""

from collections.abc import Callable

Progress = Callable[[float, int], object]
"""`progress(done, total)`: called while work goes on; `done` may be a fraction."""

Say = Callable[[str], object]
"""`say(sentence)`: called with what does not take part, and with what a reader of the result should know."""


def silent(*_: object) -> None:
    """Reports nothing; the default of every callback."""
