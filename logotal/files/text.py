"""Files of others, read whole: bytes and text, in UTF-8 (or UTF-16 that says so), unpacked within bounds.

A gzipped file of a few kilobytes can hold gigabytes of one letter; what it may become is bounded before it is read.
A pipe may never say anything and a device may never end: only plain files are opened, here and wherever another
library opens one (`check_plain`).
"""

import codecs
import gzip
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO

from logotal.errors import InputError
from logotal.files.cached import local
from logotal.files.remote import is_remote
from logotal.files.whole import exists

RATIO = 100
"""How many times its size a gzipped file may hold; annotations and detections shrink to a tenth, seldom to a 30th."""

ALWAYS = 64 * 2**20
"""Bytes that any gzipped file may hold."""

LARGEST = 2 * 2**30
"""Bytes that none may exceed, packed or not."""

KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def read_text(path: Path) -> str:
    """The text of a file, unpacked if its name ends in .gz, without a byte order mark.

    Raises:
        InputError: the file is absent, unreadable, no text, or holds beyond reason more than its size.
    """
    return decoded(read_raw(path), path)


def read_raw(path: Path) -> bytes:
    """The bytes of a file, unpacked if its name ends in .gz.

    Raises:
        InputError: the file is absent, unreadable, or holds beyond reason more than its size.
    """
    return read_plain(path, unpack=path.suffix.lower() == ".gz")


def read_plain(path: Path, *, unpack: bool = False) -> bytes:
    """The bytes of a plain file as they are, or unpacked.

    Raises:
        InputError: see `read_raw`.
    """
    try:
        with open_plain(path) as file:
            if unpack:
                return _unpacked(file, path)
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise InputError(f"{path}: expected at most {LARGEST:,} bytes, found {size:,}; is it the right file?")
            raw = file.read(size + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError, zlib.error) as error:  # a ValueError is a name that no file could have
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({error})") from error
    if len(raw) > size:  # as in /proc, whose files say that they are empty and may go on without end
        raise InputError(f"{path}: expected a file of {size:,} bytes, found more; copy it, then read the copy")
    return raw


def read_lines(path: Path) -> list[str]:
    """The lines of a file that is only shown or counted, whatever bytes are in it; none where it is absent.

    Raises:
        InputError: it cannot be read.
    """
    return read_raw(path).decode("utf-8", "replace").splitlines() if is_there(path) else []


def is_there(path: Path) -> bool:
    """Whether anything lies there; what is no plain file is refused when it is read, not taken for absent."""
    return exists(path) if is_remote(path) else os.path.lexists(path)


def check_plain(path: Path) -> None:
    """Makes sure, before a library opens a file, that it is none that would be waited for or never ends.

    Raises:
        InputError: it is a pipe, a socket, a device or a folder; what is absent is said by whoever opens it.
    """
    try:
        _check_mode(path.stat().st_mode, path)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise


def open_plain(path: Path) -> BinaryIO:
    """A plain file, open for reading; of a remote one, the copy in the cache.

    Raises:
        InputError: it is a pipe, a socket, a device or a folder.
        OSError: it cannot be opened.
    """
    path = local(path)
    check_plain(path)  # first, for opening alone moves a tape
    # And without waiting, for a pipe may have come in its place, and some files of /proc wait as pipes do.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(descriptor, "rb")
    try:
        _check_mode(os.fstat(descriptor).st_mode, path)
    except InputError:
        file.close()
        raise
    return file


def _check_mode(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        found = next((name for is_kind, name in KINDS if is_kind(mode)), "something else")
        raise InputError(f"{path}: expected a plain file, found {found}; name a file, or save what it gives to one")


def decoded(raw: bytes, path: Path) -> str:
    """The text that bytes say; `path` they come from, for messages.

    Raises:
        InputError: they are no text.
    """
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what a redirection in PowerShell writes
    try:
        return raw.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8 text, found other bytes at {error.start}") from error


def _unpacked(packed: BinaryIO, path: Path) -> bytes:
    size = os.fstat(packed.fileno()).st_size
    most = min(max(ALWAYS, RATIO * size), LARGEST)
    with gzip.open(packed) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise InputError(
            f"{path}: holds more than {most:,} bytes in {size:,}, expected at most {RATIO} times its size; unpack it "
            "with gunzip if you trust it"
        )
    return raw
