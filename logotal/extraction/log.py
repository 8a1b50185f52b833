"""Lines about an extraction, added to a file as they come."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from logotal.errors import InputError
from logotal.files.remote import first_bytes, is_remote, look, put

EVERY = 60.0
"""Seconds between two times that a remote file is put: nothing can be added to it."""


@contextmanager
def appending(path: Path) -> Iterator[Callable[[str], None]]:
    """Yields what adds text to a file; a remote one is put with all of it once a minute, and at the end.

    Raises:
        InputError: it cannot be written.
    """
    if not is_remote(path):
        yield lambda text: _append(path, text)
        return
    earlier: bytes | None = None
    added, next_time = "", time.monotonic() + EVERY

    def flush() -> None:
        nonlocal earlier
        if earlier is None:
            info = look(path)
            earlier = b"" if info is None else first_bytes(path, int(info["size"]))
        put(path, earlier + added.encode())

    def add(text: str) -> None:
        nonlocal added, next_time
        added += text
        if time.monotonic() >= next_time:
            flush()
            next_time = time.monotonic() + EVERY

    try:
        yield add
    finally:
        if added:
            flush()


def _append(log: Path, text: str) -> None:
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{log}: cannot be written ({error.strerror}); make room or choose another place") from error
