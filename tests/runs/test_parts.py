"""What is found is kept a video at a time: a kill loses nothing, nothing of others is mixed in, and processes share."""

import errno
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import logotal
from logotal.commands.detect import detect
from logotal.errors import InputError
from logotal.files import remote
from logotal.inference.predictor import Predictor
from logotal.runs.parts import part_file, parts_folder
from reliability import samples
from tests.files.servers import memory, own_cache

__all__ = ["memory", "own_cache"]  # fixtures

KILLED = """
import os, signal, sys
from logotal.__main__ import main
from logotal.files import remote
from logotal.inference.predictor import Predictor
def detect(self, *args, original=Predictor.find, calls=[], **options):
    calls.append(1)
    if len(calls) == 4:
        os.kill(os.getpid(), {signal})
    return original(self, *args, **options)
Predictor.find = detect
main()
"""
"""The command line, which gets a signal in its fourth video."""

VIDEOS = 6


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, of other weights."""
    folder = tmp_path_factory.mktemp("runs")
    samples.run(folder / "one", channels=64)
    samples.run(folder / "two", channels=64)
    weights = (folder / "two" / "model.safetensors").read_bytes()
    (folder / "two" / "model.safetensors").write_bytes(weights[:-4] + np.float32(0.125).tobytes())
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    samples.features(tmp_path / "features", VIDEOS)
    return tmp_path


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The videos that a network looks at from here on."""
    names: list[str] = []
    original = Predictor.find

    def noted(self: Predictor, video: Path, **options: object) -> logotal.Timeline:
        names.append(Path(video).stem)
        return original(self, video, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Predictor, "find", noted)
    return names


def saved(place: Path, run: Path, name: str = "found.json", threshold: float = 0.01, **options: object) -> bytes:
    target = place / name
    detect(place / "features", model=str(run), fps=25.0, save=target, threshold=threshold, **options)  # type: ignore[arg-type]
    return target.read_bytes() if target.exists() else b""


def child(place: Path, run: Path, *options: str, code: str = "from logotal.__main__ import main; main()") -> list[str]:
    command = [sys.executable, "-c", code, "detect", str(place / "features"), "--model", str(run), "--fps", "25"]
    return [*command, "--threshold", "0.01", "--save", str(place / "found.json"), *options]


