"""JSON of others, read with care: what the formats that are written in it share."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError


def parsed_json(text: str, where: Path | str) -> Any:
    """The value that a JSON text says; `where` it stands, for messages.

    Raises:
        InputError: it is not valid, nested beyond reason, or an object says a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not valid JSON at line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise InputError(f"{where}: expected JSON of a few levels, found hundreds; is it the right file?") from None
    except ValueError as error:  # a key that stands twice, or an integer of thousands of digits
        raise InputError(f"{where}: not usable JSON: {error}") from error


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
    return float(value)  # type: ignore[arg-type] # it is


def is_number(value: object) -> bool:
    """Whether a value is a number that a float can hold; true and false are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def dumps(value: object) -> str:
    """The JSON text of a value, in one line, every script as itself."""
    return json.dumps(value, ensure_ascii=False)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found
