"""A command in a process group of its own, watched through the kernel: when it reads, when it writes, when it ends."""

import ctypes
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CREATED, IS_FOLDER, OPENED = 0x100, 0x40000000, 0x20
WRITES = 0x2 | 0x8 | 0x40 | 0x80 | CREATED | 0x200  # modified, closed, moved from and to, created, deleted
EVENT = struct.Struct("iIII")
ROOT = Path(__file__).parents[1]
LIMIT = 300.0
"""Seconds after which a command counts as hanging."""


def command_line(*arguments: str | Path) -> list[str]:
    """`logotal ARGUMENTS`, as a user would start it."""
    return [sys.executable, "-m", "logotal", *map(str, arguments)]


def environment(**more: str) -> Mapping[str, str]:
    """One thread, plain text."""
    return os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "200", "NO_COLOR": "1"} | more


@dataclass
class Lap:
    """What became of a process: when it began to work, when it wrote, how it ended; in seconds since its start."""

    began: float | None = None
    writes: list[float] = field(default_factory=list)
    seconds: float = 0.0
    status: int | None = None
    said: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was still running when it was to be killed."""
        return self.status == -signal.SIGKILL

    @property
    def work(self) -> float:
        """Seconds from the first look at its inputs to the last write; then the interpreter only ends."""
        return self.writes[-1] - (self.began or 0.0) if self.writes else 0.0


@dataclass(frozen=True)
class Moment:
    """When to kill: `share` of the time of work, or `after_write` of that number and a little later."""

    share: float | None = None
    after_write: int | None = None
    later: float = 0.0


class Watch:
    """Tells which files below some folders are opened or changed, by inotify."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify is not available")
        self._folders: dict[int, Path] = {}

    def add(self, folder: Path, mask: int) -> None:
        """Watches a folder or a file."""
        number = self._libc.inotify_add_watch(self.descriptor, os.fsencode(folder), mask)
        if number >= 0:
            self._folders[number] = folder

    def events(self) -> Iterator[tuple[Path, int]]:
        """What happened since the last call: the file and what."""
        while True:
            try:
                content = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            at = 0
            while at < len(content):
                number, mask, _, length = EVENT.unpack_from(content, at)
                name = content[at + EVENT.size : at + EVENT.size + length].rstrip(b"\0")
                at += EVENT.size + length
                if number in self._folders:
                    yield self._folders[number] / os.fsdecode(name), mask

    def close(self) -> None:
        """Ends the watch."""
        os.close(self.descriptor)


def lap(command: Sequence[str], sign: Path, box: Path, moment: Moment | None = None, usual: float = 0.0) -> Lap:
    """Runs a command, or kills its whole process group at a moment.

    Args:
        command: of `command_line`.
        sign: its work has begun when it opens this file.
        box: the folder below which it writes.
        moment: when to kill; never if absent.
        usual: seconds of work that a share refers to.
    """
    temporary = box.parent / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    watch, found = Watch(), Lap()
    for folder in (box, *(path for path in box.rglob("*") if path.is_dir())):
        watch.add(folder, WRITES)
    watch.add(sign, OPENED)
    start = time.monotonic()
    with (box.parent / "said.txt").open("w+") as said:
        process = subprocess.Popen(
            command,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            env=environment(TMPDIR=str(temporary)),
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            _follow(process, watch, found, sign, start=start, moment=moment, usual=usual)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            found.status = process.wait()
            found.seconds = time.monotonic() - start
            watch.close()
        said.seek(0)
        found.said = said.read()
    return found


def _follow(
    process: "subprocess.Popen[bytes]",
    watch: Watch,
    found: Lap,
    sign: Path,
    *,
    start: float,
    moment: Moment | None,
    usual: float,
) -> None:
    """Until the process ends, or its moment has come."""
    while process.poll() is None:
        now = time.monotonic() - start
        wait = 0.02
        if now > LIMIT:
            raise TimeoutError(f"{' '.join(process.args[2:5])} ... does not end within {LIMIT:g} s")  # type: ignore[index]
        if moment is not None and moment.share is not None and found.began is not None:
            wait = found.began + moment.share * usual - now
            if wait <= 0:
                return
        select.select([watch.descriptor], [], [], min(wait, 0.02))
        for path, mask in watch.events():
            now = time.monotonic() - start
            if sign in (path, path.parent):
                found.began = now if found.began is None else found.began
                continue
            if mask & IS_FOLDER and mask & CREATED:
                watch.add(path, WRITES)
            found.writes.append(now)
            if moment is not None and moment.after_write == len(found.writes):
                time.sleep(moment.later)
                return
