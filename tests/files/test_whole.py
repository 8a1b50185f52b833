"""What is written is there whole or not at all, and nothing half done stays, wherever it is interrupted."""

import os
from pathlib import Path

import pytest

from logotal.files import whole
from tests.interruption import interrupted_before_each_line

fcntl = pytest.importorskip("fcntl", reason="there are no such locks on Windows")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
"""An interrupted process leaves files open, which end with it."""


def test_an_interruption_before_any_line_leaves_whole_files_and_no_part_when_the_process_ends(tmp_path: Path) -> None:
    def write(line: int) -> None:
        folder = tmp_path / str(line)
        folder.mkdir()
        (folder / "first").write_bytes(b"old")
        whole.write_together({folder / "first": b"new" * 9, folder / "second": b"more"})

    last = 0
    for last in interrupted_before_each_line(write, whole):
        whole._remove_rest()
        found = {path.name: path.read_bytes() for path in (tmp_path / str(last)).iterdir()}
        assert found.pop("first") in (b"old", b"new" * 9), f"before line {last}"
        assert found in ({}, {"second": b"more"}), f"before line {last}"
        whole._parts.clear()  # as a new process begins
    assert last > 80


def test_an_interruption_before_any_line_leaves_no_folder_that_is_not_filled(tmp_path: Path) -> None:
    def fill(line: int) -> None:
        place = tmp_path / str(line) / "filled"
        with whole.temporary_folder(place) as part:
            (part / "file").write_bytes(b"content")
            part.rename(place)

    last = 0
    for last in interrupted_before_each_line(fill, whole):
        whole._remove_rest()
        made = tmp_path / str(last)
        assert not made.exists() or {path.name for path in made.iterdir()} <= {"filled"}, f"before line {last}"
        whole._parts.clear()
    assert last > 40


def test_a_part_of_another_process_stays_when_this_one_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    part = tmp_path / ".file.part"
    part.write_bytes(b"theirs")
    held = os.open(part, os.O_RDONLY)  # a lock is of a descriptor: this one stands for another process
    fcntl.flock(held, fcntl.LOCK_EX)
    whole._parts[part] = None
    whole._remove_rest()
    assert part.exists()
    os.close(held)
    whole._remove_rest()
    assert not part.exists()
    whole._parts.clear()
    whole.write_whole(path, b"ours")
    assert path.read_bytes() == b"ours"
