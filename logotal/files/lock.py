"""A folder that one process at a time writes into.

The lock is one of the system, which ends with its process however that ends: the file of a killed one locks nothing.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logotal.endings import unheard

LOCK = ".lock"

_held: set[Path] = set()
"""What this process holds. Locks of the system are of a process: those that load data, its forks, hold none of them."""


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Yields whether nobody else holds the folder; holds it until the end. Where there are no locks, nobody does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / LOCK
    if path in _held:
        yield False
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        if isinstance(error, PermissionError) and sys.platform == "win32":
            yield False
            return
        raise
    held = False
    try:
        held = _lock(descriptor) and _is_there(descriptor, path)
        _held.update({path} if held else ())
        yield held
    finally:
        with unheard():  # a signal at this moment would leave the file
            _release(descriptor, path if held else None)


def _release(descriptor: int, path: Path | None) -> None:
    """Closes the file; takes away the name of one that was held."""
    if path is not None:
        _held.discard(path)
    if path is not None and sys.platform != "win32":  # while it is held, so that nobody takes a file without a name
        with suppress(OSError):
            path.unlink(missing_ok=True)
    os.close(descriptor)
    if path is not None and sys.platform == "win32":
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _is_there(descriptor: int, path: Path) -> bool:
    """Whether the file still has its name; whoever held it before may just have removed it."""
    if sys.platform == "win32":
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import errno
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)  # others: this file system has no locks
        return True
