"""Text files of others: read whole, in UTF-8 (or UTF-16 that says so), unpacked within bounds.

A gzipped file of a few kilobytes can hold gigabytes of one letter; what it may become is bounded before it is read.
"""

import codecs
import gzip
import zlib
from pathlib import Path

from logotal.errors import InputError

RATIO = 100
"""How many times its size a gzipped file may hold; annotations and detections shrink to a tenth, seldom to a 30th."""

ALWAYS = 64 * 2**20
"""Bytes that any gzipped file may hold."""

LARGEST = 2 * 2**30
"""Bytes that none may exceed."""


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
    try:
        return _unpacked(path) if path.suffix.lower() == ".gz" else path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


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


def _unpacked(path: Path) -> bytes:
    most = min(max(ALWAYS, RATIO * path.stat().st_size), LARGEST)
    with gzip.open(path) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise InputError(
            f"{path}: holds more than {most:,} bytes in {path.stat().st_size:,}, expected at most {RATIO} times its "
            "size; unpack it with gunzip if you trust it"
        )
    return raw
