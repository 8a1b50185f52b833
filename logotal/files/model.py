"""JSON of others as a pydantic model: what is not as the model says becomes one sentence about one place.

A model says what its fields are in plain words (`Field(description=...)`), and what the items of its lists and objects
are called (`Each`). Bulk, as the actions of all videos, is a `TypedDict`: pydantic checks half a million in a second.
"""

import types
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NotRequired, Required, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, FailFast, Field, RootModel, ValidationError
from typing_extensions import is_typeddict

from logotal.errors import InputError, did_you_mean

STRICT = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)
"""No value is taken for another kind of value; keys that the model does not have are allowed."""

EXACT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
"""The same, and only the model's keys are allowed: files that logotal alone writes."""

Model = TypeVar("Model", bound=BaseModel)

Count = Annotated[int, Field(ge=0, lt=2**63, description="a count")]
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Segment = Annotated[list[Seconds], Field(min_length=2, max_length=2, description="[start, end] in seconds")]


@dataclass(frozen=True)
class Each:
    """What one item of a list or an object is called: "video", "action"."""

    name: str


Item = TypeVar("Item")
Listed = Annotated[list[Item], FailFast()]
"""A list whose first fault ends the reading, so that a file full of faults makes one message and not a million."""


def parsed_model(value: object, where: Path | str, model: type[Model], *, cure: str = "") -> Model:
    """The JSON value as a model.

    Args:
        value: what `files.json` read, and so of bounded depth.
        where: the file, or a place in it, for messages.
        model: what it should be.
        cure: what to do where it is something else, for messages.

    Raises:
        InputError: the first place that is not as the model says; expected, found, and the nearest key or the cure.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place, fault = _explained(value, model, first["type"], first["loc"], first["msg"])
        separator = ": " if isinstance(where, Path) else ", "
        at = f"{where}{separator}{', '.join(place)}" if place else str(where)
        raise InputError(f"{at}: {fault}; {cure}" if cure else f"{at}: {fault}") from None


def check_keys(entry: Collection[str], known: Collection[str], where: str) -> None:
    """Refuses a key that looks like a mistyped one: other keys are allowed, but a setting must not vanish for a typo.

    Raises:
        InputError: the entry has an unknown key like a known one that it lacks.
    """
    for found in entry:
        if found not in known and (meant := _meant(found, tuple(key for key in known if key not in entry))):
            raise InputError(f"{where}: unknown key {found!r}; did you mean {meant!r}?")


@lru_cache(maxsize=1024)  # a file repeats the same keys in every video
def _meant(found: str, absent: tuple[str, ...]) -> str | None:
    """The absent key that a found one is probably a typo of."""
    return next(iter(get_close_matches(found, absent, n=1, cutoff=0.75)), None)


def _explained(value: Any, model: Any, kind: str, path: tuple[int | str, ...], said: str) -> tuple[list[str], str]:
    """The place in words and what is wrong there, for one of pydantic's errors."""
    if kind in ("missing", "extra_forbidden"):
        *path, key = path  # type: ignore[assignment]
        at = _place(value, model, tuple(path))
        words = at.words if at.key is None else [*at.words, at.key]
        return words, _wrong_key(str(key), list(at.found), list(_fields(at.kind) or ()), missing=kind == "missing")
    at = _place(value, model, path)
    expected = at.description or _expected(kind, at.kind, said)
    if kind == "value_error" and not at.description:
        return at.words, expected
    subject = f"expected {expected}" if at.key is None else f"{at.key!r} must be {expected}"
    return at.words, f"{subject}, found {at.found!r:.60}"


def _wrong_key(key: str, found: list[str], known: list[str], *, missing: bool) -> str:
    if not missing:
        return f"unknown key {key!r}; {did_you_mean(key, known)}"
    absent = tuple(name for name in known if name not in found)
    for name in found:
        if name not in known and (meant := _meant(name, absent)):
            return f"unknown key {name!r}; did you mean {meant!r}?"
    return f"key {key!r} is missing, found {', '.join(map(repr, found)) or 'nothing'}"


EXPECTED = {
    "dict_type": "an object",
    "list_type": "a list",
    "string_type": "text",
    "float_type": "a number",
    "finite_number": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
}
"""What pydantic's types of errors say, in the words of JSON."""


def _expected(kind: str, model: Any, said: str) -> str:
    if kind == "model_type" or (kind == "dict_type" and is_typeddict(model)):
        required = next(_required(model), None)
        return "an object" if required is None else f"an object with the key {required!r}"
    return EXPECTED.get(kind) or said.removeprefix("Input should be ").removeprefix("Value error, ")


@dataclass
class _Place:
    """A place in a value: the names of the items around it, its key, what stands there and what should.

    Attributes:
        words: what it lies in, as "video 'a'" and "action 3".
        key: None for an item and at the top.
        kind: the type that it should have.
        found: what stands there.
        description: what its field or item says that it should be.
    """

    words: list[str]
    key: str | None
    kind: Any
    found: Any
    description: str | None


def _place(value: Any, model: Any, path: tuple[int | str, ...]) -> _Place:
    """The innermost place on a path that has a name or a description of its own."""
    kind, description, each = _opened(model)
    at, items, found = _Place([], None, kind, value, description), [], value
    for part in path:
        fields = _fields(kind)
        if fields is not None and part in fields:
            if at.key is not None:
                items.append(at.key)
            key, inner, named = str(part), fields[str(part)], True
        elif (item := _item(kind)) is not None:
            key, inner, named = None, item, each is not None
            if named:
                items.append(f"{each} {part!r}")
        else:  # pydantic's name for one of several types
            break
        found = found[part]
        kind, description, each = _opened(inner)
        if named or description or at.description is None:
            at = _Place(list(items), key, kind, found, description)
    return at


def _opened(annotation: Any) -> tuple[Any, str | None, str | None]:
    """The type in an annotation, its description, and what its items are called."""
    description = each = None
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, RootModel):
            field = annotation.model_fields["root"]
            annotation, description = field.annotation, field.description
            each = next((data.name for data in field.metadata if isinstance(data, Each)), each)
        elif origin is Annotated:
            for data in arguments[1:]:
                description = getattr(data, "description", None) or description
                each = data.name if isinstance(data, Each) else each
            annotation = arguments[0]
        elif origin in (Required, NotRequired):
            annotation = arguments[0]
        elif origin in (Union, types.UnionType) and len(arguments) == 2 and types.NoneType in arguments:
            annotation = next(kind for kind in arguments if kind is not types.NoneType)
        else:
            return annotation, description, each


def _fields(kind: Any) -> dict[str, Any] | None:
    """The fields of a model with their annotations; None for another type."""
    if is_typeddict(kind):
        return get_type_hints(kind, include_extras=True)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = get_type_hints(kind, include_extras=True)
        return {field.alias or name: hints[name] for name, field in kind.model_fields.items()}
    return None


def _required(kind: Any) -> Iterator[str]:
    """The keys that a model must have."""
    if is_typeddict(kind):
        yield from (name for name in get_type_hints(kind) if name in kind.__required_keys__)
    else:
        yield from (field.alias or name for name, field in kind.model_fields.items() if field.is_required())


def _item(kind: Any) -> Any:
    """The type of the items of a list or an object; None for another type."""
    return get_args(kind)[-1] if get_origin(kind) in (list, dict) else None
