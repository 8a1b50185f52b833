"""Values that no option can have: one sentence and status 1 or 2. The options are those that the parser knows.

Settings with a dot (`--training.epochs`) are the same for all commands that take a recipe; `train` tries them.
"""

import contextlib
import io
import re
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from logotal.cli import COMMANDS, app, main
from reliability import samples

NEVER = ("nan", "inf", "-inf", "1e400", "nonsense", "")
MAYBE = ("0", "-1")
"""Some options can have these; none may answer with a traceback."""

INPUTS = {
    "ablate": "synthetic --list --data.annotations {folder}/none.json --out {folder}/out",
    "app": "{folder}/none",
    "agree": "{folder}/none.csv {folder}/none2.csv",
    "check": "synthetic --data.annotations {data}/annotations.json",
    "curve": "{folder}/none",
    "convert": "{folder}/n.pth --from tridet --settings {folder}/n.y --annotations {folder}/n.json --out {folder}/o",
    "demo": "--save {folder}/run",
    "detect": "{features}/features_0000.npy --model {folder}/run --fps 30",
    "diagnose": "{folder}/none.json --annotations {data}/annotations.json",
    "doubts": "{folder}/none",
    "evaluate": "{folder}/none.json --annotations {data}/annotations.json",
    "export": "{folder}/none",
    "extract": "{folder}/none.mp4 --out {folder}/out",
    "folds": "{folder}/none",
    "import": "{features}/features_0000.npy --out {folder}/none.txt/out",
    "init": "{folder}/none --out {folder}/out",
    "next": "{folder}/none",
    "profile": "none",
    "push": "{folder}/none owner/name",
    "report": "{folder}/none",
    "suggest": "{data}/annotations.json",
    "thresholds": "{folder}/none",
    "watch": "{folder}/none.mp4 --model {folder}/run",
    "train": "synthetic --data.annotations {folder}/none.json --out {folder}/out",
}
"""With which each command comes to look at its options, and cannot come to long work."""

TAKEN: set[tuple[str, str]] = set()
"""Options that take infinity, by command and name."""


@cache
def options(command: str) -> dict[str, Any]:
    """The options of a command that take a number or a device, by name."""
    found = {}
    for argument in app[command].assemble_argument_collection():
        name = next((name for name in argument.names if name.startswith("--")), None)
        if name is None or ("." in name and command != "train"):
            continue
        kinds = set(re.findall(r"\w+", str(argument.hint)))
        if kinds & {"int", "float"} or "device" in name:
            found[name] = argument.hint
    return found


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bad")
    data = samples.synthetic(folder / "data", training=2, validation=1)
    samples.features(folder / "features", 1, length=40)
    samples.run(folder / "run", channels=64, data=data)
    return {"folder": folder, "data": data, "features": folder / "features"}


def ended(tokens: list[str]) -> tuple[Any, str]:
    """The status that a command ends with, and what it says."""
    said = io.StringIO()
    with (
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(said),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        patch.setattr(sys, "argv", ["logotal", *tokens])
        warnings.simplefilter("ignore")  # of cyclopts, which knows a test from a command line
        try:
            main()
        except SystemExit as end:
            if isinstance(end.code, str):
                return 1, f"{said.getvalue()}{end.code}"
            return end.code or 0, said.getvalue()
    return 0, said.getvalue()


def cases() -> Iterator[tuple[str, str]]:
    return ((command, name) for command in INPUTS for name in options(command))


@pytest.mark.parametrize(("command", "name"), list(cases()))
def test_a_value_that_no_option_can_have_is_one_sentence(command: str, name: str, places: dict[str, Path]) -> None:
    before = INPUTS[command].format(**places).split()
    for value in (*NEVER, *MAYBE):
        status, said = ended([command, *before, f"{name}={value}"])
        assert status in (1, 2) or value in MAYBE or (command, name) in TAKEN, (value, status, said)
        assert "Traceback" not in said
        if status:
            lines = [line for line in said.splitlines() if line.startswith("logotal: ") or "Error" in line]
            assert len(lines) == 1, said
        if value in NEVER:  # and it is the value that is refused, not what else is missing
            words = {name, name.removeprefix("--"), name.rpartition(".")[2].removeprefix("--").replace("-", "_")}
            assert any(word in " ".join(said.split()) for word in words), (value, said)


def test_every_command_with_such_options_is_tried() -> None:
    assert {command for command in COMMANDS if options(command)} <= INPUTS.keys()


def test_the_options_are_found() -> None:
    assert {"--fps", "--best", "--device", "--threshold"} <= options("detect").keys()
    assert "--training.epochs" in options("train")
    assert {"--workers", "--device", "--fps", "--batch-size"} <= options("extract").keys()
