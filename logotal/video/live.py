"""Video that comes while it is watched: cameras, addresses, pipes and files that grow.

A connection gives frames on an exact grid (`logotal.video.reader`), until it ends or breaks. All of it may wait for
what is not there yet, so it belongs into a thread of its own.
"""

import os
import re
import select
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.container import InputContainer

from logotal.errors import InputError
from logotal.video.reader import Frame, make_times, on_grid
from logotal.video.source import ANY_METADATA, LISTS, Source
from logotal.video.timing import exact_rate, own_rate

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt")
"""Of addresses that are opened. None of them reads files."""

PROTOCOLS = ",".join((*SCHEMES, "tls", "crypto", "srtp", "httpproxy"))
SILENCE = 10.0
"""Seconds without a packet after which a connection counts as broken."""

PEEKED = 32
"""Packets whose timestamps tell the frame rate."""

PAUSE = 0.1
"""Seconds between two looks at a file that grows."""


def is_address(source: str) -> bool:
    """Whether a text has the form of an address.

    >>> is_address("rtsp://camera/1"), is_address("videos/a.mp4"), is_address("-")
    (True, False, False)
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source) is not None


def is_camera(source: str) -> bool:
    """Whether a text names a camera: `camera:0`, `camera:NAME`, or its device."""
    return source.startswith(("camera:", "/dev/video"))


class Connection:
    """One connection to a source.

    Args:
        source: an address, a camera, `-` for the standard input, or a file that grows.
        follow: seconds without growth after which a file counts as complete.

    Attributes:
        fps: the video's own frame rate.
        finite: whether the source has a known end.
        broken: whether it ended without saying so.

    Raises:
        InputError: there is no such source, or no video in it.
    """

    def __init__(self, source: str, *, follow: float | None = None) -> None:
        self.name = source
        self.stopped = threading.Event()
        self.live = is_address(source) or is_camera(source)
        self.broken = False
        self._files = ExitStack()
        with ExitStack() as files:  # closed where there is no video in them
            self._source = Source(source, partial(_open, source, follow, self.stopped, files))
            self._files = files.pop_all()
        self._source.stream.thread_type = "SLICE"  # threads that share frames hold each back for a few others
        stamps = [packet.pts if packet.pts is not None else packet.dts for packet in self._source.peek(PEEKED)]
        self.fps = own_rate(self._source.stream, [stamp for stamp in stamps if stamp is not None])
        self.declared = self._source.declared_duration()
        self.finite = not self.live or self._source.container.size > 0 or self.declared is not None

    def frames(self, fps: float | Fraction | None = None) -> Generator[Frame, None, None]:
        """The frames of the grid, at the video's own rate if absent; closes the connection at the end."""
        grid = make_times(self.fps, None if fps is None else exact_rate(fps))
        with self._files, self._source as source:
            try:
                shown = yield from on_grid(source, grid)
            except InputError:  # timestamps that jump: what comes is another video
                self.broken = True
                return
            if not self.live:
                self.broken = source.shortfall(shown.timestamp, shown.end, grid.step) is not None
            elif self.declared is not None:  # servers close in many ways: what counts is what came
                self.broken = self.declared - shown.end > Fraction(1, 2)
            else:
                self.broken = source.broken or not self.finite

    def stop(self) -> None:
        """Ends the waiting for more, soon."""
        self.stopped.set()


def _open(source: str, follow: float | None, stopped: threading.Event, files: ExitStack) -> InputContainer:
    options: dict[str, Any] = {**ANY_METADATA, "container_options": {"protocol_whitelist": ""}}
    what: Any = source
    if source == "-":
        what = _Pipe(sys.stdin.buffer, stopped)
    elif is_address(source):
        scheme = source.partition(":")[0].lower()
        if scheme not in SCHEMES:
            raise InputError(
                f"{source}: expected an address of {', '.join(SCHEMES)}, found {scheme}; take one of these"
            )
        options |= {"container_options": {"protocol_whitelist": PROTOCOLS}, "timeout": (SILENCE, SILENCE)}
        if scheme.startswith("rtsp"):
            options["container_options"]["rtsp_transport"] = "tcp"
    elif is_camera(source):
        what, options["format"] = _camera(source)
    elif Path(source).is_fifo():
        file = files.enter_context(Path(source).open("rb"))  # noqa: SIM115 - closed with the connection
        what = _Pipe(file, stopped)
    else:
        if not Path(source).is_file():
            raise InputError(f"{source}: no such file; name a file, an address, camera:0, or - for the standard input")
        file = files.enter_context(Path(source).open("rb"))  # noqa: SIM115
        what = _Growing(file, follow or 0.0, stopped)
    try:
        container: InputContainer = av.open(what, **options)
    except (av.FFmpegError, OSError) as error:
        raise InputError(
            f"{source}: expected a video, found nothing that FFmpeg can open ({error.strerror or error}); check the "
            "name, and play it elsewhere"
        ) from error
    if not is_address(source) and any(name in LISTS for name in container.format.name.split(",")):
        container.close()
        raise InputError(f"{source}: expected a video, found a list of other files; name these")
    return container


def _camera(source: str) -> tuple[str, str]:
    """What FFmpeg calls a camera, and the format that reads it."""
    name = source.removeprefix("camera:")
    kinds = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
    kind = kinds.get(sys.platform, "v4l2")
    device = {"v4l2": f"/dev/video{name}" if name.isdigit() else name, "dshow": f"video={name}"}.get(kind, name)
    if kind not in av.formats_available:
        raise InputError(
            f"{source}: expected PyAV with FFmpeg's {kind}, found one without; let ffmpeg read the camera: "
            f"ffmpeg -f {kind} -i {device} -c:v libx264 -tune zerolatency -f mpegts - | logotal watch - --model RUN"
        )
    return device, kind


class _Pipe:
    """Bytes of a pipe as they come; the end where it is to stop."""

    def __init__(self, file: BinaryIO, stopped: threading.Event) -> None:
        self.descriptor, self.stopped = file.fileno(), stopped

    def read(self, size: int) -> bytes:
        while not self.stopped.is_set():
            if sys.platform == "win32" or select.select([self.descriptor], [], [], PAUSE)[0]:
                return os.read(self.descriptor, size)
        return b""


class _Growing:
    """Bytes of a file that another program still writes; the end is where it has not grown for a while."""

    def __init__(self, file: BinaryIO, patience: float, stopped: threading.Event) -> None:
        self.file, self.patience, self.stopped = file, patience, stopped

    def read(self, size: int) -> bytes:
        last = time.monotonic()
        while True:
            found = self.file.read(size)
            if found or self.stopped.is_set() or time.monotonic() - last >= self.patience:
                return found
            time.sleep(PAUSE)
