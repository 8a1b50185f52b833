"""Places where nothing can be written: full disks and read-only ones, real where the system lets us make them.

Inside a mount namespace of our own (`unshare`, which needs no privileges on most systems) a small file system in memory
is really full, and a read-only one really refuses. Elsewhere a limit on the size of files stands in for the one, and a
path below a regular file for the other.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INSIDE = "LOGOTAL_RELIABILITY_INSIDE"
SIZE = 64 * 2**20
"""Bytes of the file system in memory."""


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of writing, from the moment when a command starts.

    `largest` is the limit on the size of files, for the child process alone; None where there is none.
    """

    name: str
    largest: int | None = None


class Place:
    """A folder that a command writes in; it can be made full or read-only once it is stocked."""

    def __init__(self, folder: Path, *, real: bool) -> None:
        self.folder, self.real = folder, real
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if real:
            _mount("-t", "tmpfs", "-o", f"size={SIZE}", "none", folder)

    def fill(self, free: int) -> Obstacle:
        """Leaves `free` bytes, to the next page."""
        if not self.real:
            return Obstacle("files may not grow", largest=free)
        filler = self.folder / ".filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(2**16)):
                    pass
            except OSError:
                pass
        os.truncate(filler, max(filler.stat().st_size - free, 0))
        return Obstacle("full disk")

    def freeze(self) -> Obstacle:
        """Makes it read-only."""
        _mount("-o", "remount,ro", self.folder)
        return Obstacle("read-only disk")

    def clear(self) -> None:
        """Takes it away."""
        if self.real:
            subprocess.run(["umount", self.folder], check=True)
            self.real = False
        shutil.rmtree(self.folder, ignore_errors=True)


def limited(largest: int | None) -> Callable[[], None] | None:
    """What a child process has to call before it starts, to be held to a size of files."""
    if largest is None:
        return None

    def limit() -> None:
        import resource  # noqa: PLC0415 - in the child, and not on Windows

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return limit


def inside() -> bool:
    """Whether this process may mount; starts it again inside a namespace where it may, if that can be had."""
    if os.environ.get(INSIDE):
        return True
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None:
        return False
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        return False
    os.environ[INSIDE] = "1"
    return os.execvp(namespace[0], [*namespace, sys.executable, *sys.orig_argv[1:]])


def _mount(*words: str | Path) -> None:
    subprocess.run(["mount", *words], check=True)
