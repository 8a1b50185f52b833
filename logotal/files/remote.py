"""Files at an address (`s3://bucket/video.mp4`), by fsspec: the one place that asks it.

All places are `Path`. `Path("s3://bucket/key")` is `s3:/bucket/key`, so a path whose first part is a scheme and a colon
is an address, and `address` writes it as one; a folder here that is called `s3:` is named by its absolute path. What
a folder holds is asked for once in half a minute, files are read by ranges, and each is put whole.
"""

import errno
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from logotal.errors import InputError

SCHEMES = {"s3": "s3", "gs": "gs", "https": "", "http": "", "hf": "", "memory": ""}
"""What an address begins with, and the extra that it needs."""

WEB = ("https", "http")
"""Read only; what they say of a folder is a page of links."""

VERSION = ("ETag", "etag", "blob_id", "generation", "Last-Modified", "LastModified", "mtime", "updated", "created")
"""What file systems call that which changes with a file, the surest first."""

FRESH = 30.0
"""Seconds for which it is known what a folder holds."""

Info = Mapping[str, Any]

_listed: dict[Path, tuple[float, dict[str, Info]]] = {}
"""When each folder was last asked for what it holds, and what that is by name."""


class AbsentError(InputError):
    """There is no such file."""


def is_remote(path: str | Path) -> bool:
    """Whether a path is an address; one of an unknown scheme, which is refused when it is used, is one too.

    >>> is_remote(Path("s3://bucket/key")), is_remote("/data/s3:/key"), is_remote("C:/key"), is_remote("s3:key")
    (True, False, False, False)
    """
    first, *rest = Path(path).parts or ("",)
    if not rest or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]+:", first):
        return False
    return first[:-1].lower() in SCHEMES or not os.path.lexists(first)


def address(path: str | Path) -> str:
    """The address that a path is; the path itself where it is none.

    >>> address(Path("s3://bucket/a/../key")), address("features")
    ('s3://bucket/a/../key', 'features')
    """
    if not is_remote(path):
        return str(path)
    scheme, *rest = Path(path).parts
    return f"{scheme.lower()}//{'/'.join(rest)}"


def refuse_remote(path: str | Path, expected: str) -> None:
    """Raises:
    InputError: the path is an address, where `expected` is.
    """  # noqa: D205 - there is nothing else to say
    if is_remote(path):
        raise InputError(
            f"{address(path)}: expected {expected} on this machine, found an address; take one here, and copy it"
        )


def check_shared(paths: Iterable[Path]) -> None:
    """Makes sure that other processes see what lies there.

    Raises:
        InputError: it lies in the memory of this one.
    """
    for path in paths:
        if is_remote(path) and _scheme(path) == "memory":
            raise InputError(f"{path}: is in the memory of this process alone, expected --workers 1; take one")


def resolved(path: Path) -> Path:
    """The absolute path; an address is one already."""
    return path if is_remote(path) else path.resolve()


def under(folder: Path, path: Path) -> Path:
    """A path seen from a folder; an address is the same from anywhere."""
    return path if is_remote(path) else folder / path


def look(path: Path) -> Info | None:
    """What is known of an address: `type` (file or directory), `size`, what changes with it; None where nothing is."""
    if path.parent in _listed:
        known = _listing(path.parent, within=FRESH)
        if path.name not in known:
            return None
        if known[path.name].get("size") is not None:
            return known[path.name]
    files, where = system(path)
    try:
        with saying(path, "read"):
            files.invalidate_cache(where)
            info: Info = files.info(where)
    except AbsentError:
        return None
    is_page = _scheme(path) in WEB and info.get("mimetype") == "text/html"
    return {**info, "type": "directory"} if is_page else info


