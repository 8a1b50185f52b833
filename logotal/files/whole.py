"""Files that are whole or absent: what is written appears under its name only when it is complete.

It is prepared beside its place, under a name that begins with a dot and ends in `.part`, and flushed to the disk
before it is renamed. Who writes such a part holds a lock on it, which ends with the process, however that ends: a part
that nobody holds was left by a killed process, and the next one that writes the same file removes it.
"""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from logotal.endings import at_end
from logotal.errors import InputError
from logotal.files.remote import is_remote, look, put, refuse_remote, remove, try_to_put

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, what a killed process left stays
    fcntl = None  # type: ignore[assignment]

LONGEST = 240
"""Bytes of a name that still leave room for what a part's name adds; file systems take 255."""

_parts: dict[Path, int | None] = {}
"""What this process makes, with the descriptor that holds it as soon as there is one."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file, which is there whole or not at all; parent folders are made.

    Raises:
        InputError: it cannot be written, because the disk is full, the folder read-only, ...
    """
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Writes files that belong together, of which the last is the sign that all are there.

    All are on the disk before the first gets its name. An older last one is taken away before the others change, so
    that it never stands beside those of another time. At addresses, one is put after the other.

    Raises:
        InputError: one of them cannot be written; what was there before is as it was, but for an older last one at an
            address.
    """
    if any(map(is_remote, contents)):
        _put_together(contents)
        return
    parts = {}
    with ExitStack() as held:
        for path, content in contents.items():
            parts[path] = held.enter_context(_part(path, folder=False))
            with _naming(path):
                _fill(parts[path], content)
        *_, last = contents
        with _naming(last):
            if len(contents) > 1:
                last.unlink(missing_ok=True)
            for path, part in parts.items():
                part.replace(path)


def _put_together(contents: Mapping[Path, bytes]) -> None:
    *_, last = contents
    if len(contents) > 1 and exists(last):
        remove(last)
    for path, content in contents.items():
        put(path, content)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` in which it is prepared; whoever is done moves it from there to its place.

    Raises:
        InputError: the folder cannot be made.
    """
    with _part(path, folder=True) as part:
        yield part


def clear_leftover(path: Path) -> None:
    """Removes what a killed process left of writing `path`; what somebody still writes stays."""
    _clear(_part_name(path))


def is_file(path: str | Path) -> bool:
    """Whether a file lies there; `Path.is_file` raises where none could be called so (too long, forbidden, a NUL)."""
    return _kind(path) == "file" if is_remote(path) else os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Whether a folder lies there; `Path.is_dir` raises where none could be called so."""
    return _kind(path) == "directory" if is_remote(path) else os.path.isdir(path)  # noqa: PTH112


def exists(path: str | Path) -> bool:
    """Whether anything lies there; a link to nothing does not count."""
    return _kind(path) is not None if is_remote(path) else os.path.exists(path)  # noqa: PTH110


def _kind(path: str | Path) -> str | None:
    """What lies at an address."""
    return None if (info := look(Path(path))) is None else str(info["type"])


def check_writable(path: Path) -> None:
    """Makes sure, before long work, that its result can be written.

    Raises:
        InputError: it cannot: there is a folder of that name, the folder above is read-only, ...
    """
    if is_remote(path):
        try_to_put(path, _part_name(path).name)
    else:
        with _part(path, folder=False):
            pass
    if is_folder(path):
        raise InputError(f"{path}: expected the name of a file, found a folder; name a file in it")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turns what the system says about writing a file into one sentence."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            reason = "there is a file where a folder is expected"
        raise InputError(f"{path}: cannot be written ({reason}); make room or choose another place") from error


@contextmanager
def _part(path: Path, *, folder: bool) -> Iterator[Path]:
    """An empty file or folder beside `path`, held while it is filled, and removed if it is still there afterwards."""
    refuse_remote(path, "a place")
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part, lock = _made(path, folder=folder)
    try:
        yield part
    finally:
        if lock is None or is_same(lock, part):  # once renamed, the name may already be somebody else's part
            _remove(part)
        _parts.pop(part, None)
        if lock is not None:
            os.close(lock)


def _remove_rest() -> None:
    """Removes the parts that a signal left: it may come between any two lines. What somebody else holds stays."""
    for part, descriptor in list(_parts.items()):
        with suppress(OSError):
            lock = os.open(part, os.O_RDONLY | os.O_NOFOLLOW) if fcntl and descriptor is None else descriptor
            if lock is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is None or is_same(lock, part):
                _remove(part)


at_end(_remove_rest)


def _part_name(path: Path, unique: str = "") -> Path:
    name = path.name if len(os.fsencode(path.name)) <= LONGEST else hashlib.sha256(os.fsencode(path.name)).hexdigest()
    return path.with_name(f".{name}{unique}.part")


def _made(path: Path, *, folder: bool) -> tuple[Path, int | None]:
    for unique in ("", f".{secrets.token_hex(4)}"):  # the second where others write the same now, or without locks
        part = _part_name(path, unique)
        if part in _parts:  # of another thread
            continue
        _clear(part)
        _parts[part] = None
        try:
            if folder:
                part.mkdir()
            else:
                part.touch(exist_ok=False)
            lock = _lock(part, wait=True)
        except (FileExistsError, FileNotFoundError):  # somebody else's, or cleared away before it was held
            _parts.pop(part, None)
            continue
        if (lock is None and unique) or (lock is not None and is_same(lock, part)):
            return part, lock
        if lock is None:
            _remove(part)
        else:
            os.close(lock)  # cleared away by somebody else before it was held
        _parts.pop(part, None)
    raise FileExistsError(f"{path.name}: written by several at once")


def _clear(part: Path) -> None:
    """Removes what a killed process left; what somebody holds, or may hold, stays."""
    with suppress(FileNotFoundError):
        if (lock := _lock(part, wait=False)) is not None:
            if is_same(lock, part):
                _remove(part)
            os.close(lock)


def _lock(part: Path, *, wait: bool) -> int | None:
    """A descriptor that holds the part; None where somebody else does, or where there are no locks.

    Raises:
        FileNotFoundError: there is no such part.
    """
    if fcntl is None:
        return None
    descriptor = None
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
        if part in _parts:
            _parts[part] = descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except FileNotFoundError:
        raise
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
        return None
    return descriptor


def is_same(descriptor: int, path: Path) -> bool:
    """Whether an open file still has that name; somebody may have removed or replaced it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except OSError:
        return False


def _remove(part: Path) -> None:
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part, ignore_errors=True)
    else:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _fill(part: Path, content: bytes) -> None:
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
