"""JSON of others, read with care: the one place where JSON that a user brings becomes values.

What is refused here nobody has to expect further on: a key that stands twice, nesting without end, integers of
thousands of digits and text that no file could hold. Numbers may still be NaN, infinite or beyond a float; whoever
takes a number out of the values checks it, for only there is it known what it is.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

from logotal.errors import InputError
from logotal.files.text import read_text

DEEPEST = 64
"""Objects and lists inside each other; what we read has less than ten."""


def read_json(path: Path) -> Any:
    """The content of a JSON file, gzipped if its name ends in .gz.

    Raises:
        InputError: the file is absent, unreadable or not usable JSON; see `parsed_json`.
    """
    return parsed_json(read_text(path), path)


def parsed_json(text: str, where: Path | str) -> Any:
    """The value that a JSON text says; `where` it stands, for messages.

    Raises:
        InputError: it is not valid, with the line of the fault; or nested beyond reason, or an object says a key
            twice, or it holds a number of thousands of digits or half a character.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not valid JSON at line {error.lineno}: {error.msg}") from error
    except KeyError as error:
        raise InputError(f"{where}: the key {error.args[0]!r:.80} stands twice in one object; remove one") from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError as error:  # an integer of thousands of digits
        raise InputError(f"{where}: not usable JSON: {error}") from error
    if _levels(value) > DEEPEST:
        raise _too_deep(where)
    if "\\u" in text:  # only an escape can say half of a character, which can neither be printed nor written
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = error.object[error.start]
            raise InputError(f"{where}: not usable JSON: {half!r} is half a character; write it whole") from error
    return value


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


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; JSON itself would let the last of two equal keys win in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise KeyError(twice)
    return found


def _levels(value: object) -> int:
    """How many objects and lists stand inside each other, counted to one beyond `DEEPEST`."""
    inside, count = [value] if isinstance(value, dict | list) else [], 0
    while inside and count <= DEEPEST:
        count += 1
        inside = [
            item
            for container in inside
            for item in (container.values() if isinstance(container, dict) else container)
            if type(item) is dict or type(item) is list  # twice as fast as isinstance, and JSON makes no others
        ]
    return count


def _too_deep(where: Path | str) -> InputError:
    return InputError(f"{where}: expected JSON of a few levels, found more than {DEEPEST}; is it the right file?")