def version(info: Info) -> str | None:
    """What changes with a file, as far as its file system says it."""
    return next((f"{key} {info[key]}" for key in VERSION if info.get(key)), None)


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, here or at an address, in order.

    Raises:
        InputError: it cannot be read.
    """
    if is_remote(folder):
        return sorted(folder / name for name in _listing(folder))
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from error


def _listing(folder: Path, within: float = 0.0) -> dict[str, Info]:
    """What a remote folder holds, by name, as it was at most so many seconds ago; nothing where there is none."""
    asked, known = _listed.get(folder, (float("-inf"), {}))
    if time.monotonic() - asked <= within:
        return known
    files, where = system(folder)
    try:
        with saying(folder, "read"):
            files.invalidate_cache(where)
            found = files.ls(f"{where}/" if _scheme(folder) in WEB else where, detail=True)
    except AbsentError:
        found = []
    known = {}
    for info in found:
        parent, _, name = str(info["name"]).rstrip("/").rpartition("/")
        if where.endswith(parent) and name not in ("", ".", "..") and not (_scheme(folder) in WEB and "?" in name):
            known[name] = info
    _listed[folder] = time.monotonic(), known
    return known


def first_bytes(path: Path, count: int) -> bytes:
    """The beginning of a remote file, and no more of it is fetched where its file system gives parts.

    Raises:
        InputError: it cannot be read.
    """
    files, where = system(path)
    with saying(path, "read"):
        found: bytes = files.cat_file(where, start=0, end=count)
    return found[:count]


def fetch(path: Path, target: Path) -> None:
    """Copies a remote file to one here.

    Raises:
        InputError: it cannot be read, or broke off.
    """
    files, where = system(path)
    with saying(path, "read"):
        files.get_file(where, str(target))


def put(path: Path, content: bytes) -> None:
    """Writes a remote file, at once: it is there whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    files, where = system(path, write=True)
    with saying(path, "written"):
        files.pipe_file(where, content)
    if path.parent in _listed:
        _listed[path.parent][1][path.name] = {}  # there, and no more known of it


def try_to_put(path: Path, name: str) -> None:
    """Makes sure that a remote file can be written: puts an empty one of another name beside it, and removes that.

    Raises:
        InputError: it cannot.
    """
    files, where = system(path, write=True)
    probe = f"{where.rpartition('/')[0]}/{name}"
    with saying(path, "written"):
        files.pipe_file(probe, b"")
        files.rm_file(probe)


def remove(path: Path) -> None:
    """Removes a remote file.

    Raises:
        InputError: it cannot be removed.
    """
    files, where = system(path, write=True)
    with saying(path, "removed"):
        files.rm_file(where)
    if path.parent in _listed:
        _listed[path.parent][1].pop(path.name, None)


def _scheme(path: Path) -> str:
    return path.parts[0][:-1].lower()


def system(path: Path, *, write: bool = False) -> tuple[Any, str]:
    """The file system of an address, and the address.

    Raises:
        InputError: its scheme is not known, needs a package that is missing, or cannot be written.
    """
    scheme, where = _scheme(path), address(path)
    if scheme not in SCHEMES:
        expected = ", ".join(f"{name}://" for name in SCHEMES if name not in ("http", "memory"))
        raise InputError(f"{where}: expected an address with one of {expected}, found {scheme}://; copy the file here")
    if scheme in WEB and (re.search("[?#]", where) or "@" in urlsplit(where).netloc):
        raise InputError(
            f"{where.split('?')[0]}: expected an address without ?, # and @, which would stand in results with the "
            "secrets in it; download the file and name the copy"
        )
    if write and scheme in WEB:
        raise InputError(f"{where}: {scheme}:// can only be read; write to a path here, or to s3://, gs:// or hf://")
    import fsspec  # noqa: PLC0415 - only for what lies elsewhere

    try:
        return fsspec.filesystem(scheme, use_listings_cache=False), where
    except ImportError as error:
        missing = f"pip install {chr(34)}logotal[{SCHEMES[scheme]}]{chr(34)}" if SCHEMES[scheme] else str(error)
        raise InputError(f"{where}: {scheme}:// needs a package that is not installed; {missing}") from error
    except Exception as error:  # each asks for credentials in its own way
        raise InputError(_fault(path, error, "read")) from error


@contextmanager
def saying(path: Path, done: str) -> Iterator[None]:
    """Turns what goes wrong with an address into one sentence.

    Args:
        path: the address.
        done: what was to be: "read", "written", ...

    Raises:
        InputError: something did; an `AbsentError` where nothing lies there.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of five libraries, which share no class of errors
        cause = error.__cause__ if _scheme(path) in WEB and isinstance(error, FileNotFoundError) else None
        absent = isinstance(error, FileNotFoundError) and (cause is None or getattr(cause, "status", None) == 404)
        if absent and done != "written":
            raise AbsentError(f"{address(path)}: no such file or folder") from error
        raise InputError(_fault(path, cause or error, done)) from error


def _fault(path: Path, error: BaseException, done: str) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    where, reason = address(path), f"{reason:.300}"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{where}: no room for a copy of it here; make room, or name another folder with LOGOTAL_CACHE"
    if isinstance(error, PermissionError) or getattr(error, "status", None) in (401, 403):
        return f"{where}: may not be {done} ({reason}); name credentials that may, see docs/machines.md"
    if isinstance(error, FileNotFoundError):
        return f"{where}: cannot be {done} ({reason}); make the bucket or repository first"
    return f"{where}: cannot be {done} ({reason}); check the connection and the credentials, then do it again"
