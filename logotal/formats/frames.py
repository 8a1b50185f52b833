"""Frames, for the formats that count them: a writer of text knows no video, so the rate is one and the same.

24 frames a second is what Label Studio assumes unless told otherwise and what editors cut films in. Boundaries move
by 21 ms at most.
"""

from fractions import Fraction

from logotal.formats.single import span_of
from logotal.timeline import Action

FRAME_RATE = 24


def frames_of(action: Action, fps: float) -> tuple[int, int]:
    """The first frame of an action, counted from 0, and the first one behind it; at least one lies between.

    >>> frames_of(Action(0.5, 1.02, "jump"), fps=24), frames_of(Action(1, 1, "tick"), fps=24)
    ((12, 24), (24, 25))

    Raises:
        InputError: the action ends before it starts.
    """
    first, behind = (round(Fraction(seconds) * Fraction(fps)) for seconds in span_of(action))
    return first, max(behind, first + 1)
