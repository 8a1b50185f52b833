"""The lock of a folder leaves no file, wherever it is interrupted."""

import contextlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from logotal.files import lock

WATCHED = {lock.__file__, contextlib.__file__}


class Interruption:
    """Raises KeyboardInterrupt before the n-th line of the lock, or of what enters and leaves it."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


def hold(folder: Path, line: int) -> bool:
    """Whether a command that holds the folder was interrupted."""
    before = sys.gettrace()
    sys.settrace(Interruption(line))
    try:
        with lock.alone_in(folder) as alone:
            assert alone
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="locks there are of a descriptor, not of a process")
def test_an_interruption_before_any_line_leaves_no_lock_when_the_process_ends(tmp_path: Path) -> None:
    line = 1
    while hold(folder := tmp_path / str(line), line):
        lock._release_rest()
        assert not (folder / lock.LOCK).exists(), f"before line {line}"
        line += 1
    assert line > 15
    assert not (folder / lock.LOCK).exists()
    with lock.alone_in(folder) as alone:
        assert alone


def test_what_another_process_holds_stays_when_this_one_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / lock.LOCK).touch()
    monkeypatch.setattr(lock, "_lock", lambda descriptor: False)
    monkeypatch.setattr(lock, "_held", {tmp_path / lock.LOCK})
    lock._release_rest()
    assert (tmp_path / lock.LOCK).exists()
