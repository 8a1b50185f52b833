"""Watching one source: its connections one after the other, and what is told of each."""

import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from logotal.callbacks import Say
from logotal.data.selection import make_grid
from logotal.errors import InputError
from logotal.extraction.clips import FRAMES_AT_ONCE
from logotal.extraction.extractor import ahead
from logotal.inference.predictor import Predictor
from logotal.inference.streaming import Shown, StreamingDetector, with_times_from
from logotal.timeline import Action
from logotal.video.live import Connection, is_address, is_camera
from logotal.video.probe import probe
from logotal.video.reader import Frame, IncompleteVideoError, read_frames
from logotal.video.timing import LOOKAHEAD
from logotal.words import amount

LONGEST_PAUSE = 30.0
"""Seconds between two tries at the most; they begin with one, and double."""

LET_GO = 1.0
"""Seconds for which the end of a thread is waited for that may hang in a network."""

Told = tuple[Action, float, float | None]
"""An action, its latency in seconds, and when it began in seconds since 1970, where that means something."""


class Part:
    """What is watched over one connection, from `start` seconds of the whole on; it knows when frames were read.

    About ten frames a second are remembered, of the last half an hour.
    """

    def __init__(self, start: float, live: bool) -> None:
        self.start, self.live = start, live
        self.count, self.last, self.began = 0, 0.0, 0.0
        self._lock = threading.Lock()
        self._times: deque[tuple[float, float]] = deque(maxlen=20_000)

    def counting(self, frames: Iterable[Frame], behind: int) -> Iterator[Frame]:
        """Frames, which are noted as they pass by, without the first ones that are `behind`."""
        first = 0.0
        for frame in frames:
            if frame.index < behind:
                continue
            if not self.count:
                first, self.began = frame.time, time.time()
            self.count, self.last = self.count + 1, time.monotonic()
            with self._lock:
                if not self._times or frame.time - first - self._times[-1][0] >= 0.1:
                    self._times.append((frame.time - first, self.last))
            yield frame

    def since(self, moment: float) -> float:
        """Seconds that have gone by since a moment of this part was read."""
        with self._lock:
            times = list(self._times)
        place = bisect_left(times, (moment, 0.0))
        return time.monotonic() - (times[place][1] if place < len(times) else self.last)


@dataclass
class Watcher:
    """One source being watched; `position` is the seconds of it that are behind."""

    source: str
    predictor: Predictor
    lookahead: float | None
    longest: float | None
    shown: Shown
    follow: float | None
    retry: float
    say: Say
    position: float = 0.0
    told: int = 0
    slowest: float = 0.0
    late: int = 0
    _last_frame: float = field(default_factory=time.monotonic)
    _lost: float | None = None

    def connect(self) -> Connection | None:
        """A connection, made in a thread that Ctrl-C need not wait for; None for a file that is read as any other.

        Raises:
            InputError: there is no such source, or no video in it.
        """
        file = not (is_address(self.source) or is_camera(self.source) or self.source == "-")
        if file and self.follow is None and not Path(self.source).is_fifo():
            probe(self.source)
            return None
        return next(ahead((Connection(self.source, follow=self.follow) for _ in range(1)), wait=0.0))

    def actions(self, connection: Connection | None) -> Iterator[Told]:
        """All that is told, over all connections.

        Raises:
            InputError: the source is lost for good, or was damaged; after all that could be told.
        """
        damage: InputError | None = None
        while True:
            damage = yield from self._connected(connection)
            if connection is None or not connection.broken:
                break
            if not connection.live:
                damage = IncompleteVideoError(f"{self.source}: its end is missing, or broken")
                break
            if not self.retry:
                break
            connection = self._again()
        late = f"; {amount(self.late, 'candidate')} reached back too far (--longest)" if self.late else ""
        self.say(
            f"{self.source}: {self.position:.1f} s watched, {amount(self.told, 'action')} told, the latest "
            f"{self.slowest:.1f} s after its end{late}"
        )
        if damage is not None:
            raise damage

    def _connected(self, connection: Connection | None) -> Generator[Told, None, InputError | None]:
        """What is told of one connection; gives back what is wrong with a file, if anything."""
        extractor, damage = self.predictor.extractor, None
        wanted, stride = extractor.loaded.backbone.fps, extractor.loaded.backbone.clip_stride
        if connection is None:
            frames, own = read_frames(self.source, fps=wanted), float(probe(self.source).fps)
        else:
            frames, own = connection.frames(wanted), float(connection.fps)
        fps = own if wanted is None else wanted
        behind, start = self._start(connection, fps)
        part = Part(start, connection is not None and not connection.finite)
        # Where nobody waits, frames go together that are faster together.
        at_once, wait = (FRAMES_AT_ONCE, None) if connection is None else (min(stride, FRAMES_AT_ONCE), LET_GO)
        stream = self._detector(fps, delay=at_once / fps + LOOKAHEAD / own)
        with closing(extractor.stream(part.counting(frames, behind), at_once=at_once, wait=wait)) as pieces:
            try:
                for piece in pieces:
                    yield from self._tell(stream.push(piece), part)
            except IncompleteVideoError as error:
                damage = error
            finally:
                if connection is not None:
                    connection.stop()
        yield from self._tell(stream.finish(part.count / fps), part)
        if part.count:
            self.position, self._last_frame, self._lost = start + part.count / fps, part.last, None
        self.late += stream.settler.late
        return damage

    def _start(self, connection: Connection | None, fps: float) -> tuple[int, float]:
        """How many frames of a connection are known already, and the seconds at which the others begin."""
        if connection is not None and connection.finite:
            behind = round(self.position * fps)
            return behind, behind / fps
        return 0, self.position and self.position + time.monotonic() - self._last_frame

    def _detector(self, fps: float, *, delay: float) -> StreamingDetector:
        grid = make_grid(self.predictor.config.data, length=1, fps=fps, duration=None, where=self.source)
        stream = StreamingDetector(
            self.predictor, grid, lookahead=self.lookahead, longest=self.longest, shown=self.shown
        )
        if not self.position:
            same = "the same actions as `logotal detect`" if stream.exact else "actions differ from `logotal detect`"
            self.say(
                f"{self.source}: actions are told {stream.latency + delay:.1f} s after their end at the latest, and "
                f"what computing takes; later in chains of overlapping ones; {same}"
            )
        return stream

    def _tell(self, actions: Iterable[Action], part: "Part") -> Iterator[Told]:
        for action in actions:
            latency = part.since(action.end)
            self.told, self.slowest = self.told + 1, max(self.slowest, latency)
            clock = part.began + action.start if part.live else None
            yield with_times_from(action, part.start), latency, clock

    def _again(self) -> Connection:
        """The next connection, after growing waits."""
        pause, lost = 1.0, time.monotonic() if self._lost is None else self._lost
        self._lost = lost
        self.say(f"{self.source}: the connection broke after {self.position:.1f} s; trying again")
        while time.monotonic() + pause - lost <= self.retry:
            time.sleep(pause)
            try:
                connection = self.connect()
            except InputError as error:
                pause = min(2 * pause, LONGEST_PAUSE)
                self.say(f"{error}; trying again in {pause:.0f} s")
                continue
            assert connection is not None
            self.say(f"{self.source}: connected again after {time.monotonic() - lost:.1f} s")
            return connection
        raise InputError(
            f"{self.source}: the connection broke after {self.position:.1f} s and did not come back within "
            f"{self.retry:g} s; begin again, or wait longer with --retry"
        )
