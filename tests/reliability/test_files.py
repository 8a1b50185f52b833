"""Writing files: whole or absent, together or not, and nobody's leftovers stay."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.files.whole import check_writable, temporary_folder, write_together, write_whole

fcntl = pytest.importorskip("fcntl")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    (tmp_path / ".a.json.part").write_bytes(b"half of it")
    (tmp_path / ".run.part").mkdir()
    (tmp_path / ".run.part" / "file").write_bytes(b"")
    write_whole(tmp_path / "a.json", b"whole")
    with temporary_folder(tmp_path / "run") as folder:
        assert list(folder.iterdir()) == []
    assert names(tmp_path) == ["a.json"]


def test_two_that_write_the_same_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "a") as first, temporary_folder(tmp_path / "a") as second:
        assert first != second
        assert first.is_dir()
        assert second.is_dir()
    part = tmp_path / ".b.part"
    part.write_bytes(b"of somebody who is still writing")
    with part.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        write_whole(tmp_path / "b", b"ours")
        assert part.read_bytes() == b"of somebody who is still writing"
    assert (tmp_path / "b").read_bytes() == b"ours"
    assert names(tmp_path) == [".b.part", "b"]


def test_many_processes_write_one_file_and_it_is_one_of_theirs(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from logotal.files.whole import write_whole\n"
        "for i in range(200): write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 10_000)"
    )
    target = tmp_path / "file"
    writers = [subprocess.Popen([sys.executable, "-c", code, target, letter]) for letter in "abcd"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if target.exists():
            seen.add(target.read_bytes())
    assert [writer.returncode for writer in writers] == [0] * 4
    assert seen <= {letter.encode() * 10_000 for letter in "abcd"}
    assert names(tmp_path) == ["file"]


def test_files_that_belong_together_change_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar, features = tmp_path / "a.json", tmp_path / "a.npy"
    write_together({sidecar: b"old", features: b"old"})
    calls = iter([None, OSError(errno.ENOSPC, "No space left on device")])

    def full_at_the_second(descriptor: int) -> None:
        if (error := next(calls)) is not None:
            raise error

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(InputError, match=r"a\.npy: cannot be written \(No space left on device\); make room"):
        write_together({sidecar: b"new", features: b"new"})
    assert (sidecar.read_bytes(), features.read_bytes()) == (b"old", b"old")
    assert names(tmp_path) == ["a.json", "a.npy"]


def test_the_last_of_several_files_never_stands_beside_those_of_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar, features = tmp_path / "a.json", tmp_path / "a.npy"
    write_together({sidecar: b"old", features: b"old"})
    seen = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        done = replace(self, target)
        seen.append((sidecar.read_bytes(), features.read_bytes() if features.exists() else None))
        return done

    monkeypatch.setattr(Path, "replace", watched)
    write_together({sidecar: b"new", features: b"new"})
    assert seen == [(b"new", None), (b"new", b"new")]


def test_a_place_that_cannot_be_written_is_named_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match="there is a file where a folder is expected"):
        check_writable(tmp_path / "file" / "a.json")
    with pytest.raises(InputError, match=r"folder\.json: expected the name of a file, found a folder"):
        check_writable(tmp_path / "folder.json")
    check_writable(tmp_path / "new" / "a.json")
    assert names(tmp_path / "new") == []


def test_the_longest_name_that_the_disk_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'ü' * 125}.json"
    write_whole(path, b"{}")
    assert names(tmp_path) == [path.name]
