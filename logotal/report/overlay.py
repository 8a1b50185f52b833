"""A video with its timeline burnt in: what happens now on the picture, and the lanes of the report below it.

The strip is added below, so that it hides nothing; the picture only carries the names, at its top left. Text grows
with the picture. Colors are those of the report for dark pages.
"""

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np

from logotal.errors import InputError
from logotal.files.target import check_target, copy_kept, marked
from logotal.files.whole import temporary_folder
from logotal.report.charts.palette import DARK, DARK_BACKGROUND, channels, color_indices, mixed
from logotal.report.charts.svg import clock, tick_step
from logotal.report.font import unwritable
from logotal.report.paint import Box, fitting, paint_box, paint_text, text_width
from logotal.timeline import Action, Timeline
from logotal.video.picture import Image
from logotal.video.probe import VideoInfo, probe
from logotal.video.reader import read_frames
from logotal.video.sound import MADE_HERE, add_sound, copy_streams
from logotal.video.writer import SUFFIXES, write_video

LANES, NAMES = 8, 4
"""How many labels have a lane, the most frequent ones, and how many are named at a time, the surest ones."""

TEXT, DIM, LANE = "#e8eaee", "#8f98a5", "#2b313a"
WHITE = "#ffffff"

ROUNDING = 1e-6
"""Seconds by which the time of a frame may be off for being a float."""
READ = 0.75
"""Seconds for which the name of a moment is shown."""

PITCH = 1.85
"""From lane to lane, in heights of a capital."""


ANNOTATED = marked("a video", MADE_HERE.encode())


