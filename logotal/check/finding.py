"""Findings: what a check has to say, one sentence each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action

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
    share = f" ({percent(len(places), of)})" if of else ""
    splits = Counter(video.split for video, _ in places)
    shares = ", ".join(f"{count:,} in {split}" for split, count in splits.items())
    by_split = f" [{shares}]" if len(splits) > 1 else ""
    sentence = f"{amount(len(places), noun)}{share} {rest}{by_split}"
    return [Finding(severity, sentence, tuple(f"{video.id}: {text}" for video, text in places))]


def named(action: Action) -> str:
    """An action as sentences name it.

    >>> named(Action(1.5, 3.0, "jump"))
    "'jump' 1.5-3 s"
    """
    return f"{action.label!r} {action.start:g}-{action.end:g} s"


def amount(count: int, noun: str) -> str:
    """A count and its noun, in the plural where it belongs.

    >>> amount(1, "video"), amount(1200, "video")
    ('1 video', '1,200 videos')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(part: int, whole: int) -> str:
    """A share that never rounds something to nothing.

    >>> percent(1, 3), percent(1, 9000), percent(0, 5)
    ('33.3 %', '< 0.1 %', '0 %')
    """
    share = 100 * part / whole if whole else 0.0
    return "0 %" if not part else "< 0.1 %" if share < 0.1 else f"{share:.1f} %"
