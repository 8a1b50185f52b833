"""An open video file: the one place that talks to the demuxer and the decoder.

Decoding goes packet by packet, so that one damaged packet costs its own frames and no others; what was lost is
counted, and `Source.shortfall` says whether the end of the video is missing.
"""

import re
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from logotal.errors import InputError
from logotal.files.cached import byte_size, local
from logotal.files.remote import address, is_remote
from logotal.files.text import check_plain
from logotal.video.stream import Stream, open_stream
from logotal.video.timing import in_presentation_order

COVER_PICTURE = 0x400
"""FFmpeg's disposition of a stream that is a picture on a sound file: not a video."""

LISTS = frozenset({"concat", "dash", "hls", "sdp", "webm_dash_manifest"})
"""Formats that only name other files or addresses, which nobody gave us to read."""

MOST_PIXELS = 2**26
"""Of a picture; twice those of 8K. A header of a few bytes can claim a thousand times as many."""

DECLARING = ("mov", "matroska", "avi")
"""Containers whose header says how long the video is; others (MPEG-TS) are as long as the file is."""

ANY_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
"""Lets `av.open` read titles that are no UTF-8: by an argument up to PyAV 18; 19 has none, and reads all of them."""


class Source:
    """A video opened for decoding; `lost` counts the packets that the decoder refused.

    Args:
        path: a file, or the name of something else that `connect` opens.
        connect: opens the container.

    Raises:
        InputError: the file is absent, empty, no video, or of a codec that this FFmpeg does not know.
    """

    def __init__(self, path: Path | str, connect: "Callable[[], InputContainer] | None" = None) -> None:
        self.path = path
        self.connect = connect if connect is not None else partial(open_container, Path(path))
        self.reopen()

    def reopen(self) -> None:
        """Goes back to the beginning, in every container."""
        self.close()
        self.lost = 0
        self._broken_end = False
        self._latest: int | None = None
        self._peeked: deque[Packet[VideoStream]] = deque()
        self.container = self.connect()
        try:
            self.stream = _video_stream(self.container, self.path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the file; nothing is decoded from here on."""
        if hasattr(self, "container"):
            self.container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def time_base(self) -> Fraction:
        """Seconds of one tick of the stream's timestamps."""
        return self.stream.time_base or Fraction(1, 1_000_000)

    def frames(self, step: Fraction) -> Iterator[tuple[Fraction, VideoFrame]]:
        """The frames from here on with their timestamps in seconds, which increase strictly.

        `step` is the seconds from frame to frame where the file does not say.
        """
        return in_presentation_order(self._decoded(), self.time_base, step)

    def declared_duration(self) -> Fraction | None:
        """Seconds from the first frame to the end of the video, as the container says, if it does."""
        if self.stream.duration:
            return self.stream.duration * self.time_base
        end = _clock_time(self.stream.metadata.get("DURATION", ""))  # Matroska: when it ends, not how long it is
        if end is None and self.container.duration and len(self.container.streams) == 1:
            end = Fraction(self.container.duration, av.time_base)
        start = max((self.stream.start_time or 0) * self.time_base, Fraction(0))
        return None if end is None or end <= start else end - start

    def shortfall(self, last: Fraction, found: Fraction, step: Fraction) -> Fraction | None:
        """Seconds that are missing at the end of the video, 0 if nobody knows how many; None where it is whole.

        `last` is the timestamp of the last frame that was decoded, `found` the seconds from the first one to its
        end. The end is missing after a fault in the last packet, where packets were read that are later than any
        frame, and where the header promises clearly more than there is: half a second, for headers count the last
        frame, and pictures that were edited out, in many ways.
        """
        declared = Fraction(0)
        if self._declares:
            declared = self.declared_duration() or declared
            if self.container.format.name == "avi":  # the length follows the file's size there, the count does not
                declared = max(declared, self.stream.frames * self.time_base)
        undecoded = Fraction(0) if self._latest is None else self._latest * self.time_base - last
        missing = max(declared - found, undecoded, Fraction(0))
        broken = self._broken_end or declared - found > Fraction(1, 2) or undecoded > step / 2
        return missing if broken else None

    @property
    def _declares(self) -> bool:
        return self.container.format.name.startswith(DECLARING)

    @property
    def broken(self) -> bool:
        """Whether the last thing that was read was a fault."""
        return self._broken_end

    def peek(self, count: int) -> list["Packet[VideoStream]"]:
        """The next packets, which `packets` will still give."""
        self._peeked.extend(islice(self._demuxed(), count - len(self._peeked)))
        return list(self._peeked)

    def packets(self) -> Iterator["Packet[VideoStream]"]:
        """The packets of the video from here on; those after a fault in the container are missing."""
        while self._peeked:
            yield self._peeked.popleft()
        yield from self._demuxed()

    def _demuxed(self) -> Iterator["Packet[VideoStream]"]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._broken_end = True
                return
            if packet is None:
                return
            if packet.size:  # the last ones, empty, would flush the decoder
                yield packet

    def _decoded(self) -> Iterator[VideoFrame]:
        for packet in self.packets():
            self._broken_end = packet.is_corrupt
            if packet.pts is not None and not packet.is_discard:
                self._latest = packet.pts if self._latest is None else max(self._latest, packet.pts)
            if packet.is_corrupt and self._declares:
                self.lost += 1
                continue  # half a packet, where the file ends; in MPEG-TS a scratch that the decoder can conceal
            yield from self._frames_of(packet.decode)
        yield from self._frames_of(partial(self.stream.decode, None))  # those that the decoder still holds

    def _frames_of(self, decode: Callable[[], list[VideoFrame]]) -> list[VideoFrame]:
        """What a call of the decoder gives; nothing where it refuses."""
        try:
            return decode()
        except av.FFmpegError:
            self.lost += 1
            self._broken_end = True
            return []


def _clock_time(text: str) -> Fraction | None:
    """The seconds of a time like 00:01:02.500; None where it is none."""
    found = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", text.strip("\0 "))
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])


