"""Copies of remote files in the user's cache: each version is fetched once, and is there whole or not at all."""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from logotal.errors import InputError
from logotal.files.remote import AbsentError, Info, address, fetch, is_remote, look, version
from logotal.files.whole import temporary_folder

AT_ONCE = 8
"""Files that are fetched at the same time."""


def cache_folder() -> Path:
    """Where what was fetched is kept: $LOGOTAL_CACHE, else $XDG_CACHE_HOME/logotal, else ~/.cache/logotal."""
    if own := os.environ.get("LOGOTAL_CACHE"):
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "logotal"


def local(path: Path) -> Path:
    """The path itself, or the copy of a remote file.

    Raises:
        InputError: there is no such remote file, or it cannot be read.
    """
    return copies([path])[0] if is_remote(path) else path


def copies(paths: Sequence[Path]) -> list[Path]:
    """The same of many, some at a time.

    Raises:
        InputError: see `local`.
    """
    known = {path: _file(path) for path in paths if is_remote(path)}
    if len(known) > 1:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            places = dict(zip(known, pool.map(_fetched, known, known.values()), strict=True))
    else:
        places = {path: _fetched(path, info) for path, info in known.items()}
    return [places.get(path, path) for path in paths]


def kept(path: Path) -> Path | None:
    """The copy of a remote file, if it was fetched already.

    Raises:
        InputError: there is no such remote file.
    """
    info = _file(path)
    place = _place(path, info)
    return place if version(info) and place.is_file() else None


def byte_size(path: Path) -> int:
    """Bytes of a file, here or at an address.

    Raises:
        InputError: there is no such remote file.
        OSError: there is no such file here.
    """
    size = _file(path).get("size") if is_remote(path) else None
    return local(path).stat().st_size if size is None else int(size)


def _file(path: Path) -> Info:
    info = look(path)
    if info is None:
        raise AbsentError(f"{address(path)}: no such file")
    if info["type"] != "file":
        raise InputError(f"{address(path)}: expected a file, found a folder; name a file in it")
    return info


def _place(path: Path, info: Info) -> Path:
    """Where a version of a remote file is kept: a name that nobody else chooses."""
    about = json.dumps([address(path), info.get("size"), version(info)])
    return cache_folder() / "remote" / hashlib.sha256(about.encode()).hexdigest()


def _fetched(path: Path, info: Info) -> Path:
    """The copy of a remote file, fetched unless that version is there; what tells no versions is always fetched."""
    place = _place(path, info)
    if version(info) and place.is_file():
        return place
    with temporary_folder(place) as folder:
        part = folder / "file"
        fetch(path, part)
        if info.get("size") not in (None, part.stat().st_size):
            found = f"expected {info['size']:,} bytes, found {part.stat().st_size:,}"
            raise InputError(f"{address(path)}: {found}; it changed or broke off while it was read, do it again")
        part.replace(place)
    return place
