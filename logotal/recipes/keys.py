"""Settings by dotted key: sections as one level, and what a configuration has otherwise than another."""

from collections.abc import Mapping
from typing import Any

from logotal.config import Config


def flat(sections: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Settings in sections by dotted key; dotted keys stay what they are.

    >>> flat({"model": {"logo": {"pool_window": 257}}, "data.fps": 30})
    {'model.logo.pool_window': 257, 'data.fps': 30}
    """
    settings: dict[str, Any] = {}
    for key, value in sections.items():
        settings |= flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return settings


def nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted key as sections.

    >>> nested({"model.levels": 6, "model.logo.pool_window": 257})
    {'model': {'levels': 6, 'logo': {'pool_window': 257}}}
    """
    sections: dict[str, Any] = {}
    for key, value in settings.items():
        *outer, name = key.split(".")
        section = sections
        for part in outer:
            section = section.setdefault(part, {})
        section[name] = value
    return sections


def changes(config: Config, base: Config | None = None) -> dict[str, Any]:
    """What a configuration has otherwise than another, or than the defaults: values by dotted key.

    >>> changes(Config.model_validate({"model": {"head": "light"}}))
    {'model.head': 'light'}
    """
    theirs = flat((base or Config()).model_dump())
    return {key: value for key, value in flat(config.model_dump()).items() if value != theirs[key]}
