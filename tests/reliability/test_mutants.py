"""The faults that are put into the code are what they are said to be, and it is told which the tests notice."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="needs cosmic-ray, of the extra dev")

from reliability import mutants
from reliability.covering import Covering

CODE = "def least(one, other):\n    return one if one < other else other\n"
TEST = "from logotal.model.least import least\n\n\ndef test_least():\n    assert least(1, 2) == least(2, 1) == 1\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one function and one test."""
    for folder in ("logotal/model", "tests/model"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "logotal" / "__init__.py").touch()
    (tmp_path / "logotal" / "model" / "__init__.py").touch()
    (tmp_path / "logotal" / "model" / "least.py").write_text(CODE)
    (tmp_path / "tests" / "model" / "test_least.py").write_text(TEST)
    (tmp_path / "tests" / "test_values.py").touch()
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    return tmp_path


def test_a_fault_that_the_tests_see_is_killed_and_another_survives_and_the_file_is_whole_again(project: Path) -> None:
    found = [mutant for _, mutant in mutants.possible("model")]
    wanted = [mutant for mutant in found if mutant.operator.endswith(("_Lt_Gt", "_Lt_LtE"))]
    rows = mutants.try_mutants(wanted, project, Covering(), limit=120)
    assert rows == {"model": mutants.Row(2, 1, ["logotal/model/least.py:2 ReplaceComparisonOperator_Lt_LtE"])}
    assert (project / "logotal" / "model" / "least.py").read_text() == CODE


def test_tests_that_do_not_end_are_ended(project: Path) -> None:
    (project / "tests" / "model" / "test_least.py").write_text("import time\n\n\ndef test_it():\n    time.sleep(600)\n")
    assert mutants.passes(project, ["tests/model"], limit=3) is None


def test_the_tests_that_run_a_line_are_known_the_quickest_first(project: Path) -> None:
    (project / "tests" / "model" / "test_other.py").write_text("def test_other():\n    assert True\n")
    (project / "tests" / "inference").mkdir()
    (project / "tests" / "inference" / "test_least.py").write_text(TEST)
    (project / "logotal" / "inference").mkdir()
    covering = mutants.covered(project, ["model", "inference"], limit=120)
    one, other = (f"tests/{folder}/test_least.py::test_least" for folder in ("model", "inference"))
    covering.seconds |= {one: 2.0, other: 1.0}
    assert covering.of("logotal/model/least.py", 2) == [other, one]
    assert covering.of("logotal/model/least.py", 1) == []  # runs at import


def test_tests_that_fail_without_a_fault_are_refused(project: Path) -> None:
    (project / "tests" / "model" / "test_least.py").write_text("def test_it():\n    raise ValueError\n")
    with pytest.raises(SystemExit, match="tests/model: fail in a copy; mend them"):
        mutants.covered(project, ["model"], limit=120)


def test_a_seed_draws_the_same_faults_each_at_its_line() -> None:
    drawn = mutants.drawn(5, 7, ["inference"])
    assert drawn == mutants.drawn(5, 7, ["inference"])
    assert len({(mutant.file, mutant.line, mutant.operator) for mutant in drawn}) == 5
    for mutant in drawn:
        whole = (mutants.ROOT / mutant.file).read_text().splitlines()
        changed = [
            at for at, pair in enumerate(zip(whole, mutant.source().splitlines(), strict=True), 1) if pair[0] != pair[1]
        ]
        assert changed == [mutant.line], mutant


def test_the_command_refuses_folders_that_are_none() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reliability.mutants", "--only", "moon"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice: 'moon'" in done.stderr
