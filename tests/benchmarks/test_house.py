"""The structure that docs/architecture.md promises: no circles, and one module that imports upwards."""

import re
from pathlib import Path

import pytest

from benchmarks import house
from benchmarks.house import Import, circles, imports, upward, without_exceptions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()


@pytest.fixture(scope="module")
def found() -> list[Import]:
    return imports()


def test_packages_do_not_import_each_other_in_circles(found: list[Import]) -> None:
    assert circles(without_exceptions(found)) == []


def test_timelines_alone_import_upwards_and_only_when_they_are_written_or_drawn(found: list[Import]) -> None:
    assert upward(found) == [
        Import("logotal.timeline", "logotal.report.save", deferred=True),
        Import("logotal.timeline", "logotal.report.page", deferred=True),
    ]


def test_circles_and_upward_imports_are_noticed() -> None:
    bent = [
        Import("logotal.model.heads", "logotal.data.grid", deferred=False),
        Import("logotal.data.grid", "logotal.runs.load", deferred=True),
        Import("logotal.runs.load", "logotal.model.heads", deferred=False),
        Import("logotal.runs.load", "logotal.config", deferred=False),
    ]
    assert circles(bent) == [{"data", "model", "runs"}]
    assert upward(bent) == [bent[1]]


def test_imports_for_type_checkers_do_not_count_and_those_in_functions_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logotal").mkdir()
    for name, text in {
        "a": "if TYPE_CHECKING:\n    from logotal.b import B\nimport logotal.c\n",
        "b": "def f():\n    from logotal import c\n    import os\n",
        "c": "class C:\n    from logotal.a import A\n",
    }.items():
        (tmp_path / "logotal" / f"{name}.py").write_text(text)
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(house, "PACKAGE", tmp_path / "logotal")
    a, b, c = (f"logotal.{name}" for name in "abc")
    assert imports() == [Import(a, c, deferred=False), Import(b, c, deferred=True), Import(c, a, deferred=False)]
    assert house.deferred_imports() == 2


def test_every_package_has_its_place_in_the_page() -> None:
    table = PAGE.partition("## Layers")[2].partition("\n## ")[0]
    named = {name.removesuffix(".py").removesuffix("/") for name in re.findall(r"`([a-z]+(?:\.py|/)?)`", table)}
    assert {house.package_of(name) for name in house.modules()} - {"logotal", "__main__"} <= named


def test_the_numbers_of_settings_and_contributions_are_those_of_the_page_and_of_contributing() -> None:
    assert f"| settings | 117 | {house.settings()} |" in PAGE
    assert {"mixer", "head", "format", "backbone", "protocol", "recipe"} <= house.contributions().keys()


def test_every_file_of_ours_that_the_pages_name_is_there() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.py)\b", page.read_text())
    }
    places = (ROOT, ROOT / "logotal")
    assert len(named) > 30
    assert [each for each in sorted(named) if not any((place / each[1]).is_file() for place in places)] == []
