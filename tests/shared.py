"""Where the real data lies that some tests use; nothing of it ships with the project."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("LOGOTAL_SHARED", Path(__file__).parents[2] / "shared" / "data"))


def shared(name: str) -> Path:
    """The path of a shared data file; skips the calling test where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name} (set LOGOTAL_SHARED to the folder that holds it)")
    return path
