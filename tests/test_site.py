"""What the documentation site leaves out, `make docs` cannot know: public names, and pages that no list has."""

import importlib
import inspect
import re
import typing
from pathlib import Path

import pytest

import logotal

DOCS = Path(__file__).parents[1] / "docs"
REFERENCE = re.findall(r"^\.\. auto(\w+):: (logotal[\w.]*)", (DOCS / "api.md").read_text(), flags=re.MULTILINE)
NAMES = [name for kind, name in REFERENCE if kind != "module"]


def named(name: str) -> object:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def test_the_reference_has_every_public_name_once() -> None:
    assert sorted(name.partition(".")[2] for name in NAMES if name.count(".") == 1) == logotal.__all__
    assert len(REFERENCE) == len(set(REFERENCE))


def test_the_reference_has_the_classes_that_public_functions_return() -> None:
    pytest.importorskip("torch")
    shown = {getattr(named(name), "__qualname__", name) for name in NAMES} | {"Config"}  # which is on settings.md
    for name in logotal.__all__:
        public = getattr(logotal, name)
        if inspect.isfunction(public):
            returned = re.findall(r"\b[A-Z]\w+", str(inspect.signature(public).return_annotation))
            assert {each for each in returned if each not in vars(typing)} <= shown, name


def test_every_page_is_in_the_list_of_the_first_one() -> None:
    listed = re.findall(r"^([\w-]+)$", (DOCS / "index.md").read_text(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "index")