def open_container(path: Path) -> InputContainer:
    """The container in a file, by whatever name and with whatever metadata; a remote one is read as it is decoded.

    Raises:
        InputError: there is no such file, or FFmpeg cannot open it, or it only names others.
    """
    if not is_remote(path) and not path.exists():
        raise InputError(f"{path}: no such file")
    if not is_remote(path) and path.is_dir():
        raise InputError(f"{path}: expected a video file, found a folder; name a file in it")
    check_plain(path)
    if byte_size(path) == 0:  # which refuses an address of nothing or of a folder
        raise InputError(f"{path}: the file is empty (0 bytes); copy it again")
    try:
        # By its protocol, and no other: FFmpeg would take a file that is called concat:x or http:x for an order; what
        # is read for it needs none. As an option of the container alone: PyAV 16 crashes on MPEG-PS where its streams
        # get options too.
        file = _file(path)
        only = {"protocol_whitelist": "file" if isinstance(file, str) else ""}
        container: InputContainer = av.open(file, container_options=only, **ANY_METADATA)
    except av.FFmpegError as error:
        raise InputError(
            f"{path}: expected a video, found a file that FFmpeg cannot open ({error.strerror}); "
            "it may be another kind of file, or cut off; copy it again or play it to check"
        ) from error
    if any(name in LISTS for name in container.format.name.split(",")):
        container.close()
        raise InputError(f"{path}: expected a video, found a list of other files; name these")
    return container


def _file(path: Path) -> str | Stream:
    """What FFmpeg opens: a file, or what reads a remote one."""
    if not is_remote(path):
        return f"file:{path}"
    if (stream := open_stream(path)) is not None:
        return stream
    warnings.warn(f"{address(path)}: its server gives no parts of files; a whole copy is taken first", stacklevel=4)
    return f"file:{local(path)}"


def _video_stream(container: InputContainer, path: Path | str) -> VideoStream:
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    if container.format.name == "tty":  # FFmpeg draws text files as terminals
        raise InputError(f"{path}: expected a video, found text")
    if not videos and container.streams.audio:
        cover = " and a cover picture" if container.streams.video else ""
        raise InputError(f"{path}: expected a video, found sound{cover} only")
    if not videos:
        raise InputError(f"{path}: expected a video, found none in the container; cut off? Copy it again")
    stream = videos[0]
    if stream.codec_context is None:  # decoding would crash the process
        raise InputError(f"{path}: its video cannot be decoded: unknown codec, or cut off before the first frame")
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        size = f"{stream.codec_context.width} x {stream.codec_context.height}"
        raise InputError(f"{path}: expected pictures of at most {MOST_PIXELS:,} pixels, found {size}; broken header?")
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}  # a later header may say something else
    stream.thread_type = "AUTO"
    return stream


def _is_cover(stream: VideoStream) -> bool:
    disposition = getattr(stream, "disposition", 0)  # nothing in PyAV 14, a plain flag up to 16
    return bool(int(getattr(disposition, "value", disposition)) & COVER_PICTURE)
