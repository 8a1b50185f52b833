"""Video files out of arrays: H.264, whole or absent, playable in a browser."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame

from logotal.errors import InputError
from logotal.files.whole import temporary_folder
from logotal.video.picture import Image
from logotal.video.timing import exact_rate

SUFFIXES = (".mp4", ".mov", ".mkv", ".ts")
"""Containers that hold H.264 and that everybody plays."""

FINE = Fraction(1, 90_000)
"""Seconds of a tick where every frame has its own time: MPEG's clock, whole in 24, 25, 30 and 29.97 fps."""


def write_video(
    path: str | Path,
    frames: Iterable[Image],
    fps: float | Fraction,
    *,
    timestamps: Iterable[float] | None = None,
) -> None:
    """Writes RGB frames (H, W, 3) uint8 as H.264 in 4:2:0; the suffix of `path` chooses the container.

    Frames are taken one at a time. That coding needs even sizes: the last row or column of an odd one is repeated.
    With `timestamps`, one per frame in seconds, the frame rate varies; `fps` is then how long the last frame lasts,
    1 / fps, and a guide for the encoder.

    Raises:
        InputError: the suffix is none of `SUFFIXES`, or `fps` no positive number.
        ValueError: the frames or the timestamps are not as described.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise InputError(f"{path}: expected a name that ends in one of {', '.join(SUFFIXES)}")
    rate = exact_rate(fps)
    with temporary_folder(path) as folder:
        temporary = folder / path.name
        options = {"movflags": "faststart"} if path.suffix in (".mp4", ".mov") else {}  # plays before it is loaded
        with av.open(str(temporary), mode="w", options=options) as container:
            if timestamps is None:
                _encode(container, ((i, image) for i, image in enumerate(frames)), rate, 1 / rate)
            else:
                _encode(container, _timed(frames, timestamps), rate, FINE)
        temporary.replace(path)


def _timed(frames: Iterable[Image], timestamps: Iterable[float]) -> Iterator[tuple[int, Image]]:
    before = -1
    for image, seconds in zip(frames, timestamps, strict=True):
        ticks = round(Fraction(seconds) / FINE)
        if ticks <= before:
            raise ValueError(f"timestamps must increase from 0 or later, found {seconds!r} after {before * FINE}")
        before = ticks
        yield ticks, image


def _encode(
    container: OutputContainer, frames: Iterator[tuple[int, Image]], rate: Fraction, time_base: Fraction
) -> None:
    first = next(frames, None)
    if first is None:
        raise ValueError("a video has at least one frame, found none")
    shape = first[1].shape
    # reordered frames would get each other's duration, and players show a wrong length
    stream = container.add_stream("libx264", rate=rate, options={"bf": "0"} if time_base == FINE else {})
    stream.height, stream.width = (side + side % 2 for side in shape[:2])
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = time_base
    stream.gop_size = max(1, round(2 * rate))  # a player that jumps decodes two seconds at most
    for ticks, image in chain([first], frames):
        frame = VideoFrame.from_ndarray(_even(image, shape), format="rgb24")
        frame.pts, frame.time_base = ticks, time_base
        container.mux(stream.encode(frame))
    packets = stream.encode(None)
    if packets:
        packets[-1].duration = round(1 / rate / time_base)  # that of the last frame, which no next one tells
    container.mux(packets)


def _even(image: Image, shape: tuple[int, ...]) -> Image:
    """The image with its last row and column repeated where their number is odd."""
    if image.dtype != np.uint8 or image.shape != shape or len(shape) != 3 or shape[2] != 3:
        raise ValueError(f"frames must be (H, W, 3) uint8 of one size, found {image.dtype} {image.shape} after {shape}")
    height, width, _ = shape
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