def parts(place: Path) -> list[Path]:
    return sorted(parts_folder(place / "found.json").glob("*"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_what_was_found_before_a_signal_is_not_looked_for_again_and_the_file_is_the_same(
    place: Path, runs: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    expected = saved(place, runs / "one", "undisturbed.json")
    number = getattr(signal, name)
    done = subprocess.run(
        child(place, runs / "one", code=KILLED.format(signal=int(number))), capture_output=True, text=True, check=False
    )
    assert done.returncode == (-number if name == "SIGKILL" else 128 + number), done.stderr
    assert not (place / "found.json").exists()
    assert len(parts(place)) == 3
    looked_at.clear()
    assert saved(place, runs / "one") == expected
    assert looked_at == ["features_0003", "features_0004", "features_0005"]
    assert "what was found in 3 videos before" in capsys.readouterr().err
    assert not parts_folder(place / "found.json").exists()


def stopped(place: Path, run: Path, *, after: int, **options: object) -> None:
    """Detects until so many videos are done."""

    def progress(done: float, total: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logotal.detect(
            place / "features",
            run,
            fps=25.0,
            keep=parts_folder(place / "found.json"),
            progress=progress,
            **options,  # type: ignore[arg-type]
        )


def touch(place: Path, run: Path) -> None:
    status = (place / "features" / "features_0001.npy").stat()
    os.utime(place / "features" / "features_0001.npy", ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def damage(place: Path, run: Path) -> None:
    path = part_file(parts_folder(place / "found.json"), "features_0001")
    before, score, after = path.read_text().partition('score\\": 0.')
    path.write_text(f"{before}{score}9{after[1:]}")
    assert score


def of_another_kind(content: bytes) -> Callable[[Path, Path], None]:
    def replace(place: Path, run: Path) -> None:
        part_file(parts_folder(place / "found.json"), "features_0001").write_bytes(content)

    return replace


def sidecar(place: Path, run: Path) -> None:
    (place / "features" / "features_0001.json").write_text(
        '{"fps": 25.0, "duration": 3.0, "frames": 90, "source": "a.mp4", "source_bytes": 1}'
    )


def exchange(place: Path, run: Path) -> None:
    folder = parts_folder(place / "found.json")
    part_file(folder, "features_0000").replace(part_file(folder, "features_0001"))
    stopped(place, run, after=1)


@pytest.mark.parametrize(
    "change",
    [touch, sidecar, damage, exchange, *map(of_another_kind, (b"", b"{}", b"[1]", b'{"results": {}}', b"\xff"))],
)
def test_the_part_of_a_video_that_changed_or_a_file_that_is_no_part_is_made_anew(
    place: Path,
    runs: Path,
    looked_at: list[str],
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Path, Path], None],
) -> None:
    stopped(place, runs / "one", after=3)
    change(place, runs / "one")
    looked_at.clear()
    found = saved(place, runs / "one")
    assert looked_at == ["features_0001", "features_0003", "features_0004", "features_0005"]
    assert "not taken over, and made anew: 1 part, the first: " in capsys.readouterr().err
    assert saved(place, runs / "one", "again.json") == found


@pytest.mark.parametrize("other", [{}, {"precision": "bf16"}, {"duration": 2.0}, {"everything": True}])
def test_what_another_model_found_or_by_other_settings_is_never_mixed_in(
    place: Path, runs: Path, looked_at: list[str], other: dict[str, object]
) -> None:
    stopped(place, runs / ("one" if other else "two"), after=3, **other)
    looked_at.clear()
    found = saved(place, runs / "one")
    assert len(looked_at) == VIDEOS
    assert saved(place, runs / "one", "again.json") == found


def test_thresholds_may_differ_between_the_calls(place: Path, runs: Path, looked_at: list[str]) -> None:
    expected = saved(place, runs / "one", "undisturbed.json", threshold=0.3)
    assert len(expected) < len(saved(place, runs / "one", "all.json"))
    stopped(place, runs / "one", after=4, threshold=0.99)
    looked_at.clear()
    assert saved(place, runs / "one", threshold=0.3) == expected
    assert looked_at == ["features_0004", "features_0005"]


def test_the_last_of_several_shards_joins(
    place: Path, runs: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = saved(place, runs / "one", "undisturbed.json")
    looked_at.clear()
    assert saved(place, runs / "one", shard="1/2") == b""
    assert "found.json: not written here, for nothing is kept" in capsys.readouterr().err
    assert 0 < len(looked_at) < VIDEOS
    assert len(parts(place)) == len(looked_at)
    assert saved(place, runs / "one", shard="2/2") == expected
    assert len(set(looked_at)) == len(looked_at) == VIDEOS
    assert not parts_folder(place / "found.json").exists()


def test_shards_at_once_leave_what_one_process_leaves(place: Path, runs: Path) -> None:
    expected = saved(place, runs / "one", "undisturbed.json")
    processes = [
        subprocess.Popen(child(place, runs / "one", "--shard", f"{number}/2"), stderr=subprocess.PIPE, text=True)
        for number in (1, 2)
    ]
    said = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert (place / "found.json").read_bytes() == expected
    assert not parts_folder(place / "found.json").exists()


def test_a_shard_with_a_video_that_fails_leaves_joining_to_a_call_without_shard_which_tries_it_again(
    place: Path, runs: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = saved(place, runs / "one", "undisturbed.json")
    features = place / "features" / "features_0002.npy"
    whole, status = features.read_bytes(), features.stat()
    features.write_bytes(b"broken")
    for shard in ("1/1", None):
        with pytest.raises(SystemExit):
            saved(place, runs / "one", shard=shard)
        assert (place / "found.json").exists() == (shard is None)
    said = " ".join(capsys.readouterr().err.split())
    assert "failed: " in said
    assert ".found.json.parts: kept, for the same command to go on from" in said
    features.write_bytes(whole)
    os.utime(features, ns=(status.st_atime_ns, status.st_mtime_ns))
    looked_at.clear()
    assert saved(place, runs / "one") == expected
    assert looked_at == ["features_0002"]
    assert not parts_folder(place / "found.json").exists()


def test_whoever_finds_that_the_parts_are_gone_writes_nothing(
    place: Path, runs: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has joined them, between the last part and the look at all of them."""
    monkeypatch.setattr(
        "logotal.runs.parts.Parts.report", lambda parts, say: [each.unlink() for each in parts_of(parts)]
    )
    assert saved(place, runs / "one", shard="1/1") == b""
    assert len(looked_at) == VIDEOS


def parts_of(parts: object) -> list[Path]:
    return list(parts.folder.iterdir())  # type: ignore[attr-defined]


def test_parts_that_cannot_be_written_are_refused_before_the_work(
    place: Path, runs: Path, looked_at: list[str]
) -> None:
    parts_folder(place / "found.json").write_bytes(b"mine")
    with pytest.raises(InputError, match="there is a file where a folder is expected"):
        saved(place, runs / "one")
    assert looked_at == []
    assert parts_folder(place / "found.json").read_bytes() == b"mine"


def test_a_disk_that_is_full_ends_the_work_and_keeps_what_was_found(
    place: Path, runs: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        left = iter([None, None])

        def fsync(descriptor: int) -> None:
            if next(left, errno.ENOSPC) is not None:
                raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(os, "fsync", fsync)
        with pytest.raises(InputError, match="No space left on device"):
            saved(place, runs / "one")
    assert len(looked_at) == 3
    assert len(parts(place)) == 2
    looked_at.clear()
    saved(place, runs / "one")
    assert len(looked_at) == 4


def test_no_timeline_is_held_while_others_are_looked_for(place: Path, runs: Path) -> None:
    def timelines() -> int:
        return sum(type(each) is logotal.Timeline and len(each) > 0 for each in gc.get_objects())

    before, held = timelines(), []
    logotal.detect(
        place / "features", runs / "one", fps=25.0, keep=place / "kept", progress=lambda *_: held.append(timelines())
    )
    assert len(held) == VIDEOS
    assert max(held) <= before + 1  # that of the video just done


def test_a_model_that_is_none_leaves_no_folder(place: Path) -> None:
    with pytest.raises(InputError, match="no such run folder"):
        saved(place, place / "none")
    assert not parts_folder(place / "found.json").exists()


@pytest.mark.usefixtures("own_cache")
def test_parts_of_features_at_an_address_lie_there(
    place: Path, runs: Path, looked_at: list[str], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put(str(place / "features"), "memory://parts/features", recursive=True)
    target, features = Path("memory://parts/found.json"), Path("memory://parts/features")
    expected = saved(place, runs / "one")
    looked_at.clear()
    detect(features, model=str(runs / "one"), fps=25.0, save=target, threshold=0.01, shard="1/2")
    first = len(looked_at)
    assert 0 < first < VIDEOS
    assert len(memory.ls("memory://parts/.found.json.parts")) == first
    changed = sorted(looked_at)[0]
    memory.pipe_file(
        f"memory://parts/features/{changed}.npy", memory.cat_file(f"memory://parts/features/{changed}.npy")
    )
    monkeypatch.setattr(remote, "FRESH", 0.0)
    detect(features, model=str(runs / "one"), fps=25.0, save=target, threshold=0.01)
    assert len(looked_at) == VIDEOS + 1
    assert looked_at.count(changed) == 2
    assert memory.cat_file("memory://parts/found.json") == expected
    assert not memory.find("memory://parts/.found.json.parts")


def test_in_python_the_folder_stays_and_gives_equal_timelines(place: Path, runs: Path, looked_at: list[str]) -> None:
    plain = logotal.detect(place / "features", runs / "one", fps=25.0, everything=True)
    assert sum(map(len, plain)) > 100
    looked_at.clear()
    for _ in range(2):
        kept = logotal.detect(place / "features", runs / "one", fps=25.0, everything=True, keep=place / "kept")
        assert kept == plain
    assert len(looked_at) == VIDEOS
    part = logotal.detect(place / "features", runs / "one", fps=25.0, keep=place / "others", shard="1/2")
    assert {path.stem for path in part.missing} == {path.stem for path in plain.timelines} - {t.video for t in part}


def test_a_shard_needs_a_place_to_share_and_is_one(place: Path, runs: Path) -> None:
    with pytest.raises(InputError, match="name it with --save"):
        logotal.detect(place / "features", runs / "one", shard="1/2")
    with pytest.raises(InputError, match="--shard: expected NUMBER/COUNT"):
        logotal.detect(place / "features", runs / "one", keep=place / "kept", shard="3/2")


def test_two_videos_of_one_name_are_refused_where_they_are_kept(place: Path, runs: Path) -> None:
    (path,) = samples.features(place / "more", 1)
    with pytest.raises(InputError, match="would both be features_0000"):
        logotal.detect([place / "features", path], runs / "one", fps=25.0, keep=place / "kept")
    assert not (place / "kept").exists()
