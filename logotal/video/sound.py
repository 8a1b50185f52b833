"""The sound of one video file behind the pictures of another, neither coded again."""

import heapq
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from logotal.video.source import Source, open_container

MADE_HERE = "a timeline drawn by logotal"
"""What the comment of a copy says, in containers that have a place for one; it is known again by it."""


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
