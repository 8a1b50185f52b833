"""The video files among files and folders."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.files.remote import entries
from logotal.files.whole import exists, is_folder
from logotal.places import MADE

SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".gif"})
"""What counts as a video in a folder; a file that is named itself may end in anything."""


def find_videos(inputs: Sequence[Path]) -> list[Path]:
    """The video files among files and folders, each once, in order.

    Raises:
        InputError: nothing is there, or two videos would have features of one name.
    """
    found: dict[str, Path] = {}
    for path in inputs:
        if not exists(path):
            raise InputError(f"{path}: no such file or folder")
        files = _in_folder(path) if is_folder(path) else [path]
        if not files:
            raise InputError(
                f"{path}: no videos in this folder; expected files ending in {', '.join(sorted(SUFFIXES))}"
            )
        for file in files:
            other = found.setdefault(file.stem, file)
            if other is not file and os.path.realpath(other) != os.path.realpath(file):  # resolve() fails at circles
                raise InputError(f"{other} and {file} would both become {file.stem}.npy; rename one")
    return list(found.values())


def _in_folder(folder: Path) -> list[Path]:
    """The videos of a folder."""
    return [p for p in entries(folder) if p.suffix.lower() in SUFFIXES and not is_hidden(p)]


def is_hidden(path: Path) -> bool:
    """Whether a path in a folder is not meant: somebody's unfinished file, or a pipe, which would be waited for."""
    return path.name.startswith(".") or path.is_fifo() or path.is_socket()


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, sorted; hidden ones and what logotal made are left out."""
    for root, folders, files in os.walk(folder):
        if Path(root) != folder and any(marks <= set(files) for marks in MADE):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in sorted(files) if not name.startswith("."))
