"""Values of JSON, looked at with care: what all that is written in it shares."""

import json
import math
from typing import Any, TypeGuard

from logotal.errors import InputError


def as_object(value: object, where: str) -> dict[str, Any]:
    """The value, if it is an object.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, dict):
        raise InputError(f"{where} must be an object, found {type(value).__name__}")
    return value


def as_list(value: object, where: str, items: str) -> list[Any]:
    """The value, if it is a list; `items` says of what, for the message.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, list):
        raise InputError(f"{where} must be a list of {items}, found {type(value).__name__}")
    return value


def as_number(value: object, what: str) -> float:
    """The value, if it is a finite number.

    Raises:
        InputError: it is something else.
    """
    if not is_number(value):
        raise InputError(f"{what} must be a number, found {value!r:.60}")
    return float(value)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that a float can hold; true and false are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def dumps(value: object) -> str:
    """The JSON text of a value, in one line, every script as itself."""
    return json.dumps(value, ensure_ascii=False)
