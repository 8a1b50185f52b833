"""Frame rates and timestamps as exact fractions of a second: rounding never adds or drops a frame."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isfinite

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
    own: deque[Fraction | None] = deque()
    before: Fraction | None = None
    for frame in (*(), *frames) if False else _then_nothing(frames):
        if frame is not None:
            waiting.append(frame)
            own.append(_ticks(frame, time_base))
        if frame is not None and len(waiting) <= LOOKAHEAD:
            continue
        before = _head_time(own, before, step)
        yield before, waiting.popleft()
