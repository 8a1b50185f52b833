"""Names that a spreadsheet takes for formulas: written as text where wanted, and read back as they were."""

import csv
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.comma_separated import formulas
from logotal.formats.timelines import read_timelines
from logotal.timeline import Action, Timeline

NAMES = ("=1+1", "+x", "-x", "@SUM(A1)", "\tx", "'=1+1", "''=1", "'x", "it's", "'", "jump")


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_back_whether_or_not_the_table_is_safe(name: str, safe: bool, tmp_path: Path) -> None:
    timeline = Timeline(name, (Action(1.0, 2.0, name, 0.5),))
    timeline.save(tmp_path / "a.csv", safe_csv=safe)
    assert read_timelines(tmp_path / "a.csv") == [timeline]
    timeline.save(tmp_path / "a.csv", safe_csv=safe)  # and is known as ours


def test_no_cell_of_a_safe_table_begins_as_a_formula(tmp_path: Path) -> None:
    actions = tuple(Action(1.0, 2.0, name, 0.5) for name in NAMES)
    Timeline("=v", actions).save(tmp_path / "a.csv", safe_csv=True)
    with (tmp_path / "a.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_what_a_spreadsheet_takes_for_formulas_is_named_once() -> None:
    timelines = [Timeline("=v", (Action(1, 2, "jump"), Action(2, 3, "-x"))), Timeline("+empty")]
    assert formulas(timelines) == ["=v", "-x"]


@pytest.mark.parametrize("name", ["a.json", "a.via.csv", "a.via.csv.gz", "a.html", "a.srt"])
def test_only_a_plain_table_can_be_safe(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.csv"):
        Timeline("v", (Action(1.0, 2.0, "=x", 0.5),)).save(tmp_path / name, safe_csv=True)
    assert not list(tmp_path.iterdir())
    Timeline("v", (Action(1.0, 2.0, "=x", 0.5),)).save(tmp_path / "A.CSV.gz", safe_csv=True)
