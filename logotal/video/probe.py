"""What a video file is, without reading it whole."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from logotal.errors import InputError
from logotal.video.picture import Orientation
from logotal.video.source import Source
from logotal.video.timing import own_rate

LOOKED_AT = 256
"""Packets whose timestamps tell the frame rate."""

FASTEST = 10_000
"""Frames per second that are believed; a broken clock says a million, and would make a grid that never ends."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video file in numbers; sizes are as shown, the rotation applied.

    `fps` is the rate that `read_frames` uses unless told otherwise: the constant rate where the video has one, its
    average elsewhere. `duration` is in seconds from the first frame to the end of the last. `frames` is the number
    that the container declares, None where it does not; it can count frames that are never shown.
    """

    width: int
    height: int
    rotation: int
    duration: float
    fps: Fraction
    frames: int | None
    codec: str
    has_audio: bool


def probe(path: str | Path) -> VideoInfo:
    """The numbers of a video file; its first frame is decoded to be sure of them.

    Raises:
        InputError: nothing there can be shown: no such file, empty, not a video, sound only, no decodable frame.
    """
    path = Path(path)
    with Source(path) as source:
        _, first = next(source.frames(step=Fraction(1)), (None, None))
        if first is None:
            raise InputError(f"{path}: expected a video, found no frame that can be decoded; cut off? Copy it again")
        orientation = Orientation.of(first)
        width, height = orientation.turned((first.width, first.height))
        source.reopen()
        duration, fps = _duration_and_rate(source)
        if fps > FASTEST:
            raise InputError(
                f"{path}: the timestamps say {float(fps):,.0f} frames per second, expected at most {FASTEST:,}; "
                "convert the file again to mend its clock"
            )
        return VideoInfo(
            width=width,
            height=height,
            rotation=orientation.clockwise,
            duration=float(duration),
            fps=fps,
            frames=source.stream.frames or None,
            codec=source.stream.codec_context.name,
            has_audio=bool(source.container.streams.audio),
        )


def _duration_and_rate(source: Source) -> tuple[Fraction, Fraction]:
    """Seconds and frames per second; every packet is looked at only where the container declares no length."""
    declared = source.declared_duration()
    ticks: list[int] = []
    count, latest = 0, None
    for packet in source.packets():
        stamp = packet.dts if packet.pts is None else packet.pts
        count += 1
        if stamp is not None:
            latest = stamp if latest is None else max(latest, stamp)
            if len(ticks) < LOOKED_AT:
                ticks.append(stamp)
        if declared is not None and count == LOOKED_AT:
            break
    fps = own_rate(source.stream, ticks)
    if declared is not None:
        return declared, fps
    return (count / fps if latest is None else (latest - min(ticks)) * source.time_base + 1 / fps), fps
