"""How far a number may be off by the choice of videos: intervals by the bootstrap, over groups of videos.

Groups are drawn with replacement, as many as there are, again and again; the middle 95 % of what the draws score is the
interval (Efron and Tibshirani, 1993, the percentile interval). What would change between trainings is not in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from logotal.formats.annotations import VideoTruth
from logotal.timeline import Timeline
from logotal.words import percent

DRAWS = 200
MIDDLE = 95.0

Score = Callable[[Sequence[VideoTruth], Sequence[Timeline]], float]
"""What some videos with their timelines score."""


@dataclass(frozen=True)
class Interval:
    """A number, and the bounds between which it would be for most other choices of such videos.

    >>> print(Interval(0.5, 0.4, 0.625))
    50.0 (40.0-62.5)
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{percent(self.value, 1)} ({percent(self.low, 1)}-{percent(self.high, 1)})"


def interval(
    truths: Sequence[VideoTruth],
    timelines: Sequence[Timeline],
    score: Score,
    groups: Sequence[object],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """What videos score, with its interval.

    Args:
        truths: the videos.
        timelines: of the same videos, in any order; one may be missing.
        score: gives nan for what cannot be scored, which is left out.
        groups: of each video, what is drawn together.
        draws: how many.
        seed: decides them.
    """
    found = {timeline.video: timeline for timeline in timelines}
    members: dict[object, list[VideoTruth]] = {}
    for video, group in zip(truths, groups, strict=True):
        members.setdefault(group, []).append(video)
    of_group, random = list(members.values()), np.random.default_rng(seed)
    scores = []
    for _ in range(draws):
        # A video that is drawn twice is two videos.
        drawn = [
            (replace(video, id=f"{turn}: {video.id}"), found.get(video.id))
            for turn, index in enumerate(random.integers(len(of_group), size=len(of_group)))
            for video in of_group[index]
        ]
        lines = [replace(line, video=video.id) for video, line in drawn if line is not None]
        scores.append(score([video for video, _ in drawn], lines))
    known = np.array([each for each in scores if not np.isnan(each)])
    low, high = np.percentile(known, [50 - MIDDLE / 2, 50 + MIDDLE / 2]) if len(known) else (np.nan, np.nan)
    return Interval(score(truths, timelines), float(low), float(high))
