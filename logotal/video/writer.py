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


def write_video(path: str | Path, frames: Iterable[Image], fps: float | Fraction) -> None:
    """Writes RGB frames (H, W, 3) uint8 as H.264 in 4:2:0; the suffix of `path` chooses the container.

    Frames are taken one at a time. That coding needs even sizes: the last row or column of an odd one is repeated.

    Raises:
        InputError: the suffix is none of `SUFFIXES`, or `fps` no positive number.
        ValueError: the frames are not as described.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise InputError(f"{path}: expected a name that ends in one of {', '.join(SUFFIXES)}")
    rate = exact_rate(fps)
    with temporary_folder(path) as folder:
        temporary = folder / path.name
        options = {"movflags": "faststart"} if path.suffix in (".mp4", ".mov") else {}  # plays before it is loaded
        with av.open(str(temporary), mode="w", options=options) as container:
            _encode(container, iter(frames), rate)
        temporary.replace(path)


def _encode(container: OutputContainer, frames: Iterator[Image], rate: Fraction) -> None:
    first = next(frames, None)
    if first is None:
        raise ValueError("a video has at least one frame, found none")
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width = (side + side % 2 for side in first.shape[:2])
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = 1 / rate
    stream.gop_size = max(1, round(2 * rate))  # a player that jumps decodes two seconds at most
    for index, image in enumerate(chain([first], frames)):
        frame = VideoFrame.from_ndarray(_even(image, first.shape), format="rgb24")
        frame.pts, frame.time_base = index, 1 / rate
        container.mux(stream.encode(frame))
    packets = stream.encode(None)
    if packets:
        packets[-1].duration = 1  # that of the last frame, which no next one tells
    container.mux(packets)


def _even(image: Image, shape: tuple[int, ...]) -> Image:
    """The image with its last row and column repeated where their number is odd."""
    if image.dtype != np.uint8 or image.shape != shape or len(shape) != 3 or shape[2] != 3:
        raise ValueError(f"frames must be (H, W, 3) uint8 of one size, found {image.dtype} {image.shape} after {shape}")
    height, width, _ = shape
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
