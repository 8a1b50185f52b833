"""Videos that the tests encode: every frame shows its own number, readable after any compression."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

ROWS, COLUMNS = 3, 4
BITS = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)


def numbered(number, height=48, width=64):
    """A picture of a number: twelve blocks, white where its bit is one."""
    blocks = ((number >> BITS) & 1).astype(np.uint8) * 255
    rows, columns = np.arange(height) * ROWS // height, np.arange(width) * COLUMNS // width
    return np.repeat(blocks[rows][:, columns][..., None], 3, axis=2)


def number(image):
    """The number that a picture shows; fails where a block is neither black nor white."""
    height, width, _ = image.shape
    centers = image[height // 6 :: height // 3][:3, width // 8 :: width // 4][:, :4].astype(int).mean(axis=2)
    assert ((centers < 80) | (centers > 175)).all(), f"blocks are unclear: {centers}"
    return int((1 << BITS)[centers > 128].sum())


def numbers(frames):
    return [number(frame.image) for frame in frames]


def encode(
    path,
    count,
    *,
    fps=25,
    codec="libx264",
    pix_fmt="yuv420p",
    size=(48, 64),
    options=None,
    muxer=None,
    ticks=None,
    time_base=None,
    audio=False,
    pictures=None,
):
    """Writes a video of `count` numbered frames; `ticks` are their timestamps in `time_base`."""
    path = Path(path)
    fps = Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=fps, options=options or {})
        stream.height, stream.width = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base or 1 / fps
        sound = container.add_stream("aac", rate=16000, layout="mono") if audio else None
        for i in range(count):
            image = numbered(i, *size) if pictures is None else pictures[i]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = i if ticks is None else ticks[i]
            frame.time_base = time_base or 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(sound.encode(silence(1600)))
            container.mux(sound.encode(None))
    return path


def silence(samples):
    frame = av.AudioFrame.from_ndarray(np.zeros((1, samples), dtype=np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 16000, 0
    return frame


def write_sound(path, cover=False):
    """Writes a second of silence, with a picture attached as music players show it."""
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=16000, layout="mono")
        picture = container.add_stream("mjpeg", rate=1) if cover else None
        if picture is not None:
            picture.height, picture.width, picture.pix_fmt = 48, 64, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic.value
        container.mux(sound.encode(silence(16000)))
        container.mux(sound.encode(None))
        if picture is not None:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(numbered(1), format="rgb24")))
            container.mux(picture.encode(None))
    return path


MATRICES = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
"""The numbers a, b, c, d of the display matrix of a clockwise turn."""


def set_matrix(path, matrix):
    """Writes a, b, c, d into the track header of an mp4, as a camera that was held sideways does."""
    content = bytearray(path.read_bytes())
    a, b, c, d = (x << 16 for x in matrix)
    at = content.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version and flags, times, ids and duration, reserved, volume
    assert struct.unpack_from(">9i", content, at) == (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    struct.pack_into(">9i", content, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
