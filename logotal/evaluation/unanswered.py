"""Which detections nobody has answered yet: no mark and no refusal means the same, and nobody has looked there."""

from logotal.evaluation.tiou import tiou_of
from logotal.formats.edited import EditedVideo
from logotal.timeline import Action

SAME = 0.5
"""tIoU from which on a detection and an answer mean the same action."""
NEAR = 0.5
"""Seconds within which two moments do."""


def is_unanswered(found: Action, video: EditedVideo) -> bool:
    """Whether a detection still waits for a person.

    >>> video = EditedVideo(file="match.mp4", duration=60.0, fps=25.0, labelled=[[0.0, 20.0]])
    >>> is_unanswered(Action(3.0, 4.5, "serve"), video), is_unanswered(Action(23.0, 24.5, "serve"), video)
    (False, True)
    """
    middle = (found.start + found.end) / 2
    if any(start <= middle <= end for start, end in video.labelled):
        return False
    return not any(_means(found, answer.action) for answer in (*video.actions, *video.rejected))


def _means(found: Action, answer: Action) -> bool:
    if found.label != answer.label:
        return False
    if found.is_moment or answer.is_moment:
        return abs(found.start + found.end - answer.start - answer.end) <= 2 * NEAR
    return tiou_of(found, answer) >= SAME
