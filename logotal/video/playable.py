"""A small copy of a video that every browser plays: H.264 (baseline) and AAC in an mp4 that begins to play at once.

A picture is shown in the copy when `read_frames` has it: seconds count from the first frame, whatever the file's own
clock says, and a variable rate stays one. Sound keeps its place beside the pictures. libx264 and FFmpeg's AAC encoder
are in PyAV's wheels of every platform.
"""

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from logotal.callbacks import Progress, silent
from logotal.errors import InputError
from logotal.files.whole import temporary_folder
from logotal.video.picture import Orientation
from logotal.video.probe import VideoInfo, probe
from logotal.video.reader import shown_frames
from logotal.video.sound import sound_from
from logotal.video.source import Source

HEIGHT, WIDTH = 480, 1280
"""Pixels at most; smaller videos keep their size."""

CODING = {"profile": "baseline", "preset": "veryfast", "crf": "26", "maxrate": "1200k", "bufsize": "2400k"}
"""A constant quality, but 1.2 Mbit/s at most."""

CLOCK = 90_000
"""Ticks of a second, which hold all usual frame rates to the microsecond."""

SOUND_RATE, SOUND_BITS = 48_000, 96_000

Timed = Iterator[tuple[Fraction, "Packet[Any]"]]


def write_playable(video: str | Path, target: str | Path, *, progress: Progress = silent) -> None:
    """Writes the copy, which is there whole or not at all.

    Args:
        video: a file in any container and coding that FFmpeg reads.
        target: the copy, which ends in .mp4.
        progress: callback(seconds done, seconds in all).

    Raises:
        InputError: the video cannot be decoded, the copy cannot be written, or it would take the place of the video.
    """
    video, target = Path(video), Path(target)
    if target.suffix != ".mp4":
        raise InputError(f"{target}: expected a name that ends in .mp4")
    info = probe(video)
    if target.exists() and target.samefile(video):
        raise InputError(f"{target}: expected another file than the video itself; choose another name")
    try:
        with temporary_folder(target) as folder:
            _write(video, info, folder / target.name, progress)
            (folder / target.name).replace(target)
    except (OSError, av.FFmpegError) as error:
        reason = error.strerror or str(error)
        raise InputError(f"{target}: cannot be written ({reason}); make room or choose another place") from error


def _write(video: Path, info: VideoInfo, target: Path, progress: Progress) -> None:
    with ExitStack() as opened:
        source = opened.enter_context(Source(video))
        copy = opened.enter_context(av.open(str(target), "w", options={"movflags": "faststart"}))
        pictures: VideoStream = copy.add_stream("libx264", rate=info.fps, options=dict(CODING))
        pictures.width, pictures.height = _size(info, source.stream.sample_aspect_ratio)
        pictures.pix_fmt = "yuv420p"
        pictures.codec_context.time_base = Fraction(1, CLOCK)
        pictures.codec_context.gop_size = max(1, round(2 * info.fps))  # a player that jumps decodes two seconds at most
        packets = [_pictures(source, pictures, info, progress)]
        if info.has_audio:
            sound = copy.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            sound.bit_rate = SOUND_BITS
            packets.append(_sound(video, sound, info))
        for _, packet in heapq.merge(*packets, key=lambda timed: timed[0]):
            copy.mux(packet)


def _size(info: VideoInfo, aspect: Fraction | None) -> tuple[int, int]:
    """Even width and height that fit, of square pixels."""
    width, height = Fraction(info.width), Fraction(info.height)
    if aspect and info.rotation in (0, 180):
        width *= aspect
    elif aspect:
        height *= aspect
    scale = min(Fraction(1), HEIGHT / height, WIDTH / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _pictures(source: Source, stream: VideoStream, info: VideoInfo, progress: Progress) -> Timed:
    begin, lasts = Fraction(0), 1
    for shown in shown_frames(source, 1 / info.fps):
        frame = _upright(shown.frame, stream.width, stream.height)
        frame.pts, frame.time_base = round(begin * CLOCK), Fraction(1, CLOCK)
        lasts = max(1, round(shown.end * CLOCK) - frame.pts)
        begin = shown.end
        yield from _timed(stream.encode(frame))
        progress(float(begin), max(ceil(info.duration), ceil(begin)))
    packets = stream.encode(None)
    if packets:
        packets[-1].duration = lasts  # that of the last frame, which no next one tells
    yield from _timed(packets)


def _upright(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """The frame as shown, in the size and the colors of the copy."""
    orientation = Orientation.of(frame)
    if orientation != Orientation():
        turned = orientation.applied(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="rgb24")
    made = frame.reformat(width, height, "yuv420p", interpolation="AREA")
    made.pict_type = 0  # the encoder chooses its key frames anew
    return made


def _sound(video: Path, stream: AudioStream, info: VideoInfo) -> Timed:
    for frame in sound_from(video, rate=SOUND_RATE, seconds=info.duration):
        yield from _timed(stream.encode(frame))
    yield from _timed(stream.encode(None))


def _timed(packets: Sequence["Packet[Any]"]) -> Timed:
    for packet in packets:
        yield Fraction(packet.dts or 0) * packet.time_base, packet
