"""Actions taken as moments, their middles: right where they are no farther from the truth than a tolerance.

Around each moment a segment of three tolerances is laid. Two of these overlap with a tIoU of 0.5 where their moments
are one tolerance apart, so that whatever scores segments at `TIOU` scores moments: AP, F1, thresholds.
"""

from dataclasses import replace

from logotal.evaluation.protocols import Protocol
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline

TIOU = 0.5
WIDE = 1.5
"""Tolerances from a moment to the ends of its segment."""


def moments_of(tolerance: float) -> Protocol:
    """The protocol by which such segments are scored."""
    return Protocol(
        f"moments ± {tolerance:g} s",
        f"The middle of an action, within {tolerance:g} s",
        {f"± {tolerance:g} s": (TIOU,)},
        recall_multiples=(),
        average_numbers=(),
    )


def true_moments(video: VideoTruth, tolerance: float) -> VideoTruth:
    """The truth of a video as segments around moments; all times are later by what makes none of them negative."""
    later = WIDE * tolerance
    return replace(
        video,
        actions=tuple(_around(action, later) for action in video.actions),
        duration=None if video.duration is None else video.duration + 2 * later,
        ignored=tuple((start + later, end + later) for start, end in video.ignored),
    )


def found_moments(timeline: Timeline, tolerance: float) -> Timeline:
    """What was detected, likewise."""
    return replace(
        timeline, actions=tuple(_around(action, WIDE * tolerance) for action in timeline.actions), duration=None
    )


def _around(action: Action, later: float) -> Action:
    middle = (action.start + action.end) / 2 + later
    return replace(action, start=middle - later, end=middle + later)
