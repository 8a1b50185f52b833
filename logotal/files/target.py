"""Where results may be written: over nothing that is an input, and over no file that is not our own, of the same kind.

Every command and every function that writes under a name which a person chose asks here, before its work and again
when it writes.
"""

import filecmp
import json
import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from logotal.errors import InputError
from logotal.files.cached import local
from logotal.files.remote import is_remote, remove
from logotal.files.text import is_there, read_plain
from logotal.files.whole import check_writable, exists, is_file, is_folder, write_whole

CURE = "choose another name, or replace it with --overwrite (in Python: overwrite=True); a copy stays beside it"


@dataclass(frozen=True)
class Kind:
    """A kind of files that we write.

    Args:
        name: of the kind, as in "is not {name}".
        is_ours: whether a file that is there is one of ours, of this kind.
        edited: whether people edit such files: where one is replaced, a copy stays beside it.
    """

    name: str
    is_ours: Callable[[Path], bool]
    edited: bool = False


def marked(name: str, *marks: bytes, within: int | None = None) -> Kind:
    """A kind whose files hold all these bytes, in their first `within` bytes."""

    def is_ours(path: Path) -> bool:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            return all(held.find(mark, 0, within or len(held)) >= 0 for mark in marks)

    return Kind(name, is_ours)


def numbers(name: str, *keys: str) -> Kind:
    """A kind whose files are JSON objects with all these keys."""

    def is_ours(path: Path) -> bool:
        found = json.loads(path.read_bytes())
        return isinstance(found, dict) and found.keys() >= set(keys)

    return Kind(name, is_ours)


def check_target(path: Path, kind: Kind, *, inputs: Iterable[Path] = (), overwrite: bool = False) -> None:
    """Makes sure, before long work, that its result can be written there, and that nothing of a person's is lost.

    Args:
        path: where it is to go.
        kind: what it will be.
        inputs: files that the work reads, which it never replaces; links to them count.
        overwrite: a file that is not ours may be replaced.

    Raises:
        InputError: the place is an input, holds something that is not ours, or cannot be written.
    """
    for each in inputs:
        if exists(path) and identity(path) == identity(each):
            raise InputError(f"{path}: is read here ({each}), so nothing is written over it; choose another name")
    if is_there(path) and not is_folder(path):
        if exists(path) and not is_file(path):
            raise InputError(f"{path}: expected the name of a file, found a device or pipe; choose another name")
        if not overwrite and not _is_ours(path, kind):
            raise InputError(f"{path}: is there already and is not {kind.name} that logotal wrote; {CURE}")
    check_writable(path)


def write_target(path: Path, content: bytes, kind: Kind, *, overwrite: bool = False) -> None:
    """Writes a file, whole or not at all, where `check_target` allows it.

    Raises:
        InputError: it does not, or the file cannot be written.
    """
    check_target(path, kind, overwrite=overwrite)
    if is_file(path) and read_plain(path) == content:
        return
    with copy_kept(path, kind):
        write_whole(path, content)


@contextmanager
def copy_kept(path: Path, kind: Kind) -> Iterator[None]:
    """In which a file is replaced: a copy of it stays, unless it can be made again, or was not replaced after all."""
    if not (is_file(path) and local(path).stat().st_size and (kind.edited or not _is_ours(path, kind))):
        yield
        return
    copy = keep_copy(path)
    try:
        yield
    except BaseException:
        remove(copy) if is_remote(copy) else copy.unlink()
        raise


def keep_copy(path: Path) -> Path:
    """Keeps what a file holds under another name beside it, and returns that: NAME.bak, NAME.bak2, ...

    A copy that holds the same already is enough.

    Raises:
        InputError: it cannot be written.
    """
    names = (path.with_name(f"{path.name}.bak{'' if number == 1 else number}") for number in count(1))
    copy = next(name for name in names if not is_there(name) or _is_equal(name, path))
    if not is_there(copy):
        try:
            os.link(path, copy)  # at once, however long it is; what replaces `path` is another file
        except OSError:  # a file system without links, or an address
            write_whole(copy, read_plain(path))
    return copy


def _is_ours(path: Path, kind: Kind) -> bool:
    try:
        here = local(path)
        return here.stat().st_size == 0 or kind.is_ours(here)
    except (OSError, ValueError, RecursionError, InputError):
        return False


def _is_equal(path: Path, other: Path) -> bool:
    try:
        return is_file(path) and filecmp.cmp(local(path), local(other), shallow=False)
    except OSError:
        return False


def identity(path: Path) -> tuple[int, int] | str:
    """What is equal for two names of one file, links included; the name itself where there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return str(path)
    return status.st_dev, status.st_ino
