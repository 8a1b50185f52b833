"""Which annotated actions count as truth: the filter of the ActivityNet lineage (ActionFormer, metrics.py)."""

from collections.abc import Iterable
from dataclasses import dataclass

from logotal.timeline import Action

ROUNDING = 0.1
"""Seconds by which an action may end after its video without a note: times are rounded."""


@dataclass(frozen=True)
class SiftedActions:
    """The actions of one video that count, and those that were dropped, each in the order of the annotations."""

    kept: tuple[Action, ...]
    duplicates: tuple[Action, ...]
    degenerate: tuple[Action, ...]
    outside: tuple[Action, ...]


def sift(
    actions: Iterable[Action],
    *,
    duplicate_tolerance: float,
    minimum_duration: float,
    duration: float | None = None,
) -> SiftedActions:
    """The actions without the degenerate, the duplicates, and those outside a video of `duration` seconds.

    Degenerate is what has no length or lasts less than `minimum_duration` seconds; outside is what begins when the
    video is over. A duplicate is an action whose start and end both lie within `duplicate_tolerance` seconds of an
    earlier kept action of the same label and subject.

    >>> jump = Action(1.0, 2.0, "jump")
    >>> sift([jump, jump], duplicate_tolerance=1e-3, minimum_duration=1e-3).duplicates == (jump,)
    True
    """
    kept: list[Action] = []
    alike: dict[tuple[str, str | None], list[Action]] = {}
    duplicates: list[Action] = []
    degenerate: list[Action] = []
    outside: list[Action] = []
    for action in actions:
        length = action.end - action.start
        if length <= 0 or length < minimum_duration:
            degenerate.append(action)
        elif duration is not None and action.start >= duration:
            outside.append(action)
        elif any(action.coincides(one, duplicate_tolerance) for one in alike.get((action.label, action.subject), ())):
            duplicates.append(action)
        else:
            kept.append(action)
            alike.setdefault((action.label, action.subject), []).append(action)
    return SiftedActions(tuple(kept), tuple(duplicates), tuple(degenerate), tuple(outside))


def ends_after(action: Action, duration: float | None) -> bool:
    """Whether an action goes on when a video of `duration` seconds is over, by more than times are rounded."""
    return duration is not None and action.end > duration + ROUNDING
