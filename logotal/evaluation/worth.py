"""What to label next: the stretches of video from which the next model is likely to learn most.

A detection is worth as much as the model is unsure of it; a stretch, what its detections are worth per minute that a
person has to look at. `python -m benchmarks.next` measures this order against others; docs/app.md has the numbers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from logotal.timeline import Action, Timeline
from logotal.words import amount

STRETCH = 60.0
"""Seconds of a long video that are looked at together."""
SHORTEST = 6.0
"""Seconds that opening a video costs at least, however short it is."""
UNSURE = 0.5
"""The score at which a detection is as likely right as wrong."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video to label, in seconds, what it is worth per minute, and why, in a sentence."""

    video: str
    start: float
    end: float
    worth: float
    reason: str


def most_useful(found: Sequence[Timeline]) -> list[Stretch]:
    """The stretch of each video at which labelling should begin, the most useful first.

    `found` is what a model shows in the videos that are not labelled.

    >>> sure, unsure = (Timeline(f"game {score}", (Action(2.0, 3.5, "serve", score),), 30.0) for score in (0.9, 0.6))
    >>> [(stretch.video, stretch.reason) for stretch in most_useful([sure, unsure])]
    [('game 0.6', '1 action found, 1 of them unsure'), ('game 0.9', '1 action found, 0 of them unsure')]
    """
    return sorted(map(_best_stretch, found), key=lambda stretch: (-stretch.worth, stretch.video))


def doubt(action: Action) -> float:
    """How unsure the model is of a detection, from 0 to 1."""
    return 1.0 - min(abs(action.score - UNSURE) / UNSURE, 1.0)


def _best_stretch(line: Timeline) -> Stretch:
    """Where labelling a video should begin: the stretch that is worth most per minute."""
    length = max(line.duration or 0.0, max((action.end for action in line), default=0.0))
    found = sorted(line, key=_middle)
    middles = [_middle(action) for action in found]
    before = [0.0, *accumulate(map(doubt, found))]
    begins = {0.0, *(min(action.start, max(length - STRETCH, 0.0)) for action in found)}
    best, worth, within = (0.0, 0.0), -1.0, found[:0]
    for begin in sorted(begins):
        end = min(begin + STRETCH, length)
        first, behind = bisect_left(middles, begin), bisect_right(middles, end)
        each = 60 * (before[behind] - before[first]) / max(end - begin, SHORTEST)
        if each > worth:
            best, worth, within = (begin, end), each, found[first:behind]
    return Stretch(line.video, *best, worth, _reason(within))


def _middle(action: Action) -> float:
    return (action.start + action.end) / 2


def _reason(found: Sequence[Action]) -> str:
    if not found:
        return "the model finds nothing here"
    unsure = sum(doubt(action) > UNSURE for action in found)
    return f"{amount(len(found), 'action')} found, {unsure} of them unsure"
