"""Frames of a video file on an exact constant-rate grid.

Grid frame i stands for the seconds [i / fps, (i + 1) / fps), counted from the first frame that is shown, wherever the
file's own clock begins. It is the picture that is on the screen at i / fps, where a frame that begins a hair later
(`timing.lead`: half a frame at the video's own rate) counts as begun: a rounded timestamp never repeats or drops a
frame. So a video of constant rate gives each of its frames once; half its rate gives frames 0, 2, 4 ...; and where
a variable rate leaves a gap, the last picture stays.

Frames are decoded as they are asked for: memory does not grow with the length of the video. The picture of a frame is
made when it is looked at, so that frames that nobody looks at cost their decoding alone.
"""

import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from av.video.frame import VideoFrame

from logotal.errors import InputError
from logotal.video.picture import Image, Painter
from logotal.video.probe import probe
from logotal.video.source import Source
from logotal.video.timing import exact_rate, lead, unrounded

LONGEST_GAP = 3600
"""Seconds between two frames that are still believed; more is a broken clock, and a grid that never ends."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of the grid; `time` is its beginning in seconds, index / fps."""

    index: int
    time: float
    decoded: VideoFrame
    painter: Painter

    @cached_property
    def image(self) -> Image:
        """What it shows: RGB (H, W, 3) uint8, which the caller may write into."""
        return self.painter.rgb(self.decoded)


class IncompleteVideoError(InputError):
    """The end of the video is missing; raised after the last frame that is there.

    Whoever catches it around the loop over the frames keeps what there was, knowingly.
    """


def read_frames(path: str | Path, fps: float | Fraction | None = None) -> Generator[Frame, None, None]:
    """The frames of a video at a constant rate, one after the other.

    Args:
        path: A file in any container that FFmpeg reads.
        fps: Frames per second of the grid; the video's own rate (`VideoInfo.fps`) if None.

    Raises:
        InputError: the file or the rate is not usable; at once, not at the first frame.
        IncompleteVideoError: while iterating, behind the last frame of a file that was cut off.
    """
    path = Path(path)
    rate = None if fps is None else exact_rate(fps)
    own = probe(path).fps
    return _read(path, make_times(own, rate))


class GridTimes(NamedTuple):
    """The times of a grid in seconds, and those of the video that it looks at."""

    fps: Fraction
    lead: Fraction
    step: Fraction
    """Seconds of one frame of the video."""

    def look(self, index: int) -> Fraction:
        """When the picture of a grid frame is taken."""
        return index / self.fps + self.lead


class Shown(NamedTuple):
    """A decoded frame, which is on the screen until `end`, in seconds since the first one."""

    frame: VideoFrame
    end: Fraction
    timestamp: Fraction
    """When the frame begins, in seconds of the file's own clock."""


def make_times(own: Fraction, fps: Fraction | None) -> GridTimes:
    """The times of a grid over a video with a rate of its own, which is the grid's unless another is wanted."""
    return GridTimes(fps or own, lead(own, fps or own), 1 / own)


def _read(path: Path, grid: GridTimes) -> Generator[Frame, None, None]:
    with Source(path) as source:
        shown = yield from on_grid(source, grid)
        _report_losses(source, shown, grid.step)


def on_grid(source: Source, grid: GridTimes) -> Generator[Frame, None, Shown]:
    """The frames of a grid from here on; gives back what was on the screen at last."""
    painter, index = Painter(), 0
    for shown in shown_frames(source, grid.step):
        painter.see(shown.frame)
        while grid.look(index) < shown.end:
            yield Frame(index, float(index / grid.fps), shown.frame, painter)
            index += 1
    return shown


def shown_frames(source: Source, step: Fraction) -> Iterator[Shown]:
    """What is on the screen, frame by frame; the first frame begins at 0, each other one where that before it ends."""
    frames = source.frames(step)
    now, frame = next(frames, (None, None))
    if now is None or frame is None:
        raise InputError(f"{source.path}: no frame could be decoded; play it to check")
    origin = now

    def since(timestamp: Fraction) -> Fraction:
        return unrounded(timestamp - origin, step, source.time_base)

    for later, following in frames:
        if later - now > LONGEST_GAP:
            where = float(now - origin)
            raise InputError(
                f"{source.path}: the timestamps jump by {float(later - now):.0f} s at {where:.1f} s, "
                f"expected at most {LONGEST_GAP}; convert the file again to mend its clock"
            )
        yield Shown(frame, since(later), now)
        now, frame = later, following
    end = now + _lasting(source, frame, now - origin, step)
    yield Shown(frame, since(end), now)


def _lasting(source: Source, last: VideoFrame, begin: Fraction, step: Fraction) -> Fraction:
    """Seconds of the last frame: what it says, but no more than a step beyond the declared end of the video.

    Where frames were reordered, they have each other's duration, and the last one perhaps that of a long gap.
    """
    told = getattr(last, "duration", 0) * source.time_base or step  # PyAV before 16 does not tell
    declared = source.declared_duration()
    longest = LONGEST_GAP if declared is None else max(declared - begin, step)
    return min(told, Fraction(longest))


def _report_losses(source: Source, last: Shown, step: Fraction) -> None:
    """Raises where the end of the video is missing, warns where frames inside it are."""
    missing = source.shortfall(last.timestamp, last.end, step)
    if missing is not None:
        lacking = f"{float(missing):.2f} s of it are" if missing else "its end is"
        raise IncompleteVideoError(
            f"{source.path}: the file is cut off: {float(last.end):.2f} s could be decoded, {lacking} missing; "
            "copy or download it again"
        )
    if source.lost:
        warnings.warn(
            f"{source.path}: {source.lost} damaged packets could not be decoded; the frames before them stay longer",
            stacklevel=3,
        )
