"""Extraction of many videos: resumable, whole files only, failures named, the recipe beside the features."""

import json
import os
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logotal.data.feature_recipe import read_video_features
from logotal.errors import InputError
from logotal.extraction.extractor import Extractor
from logotal.extraction.folder import Settings, extract_folder
from logotal.extraction.processes import Outcome
from logotal.video.files import find_videos
from logotal.video.writer import write_video
from tests.extraction.tiny import tiny_extractor


class TinySettings(Settings):
    """The settings of the tiny backbone."""

    def extractor(self):  # type: ignore[no-untyped-def]
        return tiny_extractor(**self.changes)


SETTINGS = TinySettings("means")


class NotedSettings(TinySettings):
    """The same; each process notes its device in a file of the folder `weights`."""

    def extractor(self):  # type: ignore[no-untyped-def]
        (Path(str(self.weights)) / str(os.getpid())).write_text(self.device)
        return super().extractor()


class DeadlySettings(TinySettings):
    """The same; b.mp4 kills its process: once where `weights` is a folder, else always."""

    def extractor(self):  # type: ignore[no-untyped-def]
        return Deadly(super().extractor(), Path(str(self.weights)))


class Deadly:
    def __init__(self, extractor: Extractor, folder: Path) -> None:
        self.inner, self.folder = extractor, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def extract(self, video: Path, progress: Any) -> Any:
        if video.stem == "b" and not (self.folder / "killed").exists():
            if self.folder.is_dir():
                (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.inner.extract(video, progress)


@pytest.fixture
def videos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "videos"
    folder.mkdir()
    for index, name in enumerate(("a", "b", "c")):
        generator = np.random.default_rng(index)
        write_video(folder / f"{name}.mp4", generator.integers(0, 255, (20 + index, 48, 64, 3), dtype=np.uint8), fps=25)
    return find_videos([folder])


def test_every_video_gets_features_and_a_sidecar(videos: list[Path], tmp_path: Path) -> None:
    outcomes = extract_folder(videos, tmp_path / "features", SETTINGS)
    assert [(o.video.name, o.steps, o.error) for o in outcomes] == [
        ("a.mp4", 2, None),
        ("b.mp4", 2, None),
        ("c.mp4", 2, None),
    ]
    assert np.load(tmp_path / "features" / "b.npy").shape == (2, 48)
    about = read_video_features(tmp_path / "features" / "b.npy")
    assert about is not None
    assert (about.fps, about.frames, about.source) == (25.0, 21, "b.mp4")
    recipe = json.loads((tmp_path / "features" / "features.json").read_text())
    assert (recipe["backbone"], recipe["clip_stride"], recipe["crop"]) == ("means", 4, "center 28")


def test_what_is_done_is_skipped_and_what_changed_is_made_again(videos: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "features"
    extract_folder(videos[:1], folder, SETTINGS)
    write_video(videos[0], np.zeros((30, 48, 64, 3), dtype=np.uint8), fps=25)
    extract_folder(videos[1:2], folder, SETTINGS)
    outcomes = extract_folder(videos, folder, SETTINGS)
    assert [outcome.skipped for outcome in outcomes] == [False, True, False]
    assert outcomes[0].steps == 4
    assert np.load(folder / "c.npy").shape == (2, 48)


@pytest.mark.parametrize("name", ["b.npy", "b.json"])
def test_what_something_else_left_is_not_replaced(name: str, videos: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / name).write_bytes(b"left by something else")
    with pytest.raises(InputError, match=rf"{name}: is there already, and `logotal extract` did not write it"):
        extract_folder(videos, folder, SETTINGS)
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_bytes() == b"left by something else"


def test_a_bad_video_is_named_and_the_rest_is_kept(videos: list[Path], tmp_path: Path) -> None:
    videos[1].write_bytes(b"")
    outcomes = extract_folder(videos, tmp_path / "features", SETTINGS)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert "b.mp4" in str(outcomes[1].error)
    assert not (tmp_path / "features" / "b.npy").exists()


def test_features_of_another_recipe_are_not_mixed_in(videos: list[Path], tmp_path: Path) -> None:
    extract_folder(videos[:1], tmp_path / "features", SETTINGS)
    with pytest.raises(
        InputError, match=r"another recipe \(crop is 'center 28', expected 'ten 28'\); choose another folder"
    ):
        extract_folder(videos, tmp_path / "features", TinySettings("means", changes={"crops": "ten"}))


def test_two_videos_of_one_name_are_refused(videos: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "a.mkv"
    other.write_bytes(videos[0].read_bytes())
    with pytest.raises(InputError, match=r"would both become a\.npy; rename one"):
        find_videos([videos[0], other])
    assert find_videos([videos[0], videos[0].parent]) == videos


def test_a_folder_without_videos_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no videos in this folder; expected files ending in"):
        find_videos([tmp_path])
    with pytest.raises(InputError, match=r"nowhere\.mp4: no such file or folder"):
        find_videos([tmp_path / "nowhere.mp4"])


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_parts_of_videos_and_ends_at_all_of_them(
    videos: list[Path], tmp_path: Path, workers: int
) -> None:
    write_video(videos[0], np.zeros((400, 48, 64, 3), dtype=np.uint8), fps=25)
    videos[1].write_bytes(b"")
    told: list[tuple[float, int]] = []
    extract_folder(
        videos,
        tmp_path / "features",
        SETTINGS,
        workers=workers,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (pytest.approx(3), 3)
    if workers == 1:
        assert len(told) > 10  # of which most within the long one
    assert all(before <= after for before, after in pairwise(told))


def test_processes_take_the_devices_in_turn(videos: list[Path], tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    settings = NotedSettings("means", weights=notes, device="first")
    outcomes = extract_folder(videos, tmp_path / "features", settings, workers=3, devices=("second", "third"))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    noted = {note.name: note.read_text() for note in notes.iterdir()}
    assert noted.pop(str(os.getpid())) == "first"
    assert sorted(noted.values()) == ["second", "second", "third"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("once", [True, False])
def test_the_videos_of_a_killed_process_are_tried_once_more_and_the_others_are_made(
    videos: list[Path], tmp_path: Path, once: bool
) -> None:
    notes = tmp_path / "notes"
    if once:
        notes.mkdir()
    told: list[float] = []
    noted: list[Outcome] = []
    outcomes = extract_folder(
        videos,
        tmp_path / "features",
        DeadlySettings("means", weights=notes),
        workers=2,
        progress=lambda done, total: told.append(done),
        note=noted.append,
    )
    assert [outcome.video for outcome in outcomes] == videos
    assert sorted(outcome.video for outcome in noted) == videos
    assert [outcome.steps for outcome in outcomes] == [2, 2 * once, 2]
    assert outcomes[1].error == (
        None
        if once
        else f"{videos[1]}: a process of the extraction was ended from outside, mostly for want of memory, twice; free "
        "some, or leave this video out"
    )
    assert max(told) <= 3
    assert not [path for path in (tmp_path / "features").iterdir() if path.name.startswith(".")]


def test_a_dry_run_looks_at_each_video_that_is_left_and_writes_nothing(videos: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "features"
    dry = extract_folder(videos, folder, SETTINGS, dry=True)
    assert [(outcome.steps, outcome.skipped, outcome.error) for outcome in dry] == [(0, False, None)] * 3
    assert [outcome.duration for outcome in dry] == pytest.approx([20 / 25, 21 / 25, 22 / 25])
    assert not folder.exists()

    extract_folder(videos[:1], folder, SETTINGS)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    videos[1].write_bytes(b"no video")
    dry = extract_folder(videos, folder, SETTINGS, dry=True)
    assert [(outcome.skipped, outcome.error is None) for outcome in dry] == [
        (True, True),
        (False, False),
        (False, True),
    ]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    with pytest.raises(InputError, match="holds features of another recipe"):
        extract_folder(videos, folder, TinySettings("means", changes={"crops": "ten"}), dry=True)
