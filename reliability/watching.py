"""Watches hours of video over an address of this machine, as fast as it goes: does memory stay what it is?

    python -m reliability.watching --hours 6

A process encodes the video while it is sent (32 x 32 pixels, 10 frames a second, bright now and then), so that it lies
nowhere whole. Another watches it by a small network, and notes its resident memory at each full hour.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import logotal
from reliability.record import try_commands
from tests.runs.watching import know_means, make_run

RATE = 10
HOUR = 3600.0
LAST = 60.0
"""Seconds before a full hour at which an action counts as told at that hour."""
GROWN = 1.02
"""How much larger memory may be at the end than after the first hour: what the system counts moves a little."""


@dataclass
class Row:
    """What became of a watching: resident memory in MiB at each full hour, and how many actions were told."""

    hours: int
    memory: list[float] = field(default_factory=list)
    actions: int = 0
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether all hours were watched, and the last one takes no more than the first."""
        return len(self.memory) == self.hours and self.memory[-1] <= GROWN * self.memory[0]


def watch_long(hours: int, folder: Path) -> Row:
    """Watches so many hours, and what that took."""
    with pytest.MonkeyPatch.context() as patch:
        know_means(patch)
        run, row, began = make_run(folder), Row(hours), time.monotonic()
        here, there = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, hours * HOUR), daemon=True)
        server.start()
        for action in logotal.watch(here.recv(), run, threshold=0.1, longest=5.0, retry=0, say=print):
            row.actions += 1
            if action.end >= (len(row.memory) + 1) * HOUR - LAST:
                row.memory.append(resident())
                print(f"{len(row.memory)} h: {row.memory[-1]:.1f} MiB, {row.actions} actions", flush=True)
        row.seconds = time.monotonic() - began
        server.kill()
    return row


def resident() -> float:
    """Resident memory of this process in MiB, as Linux says it."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _serve(connection: Connection, seconds: float) -> None:
    """Answers one request with a video of so many seconds, encoded while it is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with (
                suppress(BrokenPipeError, ConnectionResetError),
                av.open(self.wfile, "w", format="mpegts") as container,
            ):
                stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
                stream.width = stream.height = 32
                stream.pix_fmt = "yuv420p"
                for image in islice(pictures(), round(seconds * RATE)):
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
                container.mux(stream.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    connection.send(f"http://127.0.0.1:{server.server_port}/video.ts")
    server.handle_request()


def pictures() -> Iterator[NDArray[np.uint8]]:
    """Pictures without end that turn bright now and then."""
    random = np.random.default_rng(0)
    while True:
        bright = int(random.integers(15, 40))
        for index in range(100):
            image = random.integers(0, 60, (32, 32, 3), dtype=np.uint8)
            yield image + np.uint8(150) * (index < bright)


def main() -> None:
    """The command line."""
    if not sys.platform.startswith("linux"):
        raise SystemExit("reads memory from /proc, which only Linux has")
    try_commands(
        "watching", __doc__, ["watch"], lambda name, folder, options: watch_long(options.hours, folder), hours=6
    )


if __name__ == "__main__":
    main()
