"""Times of label files become seconds of their video, unless the video shows that they cannot be what they seem.

Three things are never guessed: the unit of numbers that fit no video as seconds, or could be frames just as well; the
rate of a file with a line per frame that has another number of lines than the video has frames; and whether a column
of durations holds those of the actions or those of the videos.
"""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logotal.formats.label_file import AskError, FoundAction, VideoLabels
from logotal.formats.moments import Clock
from logotal.timeline import Action
from logotal.video.probe import VideoInfo

BEYOND = 0.05
"""Part of a video by which an action may reach beyond its end and still be of that video."""
LATE = 1000.0
"""Whole numbers from which on up nobody knows whether they are seconds, frames or milliseconds."""
LONG = 20.0
"""The same for the length of the middle action."""
ALIKE = 0.02
"""Part by which the lines of a file and the frames of its video may differ."""

Labelled = tuple[VideoLabels, VideoInfo]


def placed(entry: VideoLabels, info: VideoInfo) -> list[FoundAction]:
    """The actions in seconds of the video."""
    fps, duration = float(info.fps), round(info.duration, 6)
    return [FoundAction.of(found.at(fps, duration), found.where) for found in entry.actions]


def with_ignored(entry: VideoLabels, info: VideoInfo) -> VideoLabels:
    """What a file says of the video, with the spans that somebody marked without a label as ignored ones."""
    spans = (found.at(float(info.fps), round(info.duration, 6)) for found in entry.unlabelled)
    return replace(entry, ignored=(*entry.ignored, *((span.start, span.end) for span in spans if span.duration > 0)))


def check_units(labelled: Iterable[Labelled]) -> None:
    """Makes sure that times are in the unit that they are taken for.

    Raises:
        AskError: nobody can know; the message says what was found and the option that settles it.
    """
    files: dict[Path, list[Labelled]] = {}
    for entry, info in labelled:
        files.setdefault(entry.source, []).append((entry, info))
    for path, listed in files.items():
        _check_lengths(path, listed)
        _check_numbers(path, listed)
        _check_frames(path, listed)


def _check_numbers(path: Path, listed: Sequence[Labelled]) -> None:
    """Numbers without a unit must fit their videos as seconds, and must not look like anything else."""
    unsaid = list(_unsaid(listed))
    for found, action, info in unsaid:
        latest, limit = max(action.start, action.end), info.duration
        if action.start > limit + 0.1 or action.end > limit * (1 + BEYOND) + 1:
            units = _fitting(unsaid) or ["frames", "ms", "s"]
            raise AskError(
                f"{found.where}: a time of {latest:g} without a unit, in a video of {limit:g} s; "
                f"these are no seconds: --unit {' | '.join(units)} (or --unit s, if they are and the action is wrong)",
                "unit",
                dict.fromkeys([*units, "s"]),
            )
    values = [value for _, action, _ in unsaid for value in (action.start, action.end)]
    if not values or not all(float(value).is_integer() for value in values):
        return
    middle = statistics.median(action.end - action.start for _, action, _ in unsaid)
    if max(values) >= LATE or middle >= LONG:
        raise AskError(
            f"{path}: whole numbers without a unit, up to {max(values):g}; they could be seconds, frames or "
            "milliseconds; say which: --unit s | frames | ms",
            "unit",
            ("s", "frames", "ms"),
        )


def _unsaid(listed: Sequence[Labelled]) -> Iterator[tuple[FoundAction, Action, VideoInfo]]:
    for entry, info in listed:
        for found in entry.actions:
            if Clock.UNSAID in (found.start.clock, found.end.clock):
                yield found, found.at(float(info.fps)), info


def _fitting(unsaid: Sequence[tuple[FoundAction, Action, VideoInfo]]) -> list[str]:
    """The units in which all actions would lie in their videos."""
    fits: Mapping[str, bool] = {
        "frames": all(action.end <= info.duration * float(info.fps) * (1 + BEYOND) for _, action, info in unsaid),
        "ms": all(action.end <= info.duration * 1000 * (1 + BEYOND) for _, action, info in unsaid),
    }
    return [unit for unit, fitting in fits.items() if fitting]


def _is_late(found: FoundAction, info: VideoInfo) -> bool:
    return found.start.seconds(float(info.fps)) > info.duration + 0.1


def _check_lengths(path: Path, listed: Sequence[Labelled]) -> None:
    """A column of durations that is the same in all lines of a video, and its length, is not that of the actions."""
    for entry, info in listed:
        lengths = set(entry.lengths)
        if len(lengths) != 1 or abs(lengths.pop() - info.duration) > max(0.5, 0.01 * info.duration):
            continue
        if len(entry.lengths) > 1 or any(found.start.value > 0 for found in entry.actions):
            raise AskError(
                f"{path}: the durations of {entry.names[0]!r} are all {info.duration:g} s, the length of the video "
                "and not of the actions, so nothing says where these end; name the column of the end: "
                "--columns end=HEADER (or --columns duration=HEADER, if they do last so long)"
            )


def _check_frames(path: Path, listed: Sequence[Labelled]) -> None:
    """Frames must lie in their video; a file that says something of each must have as many lines as there are."""
    for entry, info in listed:
        late = [found for found in entry.actions if found.start.clock is Clock.FRAMES and _is_late(found, info)]
        if late:
            raise AskError(
                f"{late[0].where}: frame {late[0].start.value:g} in a video of "
                f"{info.duration * float(info.fps):,.0f} frames; if frames were counted at another rate, say which: "
                "--unit frames@RATE (is it another video?)",
                "unit",
            )
        if entry.frames is None:
            continue
        frames = info.duration * float(info.fps)
        if abs(entry.frames - frames) > max(2.0, ALIKE * frames):
            rate = entry.frames / info.duration
            raise AskError(
                f"{path}: {entry.frames:,} lines, a line a frame, but the video has {frames:,.0f} frames; say at what "
                f"rate they were made: --unit frames@{rate:.3g} (is it another video?)",
                "unit",
                (f"frames@{rate:.3g}",),
            )
