import math
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, Field, RootModel, model_validator, with_config
from typing_extensions import TypedDict

from logotal.errors import InputError
from logotal.files.model import EXACT, STRICT, Each, Listed, Segment, check_keys, parsed_model
from tests.hostile.limits import within


@with_config(STRICT)
class Part(TypedDict):
    segment: Segment
    name: str
    kind: NotRequired[str | int]


class Box(BaseModel):
    model_config = EXACT

    parts: Annotated[Listed[Part], Each("part"), Field(description="a list of parts")] = []
    size: Annotated[float, Field(gt=0, description="a positive number")] | None = None
    lid: Part | None = None
    count: int = 1
    sealed: bool = False
    color: Literal["red", "blue"] = "red"

    @model_validator(mode="after")
    def _holds(self) -> "Box":
        if self.sealed and not self.parts:
            raise ValueError("a sealed box holds parts, found none")
        return self


class Shelf(BaseModel):
    model_config = STRICT

    boxes: Annotated[dict[str, Box], Each("box")]
    width: Annotated[float, Field(alias="class")] = 1.0


class Names(RootModel[Annotated[list[str], Field(description="a list of names")]]):
    pass


PART = {"segment": [0, 1.5], "name": "lid"}
FAULTS: dict[str, tuple[Any, str]] = {
    "another value at the top": ([1], "expected an object with the key 'boxes', found [1]"),
    "a missing key": ({"a": 1, "b": 2}, "key 'boxes' is missing, found 'a', 'b'"),
    "no key at all": ({}, "key 'boxes' is missing, found nothing"),
    "a mistyped key": ({"boxs": {}}, "unknown key 'boxs'; did you mean 'boxes'?"),
    "an object that is none": ({"boxes": [PART]}, "'boxes' must be an object, found [{'segment': [0, 1.5], 'name':"),
    "an item that is no object": ({"boxes": {"b": 3}}, "box 'b': expected an object, found 3"),
    "a key that nobody knows": ({"boxes": {"b": {"sizes": 1}}}, "box 'b': unknown key 'sizes'; did you mean 'size'?"),
    "a key of an object in an object": ({"boxes": {"b": {"lid": {}}}}, "box 'b', lid: key 'segment' is missing, found"),
    "a value in an object in an object": (
        {"boxes": {"b": {"lid": {"segment": [0, 1], "name": 3}}}},
        "box 'b', lid: 'name' must be text, found 3",
    ),
    "text for a number": ({"boxes": {"b": {"size": "3"}}}, "box 'b': 'size' must be a positive number, found '3'"),
    "true for a number": ({"boxes": {"b": {"size": True}}}, "box 'b': 'size' must be a positive number, found True"),
    "a number out of range": ({"boxes": {"b": {"size": -1}}}, "box 'b': 'size' must be a positive number, found -1"),
    "no number": ({"boxes": {"b": {"size": math.nan}}}, "box 'b': 'size' must be a positive number, found nan"),
    "beyond a float": ({"boxes": {"b": {"size": 10**400}}}, "box 'b': 'size' must be a positive number, found 1000"),
    "part of a whole": ({"boxes": {"b": {"count": 1.0}}}, "box 'b': 'count' must be a whole number, found 1.0"),
    "a number for a bool": ({"boxes": {"b": {"sealed": 1}}}, "box 'b': 'sealed' must be true or false, found 1"),
    "none of the choices": ({"boxes": {"b": {"color": "x"}}}, "box 'b': 'color' must be 'red' or 'blue', found 'x'"),
    "what two keys say": ({"boxes": {"b": {"sealed": True}}}, "box 'b': a sealed box holds parts, found none"),
    "no list": ({"boxes": {"b": {"parts": {}}}}, "box 'b': 'parts' must be a list of parts, found {}"),
    "an item in a list": ({"boxes": {"b": {"parts": [PART, 7]}}}, "box 'b', part 1: expected an object with the key"),
    "a key in an item": (
        {"boxes": {"b": {"parts": [PART, {"segmnt": [0, 1], "name": "x"}]}}},
        "box 'b', part 1: unknown key 'segmnt'; did you mean 'segment'?",
    ),
    "one number of a segment": (
        {"boxes": {"b": {"parts": [PART | {"segment": [0, "1"]}]}}},
        "box 'b', part 0: 'segment' must be [start, end] in seconds, found [0, '1']",
    ),
    "one of several kinds": ({"boxes": {"b": {"parts": [PART | {"kind": []}]}}}, "box 'b', part 0: 'kind' must be"),
    "a key with another name in Python": ({"boxes": {}, "class": "w"}, "'class' must be a number, found 'w'"),
}


@pytest.mark.parametrize(("value", "message"), FAULTS.values(), ids=FAULTS)
def test_the_first_fault_is_one_sentence_about_one_place(value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed_model(value, Path("shelf.json"), Shelf, cure="write it again")
    said = str(caught.value)
    assert said.startswith(f"shelf.json: {message}")
    assert said.endswith("; write it again")
    assert "\n" not in said


def test_what_is_as_the_model_says_is_read() -> None:
    shelf = parsed_model({"boxes": {"b": {"parts": [PART], "size": 3}}, "other": 1, "class": 2}, "a", Shelf)
    assert (shelf.boxes["b"].parts, shelf.boxes["b"].size, shelf.width) == ([PART], 3.0, 2.0)
    assert parsed_model(["a"], "a", Names).root == ["a"]


@pytest.mark.parametrize("value", [{}, "a", ["a", 1]])
def test_a_file_that_is_one_list_is_named_as_that(value: Any) -> None:
    with pytest.raises(InputError, match=r"^names\.json: expected a list of names, found .*$"):
        parsed_model(value, "names.json", Names)


def test_a_place_within_a_file_goes_on_in_the_same_sentence() -> None:
    with pytest.raises(InputError, match=r"^a\.json: shelf 3, box 'b': expected an object, found 3$"):
        parsed_model({"boxes": {"b": 3}}, "a.json: shelf 3", Shelf)


def test_a_million_faults_make_one_message_at_once() -> None:
    value = {"boxes": {"b": {"parts": [{"name": 1}] * 10**6}}}
    with within(5), pytest.raises(InputError, match="box 'b', part 0"):
        parsed_model(value, "shelf.json", Shelf)


def test_unknown_keys_are_allowed_unless_they_look_like_one_that_is_missing() -> None:
    check_keys({"url": 1, "duration": 2}, {"duration", "fps"}, "a.json")
    check_keys({"durations": 1, "duration": 2}, {"duration", "fps"}, "a.json")
    with pytest.raises(InputError, match=r"a\.json: unknown key 'durations'; did you mean 'duration'\?"):
        check_keys({"durations": 1}, {"duration", "fps"}, "a.json")
