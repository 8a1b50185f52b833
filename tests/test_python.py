"""docs/python.md is run from top to bottom, in a process and a folder of its own: fewer videos, fewer epochs."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import logotal
from logotal.backbones.weights import UnreachableError, fetch_weights

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "python.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
FEWER = {
    "training=24, validation=8": "training=6, validation=2",
    '"epochs": 12, "warmup_epochs": 2': '"epochs": 2, "warmup_epochs": 1',
    '"hold_out": 0.25': '"hold_out": 0.34',
}


def test_the_page_has_what_the_test_changes() -> None:
    assert [text for text in FEWER if text not in PAGE] == []


@pytest.mark.slow
def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    blocks = BLOCKS
    try:
        fetch_weights("i3d-rgb")  # does nothing where they are there
    except UnreachableError:
        blocks = [block for block in BLOCKS if "logotal.extract" not in block]
    script = "\n".join(blocks)
    for text, smaller in FEWER.items():
        script = script.replace(text, smaller)
    (tmp_path / "page.py").write_text(script)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no_run: no such run folder" in done.stdout
    assert logotal.read_timelines(tmp_path / "found.vtt")[0].video == "validation_006"
    assert "clip.mp4" in (tmp_path / "clip.html").read_text()
    assert logotal.read_recipe(tmp_path / "mine.yaml").data.clip_frames == 16
    for written in ("numbers.json", "run/report.html", "run/operating_point.json", "model.onnx"):
        assert (tmp_path / written).is_file(), written


def test_every_name_in_the_table_of_the_page_exists() -> None:
    pytest.importorskip("torch")
    table = PAGE.partition("## Where the rest is")[2]
    names = re.findall(r"`(logotal(?:\.\w+)+)`", table)
    assert len(names) > 15
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            module, _, last = name.rpartition(".")
            assert hasattr(importlib.import_module(module), last), name
