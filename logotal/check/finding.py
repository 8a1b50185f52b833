"""Findings: what a check has to say, one sentence each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action
from logotal.words import amount, share

Severity = Literal["error", "warning", "note"]
Place = tuple[VideoTruth, str]


@dataclass(frozen=True)
class Finding:
    """Something worth knowing, in a sentence with its count and cure, and every place where it is so.

    An error stops training or evaluation; a warning costs accuracy or is probably a mistake; a note is fine.
    """

    severity: Severity
    sentence: str
    places: tuple[str, ...] = ()


def found(severity: Severity, noun: str, rest: str, places: Sequence[Place], *, of: int = 0) -> list[Finding]:
    """One finding that counts its places by split, or none if there are no places.

    `of` is the number of all that could have been found, for a percentage.
    """
    if not places:
        return []
    part = f" ({share(len(places), of)})" if of else ""
    splits = Counter(video.split for video, _ in places)
    shares = ", ".join(f"{count:,} in {split}" for split, count in splits.items())
    by_split = f" [{shares}]" if len(splits) > 1 else ""
    sentence = f"{amount(len(places), noun)}{part} {rest}{by_split}"
    return [Finding(severity, sentence, tuple(f"{video.id}: {text}" for video, text in places))]


def named(action: Action) -> str:
    """An action as sentences name it.

    >>> named(Action(1.5, 3.0, "jump"))
    "'jump' 1.5-3 s"
    """
    return f"{action.label!r} {action.start:g}-{action.end:g} s"