def write_annotated_video(
    video: Path,
    timeline: Timeline,
    target: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """Writes a video with its timeline drawn on and below it, whole or not at all.

    Frames are read, drawn on and written one after the other. The sound is copied as it is, where the container of
    `target` can hold it; where it cannot (Opus in .mov), a warning says so and the copy is silent.

    Args:
        video: any file that FFmpeg reads.
        timeline: its actions; for all candidates of a model, take `timeline.above(score)`.
        target: a name that ends in .mp4, .mov, .mkv or .ts.
        overwrite: replaces a file that is no annotated video of ours; a copy of it stays.
        progress: callback(frames done, frames in all, about), after each frame.

    Raises:
        InputError: the video cannot be read or ends early, or `target` is no such name or the video itself, or cannot
            be written.
    """
    video, target = Path(video), Path(target)
    if target.suffix not in SUFFIXES:
        raise InputError(f"{target}: expected a name that ends in one of {', '.join(SUFFIXES)}")
    info = probe(video)
    check_target(target, ANNOTATED, inputs=[video], overwrite=overwrite)
    total = round(info.duration * info.fps)

    def drawn() -> Iterator[Image]:
        overlay = Overlay(timeline, info)
        for frame in read_frames(video):
            yield overlay.drawn(frame.image, frame.time)
            if progress is not None:
                progress(frame.index + 1, max(total, frame.index + 1))

    with temporary_folder(target) as folder:
        # .mp4 keeps every time as it is until the sound joins; other containers move the first one to zero or later.
        silent, finished = folder / "silent.mp4", folder / f"finished{target.suffix}"
        try:
            write_video(silent, drawn(), info.fps)
            if not (info.has_audio and add_sound(silent, video, finished)):
                copy_streams(finished, silent)
            with copy_kept(target, ANNOTATED):
                finished.replace(target)
        except (OSError, av.FFmpegError) as error:
            raise InputError(
                f"{target}: cannot be written ({error.strerror}); make room or choose another place"
            ) from error


class Overlay:
    """Draws a timeline on the frames of one video.

    Args:
        timeline: the actions.
        info: the size, length and rate of the video.

    Warns:
        UserWarning: labels have letters that this machine cannot write.
    """

    def __init__(self, timeline: Timeline, info: VideoInfo) -> None:
        timeline = timeline.named()
        self._timeline, self._info = timeline, info
        self._size = text_size(info.width, info.height)
        counts = Counter(action.label for action in timeline)
        frequent = sorted(counts, key=lambda label: (-counts[label], label))[:LANES]
        self._labels = [label for label in timeline.labels if label in frequent]
        self._colors = {label: DARK[index] for label, index in color_indices(timeline.labels).items()}
        self._scored = any(action.score != 1 for action in timeline)
        self._place = _Place.of(self._labels, len(counts) - len(self._labels), self._size, info)
        self._strip = self._strip_at_rest()
        if said := unwritable(timeline.labels):
            warnings.warn(said, stacklevel=2)

    def drawn(self, image: Image, time: float) -> Image:
        """The frame that is shown from `time` on, in seconds, with the strip below: (H and more, W, 3)."""
        frame = np.concatenate([image, self._strip])
        now = self._now(time)
        self._draw_names(frame[: image.shape[0]], now)
        self._draw_moment(frame[image.shape[0] :], time, {action.label for action in now})
        return frame

    def _now(self, time: float) -> list[Action]:
        """The actions during a frame, one per label, the surest first."""
        time, behind = time + ROUNDING, time + float(1 / self._info.fps) - ROUNDING
        # An action shorter than a frame is in the one in which it begins, and a moment long enough to be read.
        lasting = (replace(a, end=a.end + READ) if a.is_moment else a for a in self._timeline)
        during = [a for a in lasting if a.start < behind and (a.end > time or a.start >= time - 2 * ROUNDING)]
        best = {action.label: action for action in sorted(during, key=lambda a: a.score)}
        return sorted(best.values(), key=lambda a: (-a.score, a.label))

    def _draw_names(self, picture: Image, now: list[Action]) -> None:
        size = 1.25 * self._size
        high, margin = round(2 * size), round(0.8 * size)
        for row, action in enumerate(now[:NAMES]):
            top = margin + row * round(high * 1.18)
            score = f"{action.score:.2f}" if self._scored else ""
            room = picture.shape[1] - 2 * margin - 3.4 * size - text_width(score, size)
            name = fitting(action.label, size, room)
            wide = 3 * size + text_width(name, size) + (text_width(score, size) + 0.4 * size if score else 0)
            ground = (top, margin, top + high, margin + wide)
            paint_box(picture, ground, DARK_BACKGROUND, radius=0.5 * size, opacity=0.8)
            middle, left = top + high / 2, margin + 0.8 * size
            dot = (middle - size / 2, left, middle + size / 2, left + size)
            paint_box(picture, dot, self._color(action), radius=0.3 * size)
            paint_text(picture, (middle, left + 1.5 * size), name, size, TEXT)
            paint_text(picture, (middle, left + 1.9 * size + text_width(name, size)), score, size, DIM)

    def _draw_moment(self, strip: Image, time: float, now: set[str]) -> None:
        """The clock, the names of what happens in full light, and the line that runs over the lanes."""
        place, size = self._place, self._size
        for row, label in enumerate(self._labels):
            if label in now:
                place.name(strip, row, label, TEXT)
        paint_text(strip, (place.axis, place.margin), clock(time, 0.1), size, TEXT)
        x, top, half = place.x(time), place.margin / 2, max(0.75, size / 12)
        paint_box(strip, (top, x - half, place.axis - 0.9 * size, x + half), WHITE)
        paint_box(strip, (top - half, x - 3 * half, top + 5 * half, x + 3 * half), WHITE, radius=3 * half)

    def _strip_at_rest(self) -> Image:
        """All of the strip that is the same in every frame."""
        place, size = self._place, self._size
        strip: Image = np.empty((place.height, self._info.width, 3), np.uint8)
        strip[:] = channels(DARK_BACKGROUND)
        for row, label in enumerate(self._labels):
            place.name(strip, row, label, DIM)
            paint_box(strip, place.bar(row, 0, self._info.duration), LANE, radius=0.3 * size)
        for action in sorted(self._timeline, key=lambda a: (a.score, a.start - a.end)):
            if action.label in self._labels and action.start < self._info.duration and action.end >= 0:
                box = place.bar(self._labels.index(action.label), action.start, action.end)
                top, left, bottom, right = box
                paint_box(strip, (top, left - 1, bottom, right + 1), LANE)  # keeps neighbors apart
                paint_box(strip, box, self._color(action), radius=0.3 * size)
        step = tick_step(place.scale, 7 * size)
        for tick in range(math.floor(self._info.duration / step + 1e-9) + 1):
            x, said = place.x(tick * step), clock(tick * step, step)
            paint_box(strip, (place.axis - 1.4 * size, x - 0.5, place.axis - 0.95 * size, x + 0.5), DIM)
            if x + text_width(said, size) <= self._info.width:
                paint_text(strip, (place.axis, x), said, 0.85 * size, DIM)
        if place.note:
            paint_text(strip, (place.axis + 1.8 * size, place.margin), place.note, 0.85 * size, DIM)
        return strip

    def _color(self, action: Action) -> str:
        """The stronger, the higher the score, as in the report."""
        share = 0.25 + 0.75 * min(max(action.score, 0.0), 1.0)
        return mixed(self._colors[action.label], DARK_BACKGROUND, share)


def text_size(width: int, height: int) -> float:
    """Pixels of a capital's height that can be read in a picture: it grows with it, less than in proportion.

    >>> text_size(320, 240), text_size(1920, 1080)
    (9.0, 19.0)
    """
    return float(max(4, round(6 + 0.0122 * min(width, height))))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where things lie in the strip, in pixels."""

    height: int
    size: float
    margin: float
    left: float
    """Where the lanes begin, behind the names."""
    scale: float
    """Pixels of a second."""
    duration: float
    axis: float
    """The middle of the line of times."""
    note: str

    @classmethod
    def of(cls, labels: list[str], others: int, size: float, info: VideoInfo) -> "_Place":
        margin = round(0.8 * size)
        names = [*(text_width(label, size) for label in labels), text_width(clock(info.duration, 0.1), size)]
        left = margin + min(max(names), 0.32 * info.width) + 0.5 * size
        scale = max(info.width - margin - left, 1) / max(info.duration, 1e-3)
        axis = margin + len(labels) * PITCH * size + 1.5 * size
        note = f"{others} more label{'' if others == 1 else 's'}" if others else "" if labels else "no actions"
        height = math.ceil(axis + size + (1.8 * size if note else 0.3 * size))
        # The encoder wants an even height; the row that it lacks is the strip's, not a copy of the last one.
        height += (info.height + height) % 2
        return cls(height, size, margin, left, scale, info.duration, axis, note)

    def x(self, seconds: float) -> float:
        return self.left + min(max(seconds, 0.0), self.duration) * self.scale

    def bar(self, row: int, start: float, end: float) -> Box:
        """The box of an action; two pixels wide at least."""
        top = self.margin + (PITCH * row + 0.22) * self.size
        first = min(self.x(start), self.x(self.duration) - 2)
        return top, first, top + 1.4 * self.size, max(self.x(end), first + 2)

    def name(self, strip: Image, row: int, label: str, color: str) -> None:
        short = fitting(label, self.size, self.left - self.margin - 0.5 * self.size)
        paint_text(strip, (self.margin + (PITCH * row + 0.92) * self.size, self.margin), short, self.size, color)
