"""What is drawn of a video beside its lanes: a film strip, a thumbnail, its sound."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from logotal.app.opening import made_of
from logotal.errors import InputError
from logotal.files.whole import write_whole
from logotal.video.picture import Image, Painter
from logotal.video.probe import probe
from logotal.video.sound import sound_from
from logotal.video.source import Source

STRIP, STRIP_SIZE = 60, (96, 54)
"""Pictures of a film strip, and the pixels of one."""
THUMBNAIL_SIZE = (160, 90)
FAR = 5.0
"""Seconds ahead from which on a jump takes less time than decoding what lies between."""
RATE = 50
"""Peaks of the sound in a second."""
HEARD = 8000
"""Samples in a second of the sound that is looked at."""
APART = 0.1
"""Seconds between two onsets."""


def kept(folder: Path, name: str, video: Path, make: Callable[[Path], bytes]) -> bytes:
    """What was made of a video before, or is made now and kept; made anew where the video file is another one."""
    path = made_of(video, folder, name)
    if not path.is_file():
        write_whole(path, make(video))
    return path.read_bytes()


def strip(video: Path) -> bytes:
    """A JPEG of `STRIP` pictures side by side; the k-th is that of the middle of its part of the video."""
    duration = probe(video).duration
    times = [duration * (number + 0.5) / STRIP for number in range(STRIP)]
    return _jpeg(np.concatenate([_fitted(image, STRIP_SIZE) for image in pictures_at(video, times)], axis=1))


def thumbnail(video: Path) -> bytes:
    """A JPEG of the picture after a third of the video."""
    (image,) = pictures_at(video, [probe(video).duration / 3])
    return _jpeg(_fitted(image, THUMBNAIL_SIZE))


def pictures_at(video: Path, times: Sequence[float]) -> Iterator[Image]:
    """The pictures that are on the screen at rising times; where one cannot be decoded, the one before it again."""
    painter, shown = Painter(), None
    with Source(video) as source:
        begins = (source.stream.start_time or 0) * source.time_base
        decoded, at = source.container.decode(source.stream), 0.0
        for time in times:
            if time - at > FAR:
                source.container.seek(round((begins + Fraction(time)) / source.time_base), stream=source.stream)
                decoded = source.container.decode(source.stream)
            with suppress(av.FFmpegError):
                for frame in decoded:
                    shown, at = frame, float((frame.time or 0.0) - begins)
                    if at >= time:
                        break
            if shown is None:
                raise InputError(f"{video}: no picture can be decoded; convert the file again")
            yield painter.rgb(shown)


def sound(video: Path) -> bytes:
    """JSON of the sound: `peaks` from 0 to 255, `rate` of them a second, and `onsets`, seconds where it sets in."""
    info = probe(video)
    peaks = np.zeros(0)
    if info.has_audio:
        peaks = np.fromiter(_peaks(video, info.duration), np.float64)
    shown = np.round(255 * peaks / max(peaks.max(initial=0.0), 1e-9)).astype(int)
    return json.dumps({"rate": RATE, "peaks": shown.tolist(), "onsets": onsets(peaks)}).encode()


def onsets(peaks: NDArray[np.float64]) -> list[float]:
    """The seconds where sound sets in: clearly louder than the fifth of a second before, and louder than the mean."""
    around = RATE // 5
    padded = np.concatenate([np.zeros(around), peaks])
    before = np.array([padded[at : at + around].mean() for at in range(len(peaks))])
    rising = (peaks > 2 * before) & (peaks > peaks.mean() if len(peaks) else peaks > 0)
    found: list[float] = []
    for at in np.flatnonzero(rising):
        if not found or at / RATE - found[-1] >= APART:
            found.append(at / RATE)
    return found


def _peaks(video: Path, duration: float) -> Iterator[float]:
    """The loudest sample of each fiftieth of a second."""
    length = HEARD // RATE
    rest = np.zeros(0, dtype=np.float32)
    for frame in sound_from(video, rate=HEARD, seconds=duration):
        samples = np.concatenate([rest, np.abs(np.asarray(frame.to_ndarray())).max(axis=0)])
        whole = len(samples) // length * length
        yield from samples[:whole].reshape(-1, length).max(axis=1)
        rest = samples[whole:]


def _fitted(image: Image, size: tuple[int, int]) -> Image:
    """The picture in a box, with black beside it."""
    picture = PIL.Image.fromarray(image)
    picture.thumbnail(size)
    box = PIL.Image.new("RGB", size)
    box.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return np.asarray(box)


def _jpeg(image: Image) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
