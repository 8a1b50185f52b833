"""One label for every frame of a video, of a timeline whose actions may overlap and leave gaps."""

import numpy as np

from logotal.errors import InputError
from logotal.timeline import Action, Timeline

BACKGROUND = "background"
"""The label of a frame that no action holds."""


def frame_count(timeline: Timeline, fps: float) -> int:
    """The frames of a video, at least one.

    Raises:
        InputError: its duration is not known, or `fps` is no positive number.
    """
    if not 0 < fps < np.inf:
        raise InputError(f"expected frames per second above 0, found {fps}")
    if timeline.duration is None:
        raise InputError(
            f"video {timeline.video!r}: expected its duration, for it says how many frames there are, found none; add "
            '"duration" to the annotations, or give the number of frames'
        )
    return max(round(timeline.duration * fps), 1)


def frame_labels(timeline: Timeline, fps: float, frames: int | None = None, background: str = BACKGROUND) -> list[str]:
    """One label for each frame: that of the surest action that holds the middle of the frame.

    Of equally sure actions the one that starts later counts.

    >>> frame_labels(Timeline("v", (Action(0.5, 2, "a", 0.4), Action(1, 3, "b", 0.9)), duration=3), fps=2)
    ['background', 'a', 'b', 'b', 'b', 'b']

    Args:
        timeline: actions to show; cut candidates that are not sure before (`Timeline.above`).
        fps: frames per second.
        frames: how many there are; as many as fit the duration of the video if absent.
        background: the label of frames that no action holds.

    Raises:
        InputError: `fps` is no positive number, or neither `frames` nor the duration is known.
    """
    if frames is None or not 0 < fps < np.inf:
        frames = frame_count(timeline, fps)
    labels = [background] * frames
    for action in sorted(timeline, key=lambda action: action.score):
        first, behind = held(action, fps, frames)
        labels[first:behind] = [action.label] * (behind - first)
    return labels


def held(action: Action, fps: float, frames: int) -> tuple[int, int]:
    """The first frame whose middle an action holds, and the first one behind it."""
    first, behind = (int(np.clip(np.ceil(time * fps - 0.5), 0, frames)) for time in (action.start, action.end))
    return first, behind
