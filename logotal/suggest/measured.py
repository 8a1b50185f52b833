"""What settings follow from: how long actions and videos are, how many there are of what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.data.arrange import widen_points as widen
from logotal.data.splits import group_of
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action

WIDEST_POINT, NARROWEST_POINT = 1.0, 0.2
"""Seconds that an event without length becomes, where its neighbors leave room for it."""
MISTAKES = 0.01
"""Share of the actions below which those without length are taken for slips of the annotator."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The numbers of a set of videos.

    `videos` are those that can be laid on a grid: each has a duration, and events without length have been widened.
    `seconds` (N,) are the lengths of their actions (a widened event counts whole, also at the end of a video, where a
    part of it lies outside), `durations` (M,) those of the videos; `labels` the actions per label, the most common
    first. `points` counts the events without length, each of `widen_points` seconds now; 0 if
    they are so few that they are taken for mistakes, which training leaves out.
    `all_videos` counts the others too.
    `most` is the largest number of actions in a video; `overlapping` counts the actions that overlap another of
    their label, `of_one_label` the videos all whose actions have one label. `undated` are the videos whose duration
    nobody said; without any action, they are not among `videos`.
    """

    videos: tuple[VideoTruth, ...]
    all_videos: int
    groups: int
    seconds: NDArray[np.float64]
    durations: NDArray[np.float64]
    labels: Mapping[str, int]
    points: int
    widen_points: float
    most: int
    overlapping: int
    of_one_label: int
    undated: tuple[str, ...]

    def length(self, share: float) -> float:
        """Seconds that so large a share of the actions does not exceed; there must be some."""
        return float(np.quantile(self.seconds, share))


def measure(videos: Sequence[VideoTruth]) -> Measured:
    """The numbers of some videos."""
    actions = [action for video in videos for action in video.actions]
    points = sum(action.is_moment for action in actions)
    width = _room(videos) if points >= max(MISTAKES * len(actions), 1) else 0.0
    placed = placeable(videos, width)
    return Measured(
        videos=placed,
        all_videos=len(videos),
        groups=len({group_of(video) for video in videos}),
        seconds=np.array([*_lengths(placeable(videos, 0.0), placed, width)], np.float64),
        durations=np.array([video.duration for video in placed], np.float64),
        labels=dict(Counter(action.label for action in actions).most_common()),
        points=points,
        widen_points=width,
        most=max((len(video.actions) for video in videos), default=0),
        overlapping=sum(_overlapping(video.actions) for video in placed),
        of_one_label=sum(len({action.label for action in video.actions}) == 1 for video in videos),
        undated=tuple(video.id for video in videos if video.duration is None),
    )


def placeable(videos: Sequence[VideoTruth], widen_points: float) -> tuple[VideoTruth, ...]:
    """The videos that can be laid on a grid: with a duration, and with events without length widened.

    Where nobody said the duration, the video ends with its last action; without any, it is left out.
    """
    known = {
        str(index): replace(video, duration=_duration(video))
        for index, video in enumerate(videos)
        if video.duration is not None or video.actions
    }
    return tuple(widen(Annotations((), known, Path()), widen_points).videos.values())


def _lengths(before: Iterable[VideoTruth], widened: Iterable[VideoTruth], width: float) -> Iterator[float]:
    """The lengths of all actions but of the events that were not widened: those lie outside of their videos."""
    for video, other in zip(before, widened, strict=True):
        for one, action in zip(video.actions, other.actions, strict=True):
            if not action.is_moment:
                yield width if one.is_moment else action.duration


def _room(videos: Iterable[VideoTruth]) -> float:
    """Seconds that events without length can be given so that nearly all stay apart from the next."""
    gaps = []
    for video in videos:
        times = sorted(action.start for action in video.actions if action.is_moment)
        gaps += [after - before for before, after in pairwise(times) if after > before]
    room = float(np.quantile(gaps, 0.05)) if gaps else WIDEST_POINT
    return round(min(max(room, NARROWEST_POINT), WIDEST_POINT), 1)


def _duration(video: VideoTruth) -> float:
    """Seconds of a video; where nobody said how many, it ends with its last action."""
    if video.duration is not None:
        return video.duration
    return max(*(action.end for action in video.actions), WIDEST_POINT)


def _overlapping(actions: Sequence[Action]) -> int:
    """How many actions begin while an earlier one of their label lasts."""
    behind: dict[str, float] = {}
    count = 0
    for action in sorted(actions, key=lambda a: (a.start, a.end)):
        count += action.start < behind.get(action.label, -np.inf)
        behind[action.label] = max(action.end, behind.get(action.label, -np.inf))
    return count
