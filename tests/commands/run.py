"""Runs the command line as a user would, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def logotal(*arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """What `logotal ARGUMENTS` prints and how it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "logotal", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "120", "NO_COLOR": "1"},
        check=False,
        timeout=300,
    )
    if "No module named 'torch'" in done.stderr:  # only in the tests of an environment without it
        pytest.skip(f"{arguments[0]} needs torch")
    return done
