"""The sound of a video file: behind the pictures of another one, as it is coded, or decoded and in its place."""

import heapq
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from logotal.video.source import Source, open_container

MADE_HERE = "a timeline drawn by logotal"
"""What the comment of a copy says, in containers that have a place for one; it is known again by it."""
APART = Fraction(1, 25)
"""Seconds by which sound may come earlier or later than the samples before it say; clocks are rounded that much."""


def add_sound(silent: Path, video: Path, target: Path) -> bool:
    """Joins the pictures of one file and the sound of another; whether that could be done."""
    with Source(video) as source:
        begins, _ = next(source.frames(step=Fraction(1)))
    try:
        copy_streams(target, silent, video, begins)
    except (av.FFmpegError, ValueError) as error:
        warnings.warn(f"{video}: its sound does not fit into {target.suffix} ({error}); choose .mkv", stacklevel=3)
        return False
    return True


def copy_streams(target: Path, silent: Path, sounding: Path | None = None, begins: Fraction = Fraction(0)) -> None:
    """Writes the pictures of a file and the sound of another, from `begins` on, as both are coded."""
    options = {"movflags": "faststart"} if target.suffix in (".mp4", ".mov") else {}
    with ExitStack() as open_files:
        pictures = open_files.enter_context(open_container(silent))
        container = open_files.enter_context(av.open(str(target), "w", options=options))
        container.metadata["comment"] = MADE_HERE
        seen: Stream = pictures.streams.video[0]
        into: dict[Stream, Stream] = {seen: container.add_stream_from_template(seen)}
        packets = [_packets(pictures, seen, Fraction(0))]
        if sounding is not None:
            sounds = open_files.enter_context(open_container(sounding))
            heard: Stream = sounds.streams.audio[0]
            into[heard] = container.add_stream_from_template(heard)
            packets.append(_packets(sounds, heard, begins))
        for _, packet in heapq.merge(*packets, key=lambda timed: timed[0]):
            packet.stream = into[packet.stream]
            container.mux(packet)


def _packets(
    container: InputContainer, stream: Stream, begins: Fraction
) -> Iterator[tuple[Fraction, "Packet[Stream]"]]:
    """The packets of a stream, timed from `begins` on; what is heard before the first picture is left out."""
    for packet in container.demux(stream):
        if packet.dts is not None and packet.pts is not None:
            shift = round(begins / packet.time_base)
            packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
            if packet.pts >= 0:
                yield packet.dts * packet.time_base, packet


def sound_from(video: Path, *, rate: int, seconds: float) -> Iterator[AudioFrame]:
    """The sound of a video from its first picture on, in stereo, without a gap: silence is where there is none."""
    written, most = 0, round(seconds * rate)
    for samples in _placed(video, rate, most):
        part = np.ascontiguousarray(samples[:, : most - written])
        if part.shape[1]:
            frame = AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = rate, written, Fraction(1, rate)
            written += part.shape[1]
            yield frame


def _placed(video: Path, rate: int, most: int) -> Iterator[NDArray[np.float32]]:
    """Samples (2, N), those that are too early left out, and silence before those that are late."""
    with Source(video) as source:
        begins, _ = next(source.frames(step=Fraction(1)))
    position, slack = 0, round(APART * rate)
    for time, samples in _decoded(video, rate):
        late = 0 if time is None else round((time - begins) * rate) - position
        late = late if abs(late) > slack else 0
        while late > 0 and position < most:
            silence = np.zeros((2, min(late, rate)), dtype=np.float32)
            position, late = position + silence.shape[1], late - silence.shape[1]
            yield silence
        if position >= most:
            return
        kept = samples[:, max(-late, 0) :]
        position += kept.shape[1]
        yield kept


def _decoded(video: Path, rate: int) -> Iterator[tuple[Fraction | None, NDArray[np.float32]]]:
    """Samples (2, N) with their time by the file's own clock; damaged packets are silent."""
    resampler = AudioResampler(format="fltp", layout="stereo", rate=rate)
    with open_container(video) as container:
        stream = container.streams.audio[0]
        for packet in container.demux(stream) if stream.codec_context is not None else ():
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                time = None if frame.pts is None or not frame.time_base else frame.pts * frame.time_base
                frame.pts = None  # the resampler has no use for it
                for made in resampler.resample(frame):
                    yield time, np.asarray(made.to_ndarray(), dtype=np.float32)
                    time = None
