"""A folder that one process at a time writes into.

The lock is one of the system, which ends with its process however that ends: the file of a killed one locks nothing.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logotal.endings import at_end
from logotal.files.remote import refuse_remote
from logotal.files.whole import is_same

LOCK = ".lock"
NO_LINK = getattr(os, "O_NOFOLLOW", 0)

_held: set[Path] = set()
"""What this process holds, or is about to. Locks are of a process: those that load data, its forks, hold none."""


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Yields whether nobody else holds the folder; holds it until the end. Where there are no locks, nobody does."""
    refuse_remote(folder, "a folder")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / LOCK
    if path in _held:
        yield False
        return
    _held.add(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o666)
    except OSError as error:
        _held.discard(path)
        if isinstance(error, PermissionError) and sys.platform == "win32":
            yield False
            return
        raise
    try:
        yield _lock(descriptor) and _is_there(descriptor, path)
    finally:
        _release(descriptor, path)
        _held.discard(path)


def _release(descriptor: int, path: Path) -> None:
    """Closes the file and takes its name away, unless somebody else holds it."""
    with suppress(OSError):
        if sys.platform == "win32":  # which lets nobody remove a file that another process has open
            os.close(descriptor)
            path.unlink(missing_ok=True)
            return
        if _lock(descriptor) and _is_there(descriptor, path):  # nobody takes a file that loses its name now
            path.unlink(missing_ok=True)
    os.close(descriptor)


def _release_rest() -> None:
    """Releases what a signal left: it may come between any two lines above. What somebody else holds stays."""
    for path in _held:
        with suppress(OSError):
            _release(os.open(path, os.O_RDWR | NO_LINK), path)


at_end(_release_rest)


def _is_there(descriptor: int, path: Path) -> bool:
    """Whether the file still has its name; whoever held it before may just have removed it."""
    return sys.platform == "win32" or is_same(descriptor, path)


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
