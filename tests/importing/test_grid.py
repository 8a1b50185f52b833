"""The grid: told or measured, and refused where the durations disagree; and the folder that is written."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from logotal.data.feature_recipe import read_feature_recipe, read_video_features
from logotal.data.measure import fitting_rates, fitting_strides
from logotal.errors import InputError
from logotal.video.writer import write_video
from tests.importing.files import ALL, SECONDS, annotations, imported, same


def save(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def of_lengths(lengths: dict[str, int]) -> dict[str, np.ndarray]:
    return {name: np.ones((length, 5), np.float32) for name, length in lengths.items()}


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 5, 8, 15, 16, 30])
@pytest.mark.parametrize("clips", [1, 2, 4])
def test_the_stride_is_measured_whatever_the_window_and_the_padding(stride: int, clips: int) -> None:
    frames = [431.0, 1177.0, 2900.0, 8111.0]
    cut = [int((length - clips * stride) // stride) + 1 for length in frames]
    filled = [int(-(-length // stride)) for length in frames]
    assert fitting_strides([length + 0.7 for length in frames], cut) == [stride]
    assert fitting_strides(frames, filled) == [stride]


def test_a_long_window_is_measured_where_it_is_told() -> None:
    frames = [431.0, 1177.0, 2900.0]
    steps = [int((length - 64) // 8) + 1 for length in frames]
    assert fitting_strides(frames, steps) == []
    assert fitting_strides(frames, [int((length - 16) // 2) + 1 for length in frames]) == [2]  # as long as usual
    assert fitting_strides(frames, steps, window=64) == [8]


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 4.0, 25.0])
def test_a_rate_is_measured_where_no_frame_rate_is_known(rate: float) -> None:
    seconds = [31.2, 77.7, 204.9]
    assert fitting_rates(seconds, [int(length * rate) for length in seconds]) == [rate]


def test_one_frame_rate_does_not_have_to_be_that_of_all_videos(tmp_path: Path) -> None:
    path = annotations(tmp_path)
    truth = json.loads(path.read_text())
    rates = {"match_1": 25.0, "match_2": 29.97, "day": 60.0}
    for name, rate in rates.items():
        truth["database"][name]["fps"] = rate
    path.write_text(json.dumps(truth))
    lengths = {name: int((SECONDS[name] * rates[name] - 16) // 8) + 1 for name in SECONDS}
    found, _ = imported(save(tmp_path / "in", of_lengths(lengths)), tmp_path / "out", annotations=path, window=16)
    assert (found.grid.stride, found.grid.rates) == (8, rates)
    about = read_video_features(tmp_path / "out" / "day.npy")
    assert about is not None
    assert (about.fps, about.duration, about.source) == (60.0, 51.2, "day.npy")
    assert read_feature_recipe(tmp_path / "out") == {
        "origin": "imported",
        "channels": 5,
        "fps": None,
        "clip_stride": 8,
        "clip_frames": 16,
    }


def test_a_rate_that_is_told_rules(tmp_path: Path) -> None:
    lengths = {name: int((seconds * 25 - 16) // 8) + 1 for name, seconds in SECONDS.items()}
    found, _ = imported(
        save(tmp_path / "in", of_lengths(lengths)),
        tmp_path / "out",
        annotations=annotations(tmp_path),
        fps=25,
        window=16,
    )
    assert (found.grid.stride, found.grid.fps, set(found.grid.rates.values())) == (8, 25, {25})


def test_without_frame_rates_each_step_counts_as_a_frame(tmp_path: Path) -> None:
    lengths = {name: int(2 * seconds) for name, seconds in SECONDS.items()}
    path = annotations(tmp_path, fps=None)
    found, told = imported(save(tmp_path / "in", of_lengths(lengths)), tmp_path / "out", annotations=path)
    assert (found.grid.stride, found.grid.window, found.grid.fps) == (1, 1, 2.0)
    assert told.says("2 steps a second fit all durations")


def test_without_frame_rates_and_a_usual_rate_there_is_a_question(tmp_path: Path) -> None:
    lengths = {name: int(3.7 * seconds) for name, seconds in SECONDS.items()}
    with pytest.raises(InputError, match=r"about 3\.\d+ steps a second, and no usual number fits all files; say --fps"):
        imported(
            save(tmp_path / "in", of_lengths(lengths)), tmp_path / "out", annotations=annotations(tmp_path, fps=None)
        )


def test_a_file_that_disagrees_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    arrays = ALL | {"day": ALL["day"][:300]}
    folder = save(tmp_path / "in", arrays)
    with pytest.raises(InputError, match=r"does not fit 1 of 3 files \(day: 300 steps in 1,536 frames\); mend"):
        imported(folder, tmp_path / "out", annotations=annotations(tmp_path))
    with pytest.raises(InputError, match=r"a step every 4 frames does not fit 1 of 3 files \(day"):
        imported(folder, tmp_path / "out", annotations=annotations(tmp_path), stride=4)
    assert not (tmp_path / "out").exists()


def test_a_stride_that_is_told_and_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a step every 8 frames does not fit 3 of 3 files"):
        imported(save(tmp_path / "in", ALL), tmp_path / "out", annotations=annotations(tmp_path), stride=8)


def test_videos_too_short_to_tell_strides_apart_are_asked_about(tmp_path: Path) -> None:
    path = annotations(tmp_path)
    folder = save(tmp_path / "in", of_lengths({"match_1": 9, "day": 24}))
    with pytest.raises(
        InputError, match=r"steps every 59, .*64, 65 and 66 frames fit the durations, which are too short"
    ):
        imported(folder, tmp_path / "out", annotations=path)
    found, _ = imported(folder, tmp_path / "out", annotations=path, stride=64)
    assert found.grid.stride == 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "the frame rate of 'day', .* is not known; say --fps"),
        ({"fps": 30}, "the stride is not known; say it with --stride"),
        ({"fps": 0, "stride": 4}, "--fps 0: expected a number above 0"),
        ({"fps": 30, "stride": -1}, "--stride -1: expected a number above 0"),
    ],
)
def test_what_is_neither_told_nor_known_is_asked_for(tmp_path: Path, options: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        imported(save(tmp_path / "in", ALL), tmp_path / "out", **options)


def test_videos_say_their_length_and_rate_themselves(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    lengths = {"a": 90, "b": 147}
    for name, frames in lengths.items():
        pictures = (np.zeros((32, 32, 3), np.uint8) for _ in range(frames))
        write_video(tmp_path / "videos" / f"{name}.mp4", pictures, fps=25)
    folder = save(tmp_path / "in", of_lengths({name: frames // 5 for name, frames in lengths.items()}))
    found, _ = imported(folder, tmp_path / "out", videos=tmp_path / "videos")
    assert (found.grid.stride, set(found.grid.rates.values())) == (5, {25.0})
    about = read_video_features(tmp_path / "out" / "a.npy")
    assert about is not None
    assert about.duration == pytest.approx(3.6)


# The folder


def test_nothing_is_written_over_unless_that_is_said(tmp_path: Path) -> None:
    folder, grid = save(tmp_path / "in", ALL), {"fps": 30, "stride": 4}
    imported(folder, tmp_path / "out", **grid)
    with pytest.raises(InputError, match=r"holds 'day\.npy', 'day\.json', .* already; .*--overwrite"):
        imported(folder, tmp_path / "out", **grid)
    save(folder, {name: 2 * array for name, array in ALL.items()})
    imported(folder, tmp_path / "out", overwrite=True, **grid)
    same(tmp_path / "out", {name: 2 * array for name, array in ALL.items()})


def test_a_second_import_adds_to_a_folder_of_the_same_grid_and_to_no_other(tmp_path: Path) -> None:
    save(tmp_path / "in", ALL)
    imported([tmp_path / "in" / f"{name}.npy" for name in ("match_1", "day")], tmp_path / "out", fps=30, stride=4)
    (tmp_path / "late").mkdir()
    np.save(tmp_path / "late" / "match_2.npy", ALL["match_2"])
    for stride in (8, 4):
        options = {"fps": 30, "stride": stride, "layout": "TC"}
        if stride == 8:
            with pytest.raises(InputError, match="features of another recipe"):
                imported(tmp_path / "late", tmp_path / "out", overwrite=True, **options)
        else:
            imported(tmp_path / "late", tmp_path / "out", **options)
    same(tmp_path / "out", ALL)


def test_all_files_of_another_grid_may_be_replaced(tmp_path: Path) -> None:
    save(tmp_path / "in", ALL)
    imported(tmp_path / "in", tmp_path / "out", fps=30, stride=4)
    imported(tmp_path / "in", tmp_path / "out", fps=30, stride=8, overwrite=True)
    recipe = read_feature_recipe(tmp_path / "out")
    assert recipe is not None
    assert recipe["clip_stride"] == 8


def test_a_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    folder = save(tmp_path / "in", {name: array.T for name, array in ALL.items()})
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match=r"is read, and would be written over as .*; choose another --out"):
        imported(folder, folder, fps=30, stride=4, overwrite=True)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(InputError, match="is read, and would be written over"):
        imported(folder, tmp_path / "link", fps=30, stride=4, overwrite=True)
    (tmp_path / "hard").mkdir()
    os.link(folder / "day.npy", tmp_path / "hard" / "day.npy")
    with pytest.raises(InputError, match="is read, and would be written over"):
        imported(folder, tmp_path / "hard", fps=30, stride=4, overwrite=True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_annotations_called_like_a_sidecar_are_never_written_over(tmp_path: Path) -> None:
    path = annotations(tmp_path)
    text = path.read_text().replace('"day"', '"truth"')
    path.write_text(text)
    folder = save(tmp_path / "in", {"truth": ALL["day"], "match_1": ALL["match_1"]})
    with pytest.raises(InputError, match=r"truth\.json is read, and would be written over"):
        imported(folder, tmp_path, annotations=path, overwrite=True)
    assert path.read_text() == text


def test_ids_that_are_no_file_names_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", **{"..": ALL["day"], "b": ALL["match_1"]})
    with pytest.raises(InputError, match=r"video id '\.\.' is not a file name"):
        imported(tmp_path / "all.npz", tmp_path / "out", fps=30, stride=4)
