"""Recipes: YAML files of `logotal.config.Config`, and how they are read and overridden."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from logotal.config import Config
from logotal.errors import InputError, did_you_mean
from logotal.files.remote import under
from logotal.files.text import is_there, read_text
from logotal.files.whole import is_file, is_folder
from logotal.files.yaml import parsed_yaml
from logotal.places import RECIPE
from logotal.words import command

FOLDER = Path(__file__).parent


def recipe_names() -> tuple[str, ...]:
    """The recipes that ship with logotal."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def recipe_text(name: str) -> str:
    """The YAML text of a recipe that ships, with its comments.

    Raises:
        InputError: there is no such recipe.
    """
    if name not in recipe_names():
        raise InputError(f"no recipe {name!r}; {did_you_mean(name, recipe_names())}")
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def preset_names() -> tuple[str, ...]:
    """The presets that ship: networks and losses that can take a recipe's place."""
    return tuple(sorted(path.stem for path in (FOLDER / "presets").glob("*.yaml")))


def preset_text(name: str) -> str:
    """The YAML text of a preset, with its comments.

    Raises:
        InputError: there is no such preset.
    """
    if name not in preset_names():
        raise InputError(f"no preset {name!r}; {did_you_mean(name, preset_names())}")
    return (FOLDER / "presets" / f"{name}.yaml").read_text(encoding="utf-8")


def read_recipe(recipe: str | Path, overrides: Mapping[str, Any] | None = None, *, preset: str | None = None) -> Config:
    """The configuration in a YAML file, or in a recipe that ships, with a preset and then `overrides` on top.

    Args:
        recipe: a path ending in .yaml or .yml, a project folder with a recipe.yaml, or the name of a recipe.
            Relative paths in a file are relative to its folder.
        overrides: nested values, as `{"model": {"head": "trident"}}`.
        preset: the network and loss of another publication; sizes, data and schedule stay the recipe's.

    Raises:
        InputError: the file is not YAML, or a key or value is not as expected; it names file, key and cure.
    """
    recipe = project_recipe(recipe) or recipe
    is_yaml = str(recipe).endswith((".yaml", ".yml"))
    if is_yaml and not is_there(Path(recipe)):
        raise InputError(f"{recipe}: no such file; recipes that ship: {', '.join(recipe_names())}")
    text = read_text(Path(recipe)) if is_yaml else recipe_text(str(recipe))
    if preset is not None:
        overrides = merge(yaml.safe_load(preset_text(preset)), overrides or {})
    config = parse_config(text, str(recipe), overrides)
    given = (overrides or {}).get("data", {})
    return _beside(config, Path(recipe).parent, given) if is_yaml else config


def project_recipe(folder: str | Path) -> Path | None:
    """The recipe.yaml of a project folder, which `logotal init` makes; None where `folder` is not a folder.

    Raises:
        InputError: it is a folder without one, and no recipe that ships has its name.
    """
    path = Path(folder)
    if not is_folder(path):
        return None
    if (path / RECIPE).is_file():
        return path / RECIPE
    if str(folder) in recipe_names():  # a folder of data may lie here under the same name
        return None
    raise InputError(f"{folder}: no {RECIPE} in this folder; make a project of it with: {command('init', folder)}")


def _beside(config: Config, folder: Path, given: Mapping[str, Any]) -> Config:
    """The configuration with the paths that its file gives seen from the file; not those `given` besides.

    Annotations that are not there stay a name, which is also looked for beside the features.
    """
    data, seen = config.data, {}
    if data.features is not None and "features" not in given:
        seen["features"] = under(folder, data.features)
    beside = under(folder, data.annotations) if data.annotations is not None and "annotations" not in given else None
    if beside is not None and is_file(beside):
        seen["annotations"] = beside
    return config.model_copy(update={"data": data.model_copy(update=seen)}) if seen else config


def parse_config(text: str, source: str, overrides: Mapping[str, Any] | None = None) -> Config:
    """The configuration in YAML text; `source` is named in errors."""
    content = parsed_yaml(text, source)
    if content is None:  # an empty file
        content = {}
    if not isinstance(content, dict):
        raise InputError(f"{source}: expected sections {', '.join(Config.model_fields)}, found {content!r:.60}")
    try:
        return Config.model_validate(merge(content, overrides or {}))
    except ValidationError as error:
        raise InputError(f"{source}: {explain(error)}") from error


def merge(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `top` in place of its own, section by section.

    >>> merge({"model": {"head": "clff", "levels": 6}}, {"model": {"head": "light"}})
    {'model': {'head': 'light', 'levels': 6}}
    """
    merged = dict(base)
    for key, value in top.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def explain(error: ValidationError) -> str:
    """The first fault of a validation in one line: the dotted key, what is wrong, the nearest valid key."""
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        section = _section(Config, first["loc"][:-1])
        key = ".".join(map(str, first["loc"]))
        return f"unknown key {key!r}; {did_you_mean(str(first['loc'][-1]), section.model_fields)}"
    # Where a value may be of several types, pydantic adds the type to the key ("kernel.constrained-int").
    key = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier())
    found = "" if isinstance(first["input"], dict | BaseModel) else f", found {first['input']!r:.200}"
    return f"{key}{': ' if key else ''}{first['msg'].removeprefix('Value error, ')}{found}"


def _section(model: type[BaseModel], keys: tuple[int | str, ...]) -> type[BaseModel]:
    for key in keys:
        annotation = model.model_fields[str(key)].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return model


def dump_config(config: Config) -> str:
    """The YAML text of a complete configuration, one that `parse_config` reads back equal."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
