"""The lock of a folder leaves no file, wherever it is interrupted."""

import sys
from pathlib import Path

import pytest

from logotal.files import lock
from tests.interruption import interrupted_before_each_line


@pytest.mark.skipif(sys.platform == "win32", reason="locks there are of a descriptor, not of a process")
def test_an_interruption_before_any_line_leaves_no_lock_when_the_process_ends(tmp_path: Path) -> None:
    def hold(line: int) -> None:
        with lock.alone_in(tmp_path / str(line)) as alone:
            assert alone

    last = 0
    for last in interrupted_before_each_line(hold, lock):
        lock._release_rest()
        assert not (tmp_path / str(last) / lock.LOCK).exists(), f"before line {last}"
    assert last > 15
    with lock.alone_in(tmp_path / str(last + 1)) as alone:
        assert alone


def test_what_another_process_holds_stays_when_this_one_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / lock.LOCK).touch()
    monkeypatch.setattr(lock, "_lock", lambda descriptor: False)
    monkeypatch.setattr(lock, "_held", {tmp_path / lock.LOCK})
    lock._release_rest()
    assert (tmp_path / lock.LOCK).exists()
