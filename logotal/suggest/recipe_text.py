"""The recipe of a suggestion: YAML in which every line says why."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from logotal.config import Config
from logotal.recipes.keys import flat

if TYPE_CHECKING:
    from logotal.suggest.suggestion import Suggestion

SECTIONS = list(Config.model_fields)
ORDER = sorted(flat(Config().model_dump()), key=lambda key: (SECTIONS.index(key.partition(".")[0]), key.count(".")))
"""All dotted keys as a recipe has them: section by section, values before sections, each in the order of the fields."""


def recipe_yaml(suggestion: "Suggestion", *, header: str, fixed: Mapping[str, object]) -> str:
    """The text of a recipe, which `logotal.recipes.read_recipe` reads.

    Args:
        suggestion: the settings, their reasons and the notes.
        header: what stands above it, as comments.
        fixed: settings that were not chosen, by dotted key or in sections, as `{"data.annotations": "a.json"}`; they
            win where both have a key.
    """
    given = flat(fixed)
    settings = {**flat(suggestion.settings), **given}
    reasons = {key: reason for key, reason in suggestion.reasons.items() if key not in given}
    lines = [*_comments(header.splitlines()), *(_comments([f"Note: {note}"])[0] for note in suggestion.notes)]
    lines += _lines(settings, reasons, sorted(settings, key=ORDER.index))
    return "\n".join(lines) + "\n"


def _comments(sentences: list[str]) -> list[str]:
    return [f"# {_one_line(sentence)}".rstrip() for sentence in sentences]


def _lines(settings: Mapping[str, Any], reasons: Mapping[str, str], ordered: list[str]) -> Iterator[str]:
    opened: list[str] = []
    for key in ordered:
        *sections, name = key.split(".")
        for depth, section in enumerate(sections):
            if opened[depth : depth + 1] != [section]:
                opened = [*sections[:depth], section]
                yield f"{'  ' * depth}{section}:"
        opened = sections
        comment = f" # {_one_line(reasons[key])}" if reasons.get(key) else ""
        yield f"{'  ' * len(sections)}{name}: {_value(settings[key])}{comment}"


def _value(value: Any) -> str:
    """A value on one line, quoted where YAML needs it."""
    plain = list(value) if isinstance(value, tuple) else value
    if plain is not None and not isinstance(plain, bool | int | float | str | list):
        plain = str(plain)  # a path
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15:
        return str(int(plain))
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=float("inf"))
    return text.strip().removesuffix("...").strip()


def _one_line(text: str) -> str:
    """A comment must not end before its sentence does, whatever a label or a video is called."""
    return "".join(mark if mark.isprintable() else " " for mark in text)
