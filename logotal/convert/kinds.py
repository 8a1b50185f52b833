"""Which kinds of values the settings of a published YAML may have: those of the values that they usually have."""

import contextlib
from collections.abc import Callable
from typing import Any

from logotal.errors import InputError


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_pair(value: object) -> bool:
    return _are_numbers(value) and len(value) == 2  # type: ignore[arg-type] # it is a list


def _whole_numbers(value: object) -> bool:
    return _are_numbers(value) and all(type(number) is int for number in value)  # type: ignore[attr-defined]


ODD: dict[str, tuple[Callable[[Any], bool], str]] = {
    "default_fps": (lambda value: value is None or _is_number(value), "a number"),
    "crop_ratio": (lambda value: value is None or _is_pair(value), "two numbers"),
    "file_prefix": (lambda value: value is None or isinstance(value, str), "a text"),
    "backbone_arch": (lambda value: value is None or _whole_numbers(value), "whole numbers"),
    "n_mha_win_size": (
        lambda value: _is_number(value) or _whole_numbers(value),
        "a whole number, or one for each level",
    ),
    "regression_range": (
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_pair, value)),
        "[[0, 4], [4, 8], ...]",
    ),
    "embd_dim": (lambda value: _is_number(value) and value > 0, "a positive number"),
}
"""Settings whose kind their usual value does not tell."""


def of_kind(value: object, usual: object, key: str, where: str) -> Any:
    """The value of a setting, if it can be one; a number that YAML takes for text (1e-4) as the number.

    Raises:
        InputError: it is of another kind than the `usual` one.
    """
    if isinstance(usual, int | float) and isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)
    if key in ODD:
        fits, expected = ODD[key]
        sound = fits(value)
    elif isinstance(usual, bool):
        sound, expected = isinstance(value, bool) or value in (0, 1), "true or false"
    elif isinstance(usual, int | float):
        sound, expected = _is_number(value), f"a number like {usual}"
    else:
        sound, expected = isinstance(value, type(usual)), f"a text like {usual!r}"
    if not sound:
        raise InputError(f"{where}: expected {expected}, found {value!r:.60}")
    return value
