"""From tables to configurations: what each row of a table is for a recipe, and which rows are one and the same."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logotal.ablation.variants import FULL, FULL_MODEL, TABLES, Row, Table
from logotal.config import Config
from logotal.errors import InputError
from logotal.evaluation.protocols import find_protocol
from logotal.model.detector import check_network
from logotal.model.heads import REGRESSION_HEADS
from logotal.model.mixers import MIXERS
from logotal.recipes import merge, read_recipe
from logotal.recipes.keys import changes, flat, nested


@dataclass(frozen=True)
class Variant:
    """A row with its complete configuration; `paper` is empty unless protocol and split are the paper's."""

    name: str
    config: Config
    paper: Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """A table with its rows as configurations; `comparable` if the paper has numbers for some row."""

    name: str
    title: str
    about: str
    variants: tuple[Variant, ...]
    comparable: bool


def make_plan(name: str, recipe: str, overrides: Mapping[str, Any]) -> Plan | str:
    """The table with its configurations, or a sentence that says why it means nothing for this recipe.

    Args:
        name: one of `TABLES`.
        recipe: as `read_recipe` takes it.
        overrides: nested settings that hold for every row; a row's own come on top.

    Raises:
        InputError: a row cannot be had with these overrides.
    """
    table, base = TABLES[name], _read(recipe, overrides)
    if table.setting is not None:
        if (needed := _reader_needed(table.setting, base)) is not None:
            return f"table {name!r} is left out: it needs {needed}"
        variants = _settings(table, recipe, overrides, base)
    else:
        variants = tuple(_variant(name, row, recipe, overrides) for row in table.rows)
    return Plan(name, table.title, table.about, variants, comparable=any(row.paper for row in table.rows))


def _read(recipe: str, overrides: Mapping[str, Any], preset: str | None = None) -> Config:
    config = read_recipe(recipe, overrides, preset=preset)
    check_network(config.model)
    return config


def _reader_needed(key: str, config: Config) -> str | None:
    """The mixer or head that a setting needs, where that of the configuration does not read it."""
    section = key.split(".")[1]
    mixers = [name for name, each in MIXERS.items() if section in each.settings]
    heads = [name for name, each in REGRESSION_HEADS.items() if section in each.settings]
    model = config.model
    for kind, readers, found in (("mixer", mixers, model.mixer), ("head", heads, model.head)):
        if readers and found not in readers:
            return f"model.{kind} {' or '.join(readers)}, the recipe has {found}"
    return None


def _settings(table: Table, recipe: str, overrides: Mapping[str, Any], base: Config) -> tuple[Variant, ...]:
    assert table.setting is not None
    own = flat(base.model_dump())[table.setting]
    variants = [Variant(f"{_word(own)} (the recipe)", base, {})]
    for value in table.values:
        if value != own:
            changed = merge(overrides, nested({table.setting: value}))
            variants.append(Variant(_word(value), _read(recipe, changed), {}))
    return tuple(variants)


def _variant(table: str, row: Row, recipe: str, overrides: Mapping[str, Any]) -> Variant:
    try:
        config = _read(recipe, merge(overrides, {"model": row.model, "training": row.training}), row.preset)
    except InputError as error:
        raise InputError(f"table {table!r}, row {row.name!r}: {error}; leave the table out with --tables") from error
    data, meant = config.data, FULL_MODEL | dict(row.model)
    as_published = (
        data.fold is None
        and find_protocol(data.protocol).split == data.evaluation_split
        and all(getattr(config.model, key) == value for key, value in meant.items())
    )
    return Variant(row.name, config, row.paper.get(data.protocol, {}) if as_published else {})


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def measures(protocol: str) -> tuple[str, ...]:
    """What the tables show under a protocol: its averages, and the single tIoUs of which the paper gives a number."""
    averages = tuple(find_protocol(protocol).averages)
    return averages + tuple(name for name in FULL.get(protocol, {}) if name not in averages)


def identity(config: Config) -> str:
    """Eight letters that two configurations share if they differ in seed, fold and where the data lie alone."""
    anywhere = {
        "data": config.data.model_copy(update={"features": None, "annotations": None, "fold": None}),
        "training": config.training.model_copy(update={"seed": 0}),
    }
    # Without defaults, so that a setting which comes to be later changes no name.
    content = config.model_copy(update=anywhere).model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def readable(variant: Variant, base: Config) -> str:
    """A folder name: the one or two things that the configuration changes in the recipe, else the row's name."""
    changed = changes(variant.config, base)
    words = [f"{key.split('.', 1)[1]}-{_word(value)}" for key, value in changed.items()]
    name = "_".join(words) if len(words) <= 2 else variant.name
    return re.sub(r"[^\w.]+", "-", name).strip("-") or "recipe"
