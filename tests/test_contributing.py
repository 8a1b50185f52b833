"""What CONTRIBUTING.md says of adding a variant is true: the files are there, and no other file names one."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = {
    kind: (re.findall(r"`(logotal/[\w/.]+)`", files), re.findall(r"`([A-Z_]{4,})`", files), int(number))
    for kind, files, number in re.findall(
        r"^\| ([a-z ]+) \| (.*) \| (\d) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.M
    )
}
CHOOSERS = {
    "logotal/ablation/variants.py",  # rows
    "logotal/convert/settings.py",  # what a published network is
    "logotal/suggest/amounts.py",  # what a data set is given
}
"""Choose a value of a setting, as recipes do, and ask nobody for it."""
TELLING = {
    "mixer": ("sgp", "maxpool"),
    "head": ("trident", "clff", "clff-light"),
    "regression loss": ("giou", "diou"),
    "format": (".fiftyone.json", ".via.csv"),
    "backbone": ("r2plus1d-tsp",),
    "protocol": ("sbhar", "spotting-starts", "events-dcase"),
}
"""Names of variants that mean nothing else anywhere."""


def files_that_name(variant: str) -> set[str]:
    """Files of the package in which a name is a value of its own."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "logotal").rglob("*.py")
        if any(
            isinstance(node, ast.Constant) and node.value == variant
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    }


def test_every_kind_has_its_row() -> None:
    assert ROWS.keys() == TELLING.keys() | {"boundaries of a head", "recipe"}


@pytest.mark.parametrize("kind", ROWS)
def test_the_files_are_there_and_as_many_as_the_table_says(kind: str) -> None:
    files, _, number = ROWS[kind]
    assert len(files) == number
    for file in files:
        path = ROOT / file
        assert path.parent.is_dir() if path.stem == "NAME" else path.is_file()


@pytest.mark.parametrize("kind", [kind for kind in ROWS if kind != "recipe"])
def test_the_dicts_are_in_the_first_file(kind: str) -> None:
    files, names, _ = ROWS[kind]
    module = importlib.import_module(files[0].removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    assert names
    for name in names:
        variants = getattr(module, name)
        if kind == "format":
            variants = {form.saved.suffix: form for form in variants if form.saved}
        assert isinstance(variants, dict)
        assert set(TELLING.get(kind, ())) <= set(variants)


@pytest.mark.parametrize("kind", TELLING)
def test_no_other_file_names_a_variant(kind: str) -> None:
    files, _, _ = ROWS[kind]
    own = {str(path.relative_to(ROOT)) for file in files for path in ROOT.glob(file.replace("NAME", "*"))}
    for variant in TELLING[kind]:
        assert files_that_name(variant) - own - CHOOSERS == set(), variant
