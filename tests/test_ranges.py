"""Numbers out of their range end in one sentence before any work, from the command line and from Python."""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import logotal
from logotal.ablation.ablate import run_ablation
from logotal.commands.check import check
from logotal.commands.profile import profile
from logotal.demo.demo import run_demo
from logotal.errors import InputError
from logotal.project.agree import agree
from logotal.project.create import create
from logotal.ranges import check_range
from logotal.report.run_page import write_run_page
from logotal.runs.diagnose import diagnose
from logotal.runs.thresholds import thresholds
from logotal.suggest.recipe import suggest_recipe
from logotal.timeline import Timeline

HERE, NAN, INF = Path("nowhere"), math.nan, math.inf
GIVEN: list[tuple[Callable[..., object], tuple[Any, ...], str, tuple[Any, ...]]] = [
    (logotal.detect, (HERE,), "fps", (0, -1, NAN, INF)),
    (logotal.detect, (HERE,), "duration", (0, -1, NAN, INF)),
    (logotal.detect, (HERE,), "best", (0, -3, 1.5)),
    (logotal.extract, (HERE,), "fps", (0, -1, NAN, INF)),
    (logotal.extract, (HERE,), "clip_stride", (0, -1, 1.5)),
    (logotal.extract, (HERE,), "resize", (0, -1)),
    (logotal.extract, (HERE,), "crop_size", (0, -1)),
    (logotal.extract, (HERE,), "workers", (0, -1)),
    (logotal.extract, (HERE,), "batch_size", (0, -1, 1.5)),
    (logotal.extract, (HERE,), "device", ("nonsense", ("cpu", "nonsense"))),
    (logotal.evaluate, (HERE,), "threshold", (-0.1, 7, NAN)),
    (logotal.evaluate, (HERE,), "widen", (-1, NAN, INF)),
    (thresholds, (HERE,), "tiou", (0, 7, NAN)),
    (diagnose, (HERE,), "tiou", (0, 7, NAN)),
    (agree, (HERE,), "tiou", (0, 7, NAN)),
    (agree, (HERE,), "tolerance", (-1, NAN, INF)),
    (suggest_recipe, ("nowhere",), "fps", (0, -1, NAN, INF)),
    (suggest_recipe, ("nowhere",), "clip_frames", (0, -1)),
    (suggest_recipe, ("nowhere",), "clip_stride", (0, -1, NAN)),
    (write_run_page, (HERE,), "videos", (-1,)),
    (write_run_page, (HERE,), "score", (-1, 7, NAN)),
    (create, (HERE,), "seed", (-1,)),
    (create, (HERE,), "held_back", (-1, 7, NAN)),
    (run_demo, (HERE,), "seed", (-1, 2**31)),
    (run_demo, (HERE,), "epochs", (0, -1)),
    (run_ablation, (None,), "processes", (0, -1)),
    (check, ("synthetic",), "names", (-1,)),
    (profile, ("synthetic",), "labels", (0, -1)),
    (profile, ("synthetic",), "repetitions", (-1,)),
    (profile, ("synthetic",), "device", ("nonsense",)),
    (Timeline("v").best, (), "count", (-3, NAN)),
]
CASES = [(call, positional, name, value) for call, positional, name, values in GIVEN for value in values]


@pytest.mark.parametrize(
    ("call", "positional", "name", "value"), CASES, ids=[f"{c.__name__} {n} {v}" for c, _, n, v in CASES]
)
def test_a_number_out_of_its_range_is_refused_before_anything_is_read(
    call: Callable[..., object], positional: tuple[Any, ...], name: str, value: object
) -> None:
    with pytest.raises(InputError, match=r"expected (a finite number|a whole number|a device)"):
        call(*positional, **{name: value})
    assert not HERE.exists()


@pytest.mark.parametrize("value", [True, "1", 10**400])
def test_what_no_float_can_hold_or_is_no_number_is_said(value: Any) -> None:
    with pytest.raises(InputError, match="--fps: expected a finite number above 0, found"):
        check_range("--fps", value, above=0)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_labels_are_printed_where_the_terminal_cannot_say_them(encoding: str, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("video,start,end,label\na.mp4,1,2,Größe\na.mp4,3,4,跳\n", encoding="utf-8")
    surroundings = {**os.environ, "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "logotal", "agree", labels, labels]
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rb"\u8df3" in done.stdout
