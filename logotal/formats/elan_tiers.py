"""When the annotations of an ELAN tier are: aligned to time slots, or by those that they hang on."""

from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from logotal.errors import InputError
from logotal.formats.comma_separated import number


@dataclass(frozen=True, slots=True)
class Span:
    """An annotation: its times in seconds, its text, and its place for messages."""

    start: float
    end: float
    text: str
    where: str


def spans_of(times: "Times", tier: Element) -> Iterator[Span]:
    """The annotations of a tier in its order.

    Raises:
        InputError: an annotation has no time, or hangs on one that is not there.
    """
    for annotation in tier.iter("ANNOTATION"):
        for each in annotation:
            name = each.get("ANNOTATION_ID", "")
            where = f"tier {tier.get('TIER_ID', '')!r}, annotation {name}"
            start, end = times.of(name, where)
            yield Span(start, end, each.findtext("ANNOTATION_VALUE") or "", where)


class Times:
    """The times of the annotations of a document by id; one for all tiers, since it looks at the whole document."""

    def __init__(self, root: Element, path: Path) -> None:
        self.path = path
        self.slots = {slot.get("TIME_SLOT_ID", ""): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
        kinds = ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")
        self.annotations = {each.get("ANNOTATION_ID", ""): each for kind in kinds for each in root.iter(kind)}
        self.places: dict[str, tuple[_Chain, int]] = {}
        for slots in _chains(root):
            chain = _Chain(slots, [i for i, slot in enumerate(slots) if self.slots.get(slot) is not None])
            self.places |= {slot: (chain, i) for i, slot in reversed(list(enumerate(slots)))}
        self.siblings = _siblings(root)

    def of(self, name: str, where: str, depth: int = 0) -> tuple[float, float]:
        """The start and end of an annotation in seconds."""
        annotation = self.annotations[name]
        if annotation.tag == "ALIGNABLE_ANNOTATION":
            ends = (annotation.get(ref, "") for ref in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
            start, end = (self._slot(slot, where) for slot in ends)
            return start, end
        parent = annotation.get("ANNOTATION_REF", "")
        if parent not in self.annotations or depth > 32:
            raise InputError(f"{self.path}: {where} hangs on {parent!r}, which is not there; save it with ELAN again")
        start, end = self.of(parent, where, depth + 1)
        at, count = self.siblings.get(name, (0, 1))
        step = (end - start) / count
        return round(start + at * step, 6), round(start + (at + 1) * step, 6)

    def _slot(self, slot: str, where: str) -> float:
        """The time of a slot; one without is placed evenly between its neighbors of the same chain."""
        if (value := self.slots.get(slot)) is not None:
            return number(value, f"{self.path}: {where}: a time") / 1000
        chain, at = self.places.get(slot, (_Chain([], []), 0))
        behind = bisect(chain.known, at)
        if not 0 < behind < len(chain.known):
            raise InputError(f"{self.path}: {where}: a time must be a number, found None")
        before, after = chain.known[behind - 1], chain.known[behind]
        values = (self.slots[chain.slots[i]] for i in (before, after))
        first, last = (number(value, f"{self.path}: {where}: a time") for value in values)
        return round((first + (last - first) * (at - before) / (after - before)) / 1000, 6)


@dataclass(frozen=True, slots=True)
class _Chain:
    """Slots of annotations that lie end to end, and the indices of those with a time."""

    slots: list[str]
    known: list[int]


def _chains(root: Element) -> Iterator[list[str]]:
    """The slots of annotations that lie end to end in a tier."""
    for tier in root.iter("TIER"):
        chain: list[str] = []
        for each in tier.iter("ALIGNABLE_ANNOTATION"):
            first, last = each.get("TIME_SLOT_REF1", ""), each.get("TIME_SLOT_REF2", "")
            if chain and chain[-1] != first:
                yield chain
                chain = []
            if not chain:
                chain.append(first)
            chain.append(last)
        if chain:
            yield chain


def _siblings(root: Element) -> Mapping[str, tuple[int, int]]:
    """The place of an annotation among those of its tier and parent that follow each other, and their number; by id."""
    found: dict[str, tuple[int, int]] = {}
    for tier in root.iter("TIER"):
        parts: dict[str, list[Element]] = {}
        for each in tier.iter("REF_ANNOTATION"):
            parts.setdefault(each.get("ANNOTATION_REF", ""), []).append(each)
        for listed in parts.values():
            names = _ordered(listed)
            found |= {name: (i, len(names)) for i, name in reversed(list(enumerate(names)))}
    return found


def _ordered(parts: list[Element]) -> list[str]:
    """The ids of annotations in their order, which each says by the one before it."""
    behind = {each.get("PREVIOUS_ANNOTATION"): each.get("ANNOTATION_ID", "") for each in parts}
    names = [each.get("ANNOTATION_ID", "") for each in parts]
    ordered: dict[str, None] = {}
    now = behind.get(None)
    while now is not None and now not in ordered:
        ordered[now] = None
        now = behind.get(now)
    return list(ordered) if len(ordered) == len(names) else names
