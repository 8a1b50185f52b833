"""Text of others in Markdown is text: no tag, link, cell or line of its own."""

import doctest

import pytest

from logotal.ablation.page import Report, markdown
from logotal.files import markdown as module
from logotal.files.markdown import code, text

NAMES = (
    "<script>x</script>",
    "a|b",
    "a\\|b",
    "a\nb",
    "a\u2028b",
    "`a` b",
    "[x](javascript:y)",
    "![x](http://x)",
    "<http://x>",
    "https://x.y",
    "www.x.y",
    "&lt;b&gt;",
    "\\",
)


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("shown", [text, code])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_markup_and_stays_in_its_cell(name: str, shown: object) -> None:
    said = shown(name)  # type: ignore[operator]
    bare = "" if said.startswith("`") else said.replace("\\\\", "")
    assert not {"<", ">", "\n", "\u2028"} & set(said)
    assert all(bare.count(mark) == bare.count(f"\\{mark}") for mark in "|[]`*_")
    assert said.startswith("`") or not ({"://", "www."} & {mark for mark in ("://", "www.") if mark in said})


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_of_an_ablation_escape_names(name: str) -> None:
    report = Report("t", "s", "c", [(name, name, [["", "x"], [name, "1"]])], [name], {name: name})
    said = markdown(report)
    assert "<" not in said
    row = next(line for line in said.splitlines() if line.startswith("| ") and line.endswith("| 1 |"))
    assert row.replace("\\\\", "").replace("\\|", "").count("|") == 3
