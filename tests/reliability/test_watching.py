"""Hours of watching, made short: all of them are watched, and memory is noted at each."""

import sys
from pathlib import Path

import pytest

from reliability import watching


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_is_noted_at_each_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "HOUR", 40.0)
    monkeypatch.setattr(watching, "LAST", 15.0)
    row = watching.watch_long(2, tmp_path)
    assert len(row.memory) == 2
    assert row.actions >= 4
    assert 20 < row.memory[0] < 20_000


@pytest.mark.parametrize(
    ("memory", "sound"), [([500.0, 505.0, 503.0], True), ([500.0, 520.0, 540.0], False), ([500.0, 500.0], False)]
)
def test_memory_that_grows_and_a_watching_that_ends_early_are_faults(memory: list[float], sound: bool) -> None:
    assert watching.Row(3, memory).sound is sound
