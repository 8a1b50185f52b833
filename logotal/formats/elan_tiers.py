"""When the annotations of an ELAN tier are: aligned to time slots, or by those that they hang on."""

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


def spans_of(root: Element, tier: Element, path: Path) -> Iterator[Span]:
    """The annotations of a tier in its order.

    Raises:
        InputError: an annotation has no time, or hangs on one that is not there.
    """
    times = _Times(root, path)
    for annotation in tier.iter("ANNOTATION"):
        for each in annotation:
            name = each.get("ANNOTATION_ID", "")
            where = f"tier {tier.get('TIER_ID', '')!r}, annotation {name}"
            start, end = times.of(name, where)
            yield Span(start, end, each.findtext("ANNOTATION_VALUE") or "", where)


class _Times:
    """The times of the annotations of a document by id."""

    def __init__(self, root: Element, path: Path) -> None:
        self.path = path
        self.slots = {slot.get("TIME_SLOT_ID", ""): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
        kinds = ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")
        self.annotations = {each.get("ANNOTATION_ID", ""): each for kind in kinds for each in root.iter(kind)}
        self.chains = {place: chain for chain in _chains(root) for place in chain}
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
        parts = self.siblings.get(name, (name,))
        at, step = parts.index(name), (end - start) / len(parts)
        return round(start + at * step, 6), round(start + (at + 1) * step, 6)

    def _slot(self, slot: str, where: str) -> float:
        """The time of a slot; one without is placed evenly between its neighbors of the same chain."""
        if (value := self.slots.get(slot)) is not None:
            return number(value, f"{self.path}: {where}: a time") / 1000
        chain = self.chains.get(slot, ())
        at = chain.index(slot) if slot in chain else 0
        before = next((i for i in range(at, -1, -1) if chain and self.slots.get(chain[i]) is not None), None)
        after = next((i for i in range(at, len(chain)) if self.slots.get(chain[i]) is not None), None)
        if before is None or after is None:
            raise InputError(f"{self.path}: {where}: a time must be a number, found None")
        first, last = (number(self.slots[chain[i]], f"{self.path}: {where}: a time") for i in (before, after))
        return round((first + (last - first) * (at - before) / (after - before)) / 1000, 6)


def _chains(root: Element) -> Iterator[tuple[str, ...]]:
    """The slots of annotations that lie end to end in a tier."""
    for tier in root.iter("TIER"):
        chain: list[str] = []
        for each in tier.iter("ALIGNABLE_ANNOTATION"):
            first, last = each.get("TIME_SLOT_REF1", ""), each.get("TIME_SLOT_REF2", "")
            if chain and chain[-1] != first:
                yield tuple(chain)
                chain = []
            chain = [*chain, last] if chain else [first, last]
        if chain:
            yield tuple(chain)


def _siblings(root: Element) -> Mapping[str, tuple[str, ...]]:
    """The annotations of one tier and parent that follow each other, by each of their ids."""
    found: dict[str, tuple[str, ...]] = {}
    for tier in root.iter("TIER"):
        parts: dict[str, list[Element]] = {}
        for each in tier.iter("REF_ANNOTATION"):
            parts.setdefault(each.get("ANNOTATION_REF", ""), []).append(each)
        for listed in parts.values():
            names = tuple(_ordered(listed))
            found |= dict.fromkeys(names, names)
    return found


def _ordered(parts: list[Element]) -> list[str]:
    """The ids of annotations in their order, which each says by the one before it."""
    behind = {each.get("PREVIOUS_ANNOTATION"): each.get("ANNOTATION_ID", "") for each in parts}
    names = [each.get("ANNOTATION_ID", "") for each in parts]
    ordered: list[str] = []
    now = behind.get(None)
    while now is not None and now not in ordered:
        ordered.append(now)
        now = behind.get(now)
    return ordered if len(ordered) == len(names) else names
