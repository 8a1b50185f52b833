"""Actions that cannot be, each left out by name, and times that are mended without harm."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from logotal.errors import InputError
from logotal.formats.label_file import FoundAction, LeftOut, VideoLabels
from logotal.timeline import Action

ROUNDING = 0.1
"""Seconds by which an action may reach out of its video before anybody is told."""
FEW = 4
"""Actions of one file below which it is not judged as a whole."""


@dataclass(frozen=True)
class Checked:
    """The actions of a video that can be, ordered in time, those that cannot, and how many were cut at its ends."""

    actions: tuple[Action, ...]
    left_out: tuple[LeftOut, ...]
    cut: int


def check_actions(found: Iterable[FoundAction], duration: float) -> Checked:
    """The actions of a video of `duration` seconds: whole, within the video, each once."""
    kept: list[Action] = []
    left_out: list[LeftOut] = []
    cut = 0
    known: dict[tuple[str, int], list[Action]] = {}
    for each in sorted(found, key=lambda each: _order(each.action)):
        label, subject = _tidy(each.label), _tidy(each.subject or "") or None
        start, end = each.action.start, each.action.end
        if reason := _reason(label, start, end, duration):
            left_out.append(LeftOut(each.where, reason))
            continue
        last = min(end, duration)
        action = Action(min(max(start, 0.0), last), last, label, subject=subject, origin=each.origin)
        near = [known.get((label, round(action.start) + step), []) for step in (-1, 0, 1)]
        if any(action.repeats(other) for listed in near for other in listed):
            left_out.append(LeftOut(each.where, "is annotated twice"))
            continue
        cut += start < -ROUNDING or end > duration + ROUNDING
        known.setdefault((label, round(action.start)), []).append(action)
        kept.append(action)
    return Checked(tuple(sorted(kept, key=_order)), tuple(left_out), cut)


def _order(action: Action) -> tuple[float, float, str, str]:
    return action.start, action.end, action.label, action.subject or ""


def _tidy(text: str) -> str:
    """A name as it is compared: composed, with single spaces."""
    return normalize("NFC", " ".join(text.split()))


def check_sources(entries: Sequence[VideoLabels], left_out: Iterable[LeftOut]) -> None:
    """Makes sure that no label file is wrong as a whole: most of its actions would be left out one by one.

    Raises:
        InputError: the file, the first of its actions, and what the cause may be.
    """
    reasons = {each.where: each.reason for each in left_out}
    places: dict[str, list[str]] = {}
    for entry in entries:
        places.setdefault(str(entry.source), []).extend(each.where for each in entry.actions)
    for source, listed in places.items():
        faulty = [where for where in listed if _is_fault(reasons.get(where, ""))]
        if len(listed) >= FEW and 2 * len(faulty) > len(listed):
            raise InputError(
                f"{source}: {len(faulty)} of {len(listed)} actions cannot be, the first: {faulty[0]} "
                f"{reasons[faulty[0]]}; are start and end swapped, times no seconds, or is it another video?"
            )


def _reason(label: str, start: float, end: float, duration: float) -> str | None:
    """Why an action cannot be."""
    if not label:
        return "has no label"
    if end < start:
        return f"ends before it starts ({start:g}-{end:g} s)"
    if (
        end < -ROUNDING
        or start > duration + ROUNDING
        or (end <= 0 and start < 0)
        or (start >= duration and end > start)
    ):
        return f"lies outside the video ({start:g}-{end:g} s of {duration:g} s)"
    return None


def _is_fault(reason: str) -> bool:
    return reason.startswith(("ends before", "lies outside"))
