"""Praat TextGrids, long and short: intervals and points of tiers, in seconds. Intervals without text are gaps.

Layout: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html. Of a text file Praat reads the free-standing
numbers, texts between double quotes and flags between angle brackets, in their order; everything else is decoration.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.tiers import chosen_tiers, unread
from logotal.timeline import Action

HEAD = re.compile(r'\s*File type\s*=\s*"ooTextFile(?: short)?"\s*(?:Object class\s*=\s*)?"TextGrid"', re.IGNORECASE)
TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<![^\s])(<[a-z]+>|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=\s|$)')
COMMENT = re.compile(r"(?m)^[^\S\n]*!.*$")


@dataclass(frozen=True)
class Tier:
    """A tier with the annotations that say something: start, end and text."""

    name: str
    annotations: tuple[tuple[float, float, str], ...]


def tiers_of(text: str, path: Path) -> list[Tier]:
    """The tiers of a TextGrid.

    Raises:
        InputError: the file breaks off, or is not as Praat writes it.
    """
    tokens = _Tokens(COMMENT.sub("", text), path)
    for _ in range(2):
        tokens.text()
    for _ in range(2):
        tokens.number()
    tokens.flag()
    return [_tier(tokens) for _ in range(tokens.count())]


class _Tokens:
    """What Praat reads of a text, one after the other."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self._found = TOKEN.finditer(text)

    def _next(self, expected: str) -> tuple[str | None, str | None]:
        token = next(self._found, None)
        if token is None:
            raise InputError(f"{self.path}: expected {expected}, found the end of the TextGrid; save it again")
        return token[1], token[2]

    def text(self) -> str:
        quoted, bare = self._next("a text")
        if quoted is None:
            raise InputError(f"{self.path}: expected a text between quotes, found {bare!r:.60}")
        return quoted.replace('""', '"')

    def number(self) -> float:
        quoted, bare = self._next("a number")
        return number(bare if quoted is None else f'"{quoted}"', f"{self.path}: a time")

    def count(self) -> int:
        value = self.number()
        if value != int(value) or not 0 <= value <= 1e7:
            raise InputError(f"{self.path}: expected how many there are, found {value:g}")
        return int(value)

    def flag(self) -> None:
        _, bare = self._next("<exists>")
        if bare != "<exists>":
            raise InputError(f"{self.path}: expected a TextGrid with tiers, found {bare!r:.60}")


def _tier(tokens: _Tokens) -> Tier:
    kind, name = tokens.text(), tokens.text()
    if kind not in ("IntervalTier", "TextTier"):
        raise InputError(f"{tokens.path}: expected an IntervalTier or a TextTier, found {kind!r:.60}")
    tokens.number()
    tokens.number()
    found = [_annotation(tokens, kind) for _ in range(tokens.count())]
    return Tier(name, tuple(each for each in found if each[2].strip()))


def _annotation(tokens: _Tokens, kind: str) -> tuple[float, float, str]:
    start = tokens.number()
    end = tokens.number() if kind == "IntervalTier" else start
    return start, end, tokens.text()


def _claims(source: Source) -> bool:
    return HEAD.match(source.text) is not None


def _labels(source: Source) -> LabelFile:
    tiers = tiers_of(source.text, source.path)
    counts = {tier.name: len(tier.annotations) for tier in tiers if tier.annotations}
    if not counts:
        raise NotLabelsError(f"{source.path}: a TextGrid without any text; nobody annotated it yet")
    chosen = chosen_tiers(source, counts)
    actions = tuple(_actions([tier for tier in tiers if tier.name in chosen], source.path))
    entry = VideoLabels((source.path.stem,), source.path, actions, named=False)
    return LabelFile(source.path, "TextGrid", (entry,), notes=tuple(unread(source, counts, chosen)))


def _actions(tiers: list[Tier], path: Path) -> Iterator[FoundAction]:
    for tier in tiers:
        for start, end, text in tier.annotations:
            label = " ".join(text.split())
            yield FoundAction.of(Action(start, end, label), f"{path}: tier {tier.name!r}, {start:g} s")


TEXTGRID = Form("Praat TextGrid", _claims, _labels, (".textgrid",))
