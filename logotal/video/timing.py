"""Frame rates and timestamps as exact fractions of a second: rounding never adds or drops a frame."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import TypeGuard

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from logotal.errors import InputError

LOOKAHEAD = 4
"""Frames whose timestamps are compared before the first of them is given out."""


def exact_rate(fps: float | Fraction) -> Fraction:
    """Frames per second as a fraction, 29.97002997 being 30000/1001.

    >>> exact_rate(30000 / 1001)
    Fraction(30000, 1001)

    Raises:
        InputError: not a positive number.
    """
    if not (isfinite(fps) and (rate := Fraction(fps).limit_denominator(1001)) > 0):
        raise InputError(f"fps must be a positive number, found {fps!r}")
    return rate


def own_rate(stream: VideoStream, ticks: Sequence[int]) -> Fraction:
    """The frame rate of a video, given the timestamps of (some of) its first packets, in ticks.

    FFmpeg's base rate where most frames are one such step apart: exact for a constant rate, and the rate at which
    a mostly constant one only repeats frames. The average rate otherwise.
    """
    average = stream.average_rate or stream.guessed_rate
    steps = sorted(later - earlier for earlier, later in pairwise(sorted(set(ticks))))
    if not steps or not stream.time_base:
        return Fraction(average or stream.base_rate or 25)  # 25 is also what FFmpeg assumes
    median = steps[len(steps) // 2] * stream.time_base
    if stream.base_rate and abs(median * stream.base_rate - 1) <= Fraction(1, 10):
        return Fraction(stream.base_rate)
    return Fraction(average or 1 / median)


def lead(own: Fraction, fps: Fraction) -> Fraction:
    """Seconds by which a frame may begin after a grid time and still be the one shown there.

    A video of the rate `own` shows a new frame every 1 / own, a grid looks every 1 / fps. With own / fps = p / q in
    lowest terms the looks fall on q different places between two frames, and one of them is the very start of a
    frame, where the noise of rounded timestamps decides. Half of one place later, no look is nearer to a change of
    frame than that: half a frame for the video's own rate, for half of it and for a third.

    >>> lead(Fraction(30), Fraction(30)), lead(Fraction(30), Fraction(15)), lead(Fraction(24), Fraction(30))
    (Fraction(1, 60), Fraction(1, 60), Fraction(1, 240))
    """
    places = (own / fps).limit_denominator(12).denominator  # beyond 12 rates beat slowly against each other
    return min(1 / (2 * places * own), 1 / (2 * fps))


def unrounded(seconds: Fraction, step: Fraction, tick: Fraction) -> Fraction:
    """A time since the first frame, freed of the container's rounding to ticks.

    A whole number of steps if it is one to within a tick: 0.033 s in a container of milliseconds is frame 1 of 30 fps.

    >>> unrounded(Fraction(33, 1000), Fraction(1, 30), Fraction(1, 1000))
    Fraction(1, 30)
    """
    whole = round(seconds / step) * step
    return whole if abs(seconds - whole) <= min(tick, step / 8) else seconds


def in_presentation_order(
    frames: Iterable[VideoFrame], time_base: Fraction, step: Fraction
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Decoded frames with strictly increasing timestamps in seconds.

    Decoders give frames in the order in which they are shown, so that is what holds. Containers without
    presentation times (AVI) bring the right timestamps in the wrong order: each frame takes the smallest one among
    its own and those of the next `LOOKAHEAD` frames. Where none is left (missing, or jumped back), the frame comes
    `step` seconds after the one before, or sooner if the next timestamp says so.
    """
    waiting: deque[VideoFrame] = deque()
    stamps: deque[Fraction | None] = deque()
    before: Fraction | None = None
    for frame in frames:
        ticks = frame.dts if frame.pts is None else frame.pts
        waiting.append(frame)
        stamps.append(None if ticks is None else ticks * time_base)
        if len(waiting) > LOOKAHEAD:
            before = _next_time(stamps, before, step)
            yield before, waiting.popleft()
    while waiting:
        before = _next_time(stamps, before, step)
        yield before, waiting.popleft()


def _next_time(stamps: deque[Fraction | None], before: Fraction | None, step: Fraction) -> Fraction:
    """Takes the first frame out of `stamps` and returns its time, which is after `before`."""
    usable = [(stamp, place) for place, stamp in enumerate(stamps) if _after(stamp, before)]
    first = stamps[0]
    if usable and _after(first, before):
        earliest, place = min(usable)
        stamps[place] = first
        stamps.popleft()
        return earliest
    stamps.popleft()
    if not usable:
        return Fraction(0) if before is None else before + step
    earliest, place = min(usable)
    return earliest - place * step if before is None else before + min(step, (earliest - before) / (place + 1))


def _after(stamp: Fraction | None, before: Fraction | None) -> TypeGuard[Fraction]:
    return stamp is not None and (before is None or stamp > before)
