"""Each form of a file of arrays, written by the library that people write it with."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from logotal.errors import InputError
from tests.importing.files import ALL, SECONDS, annotations, features, imported, same


def save_npz(path: Path, array: np.ndarray) -> None:
    np.savez(path, feats=array)


def save_packed(path: Path, array: np.ndarray) -> None:
    np.savez_compressed(path, array)


def save_torch(path: Path, array: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    torch.save(torch.from_numpy(array), path)


def save_in_a_dict(path: Path, array: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"features": torch.from_numpy(array), "fps": 30, "video": "anything"}, path)


def save_hdf(path: Path, array: np.ndarray) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["features"] = array


def save_csv(path: Path, array: np.ndarray) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([f"rgb-{number}" for number in range(array.shape[1])])
        table.writerows(array.tolist())


def save_text(path: Path, array: np.ndarray) -> None:
    np.savetxt(path, array)


FORMS: list[tuple[str, Callable[[Path, np.ndarray], object]]] = [
    (".npy", np.save),
    (".npz", save_npz),
    (".npz", save_packed),
    (".pt", save_torch),
    (".pth", save_in_a_dict),
    (".h5", save_hdf),
    (".hdf5", save_hdf),
    (".csv", save_csv),
    (".txt", save_text),
]


@pytest.mark.parametrize(("suffix", "save"), FORMS)
def test_a_file_a_video_becomes_the_same_features(tmp_path: Path, suffix: str, save: Callable) -> None:
    (tmp_path / "in").mkdir()
    for name, array in ALL.items():
        save(tmp_path / "in" / f"{name}{suffix}", array)
    found, told = imported(tmp_path / "in", tmp_path / "out", annotations=annotations(tmp_path))
    same(tmp_path / "out", ALL)
    assert (found.grid.stride, found.channels, dict(found.steps)) == (4, 6, {n: len(a) for n, a in ALL.items()})
    assert told.says("a step every 4 frames fits all durations", "--window")


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int16])
def test_numbers_of_any_kind_become_float32(tmp_path: Path, dtype: type) -> None:
    arrays = {name: (10 * array).astype(dtype) for name, array in ALL.items()}
    np.savez(tmp_path / "all.npz", **arrays)
    imported(tmp_path / "all.npz", tmp_path / "out", fps=30, stride=4, window=16)
    same(tmp_path / "out", arrays)


def test_a_group_a_video_as_the_c3d_features_of_activitynet_have_it(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "c3d.hdf5", "w") as file:
        for name, array in ALL.items():
            file[f"v_{name}/c3d_features"] = array
    imported(tmp_path / "c3d.hdf5", tmp_path / "out", annotations=annotations(tmp_path))
    same(tmp_path / "out", ALL)
    imported(tmp_path / "c3d.hdf5", tmp_path / "plain", fps=30, stride=4)
    same(tmp_path / "plain", {f"v_{name}": array for name, array in ALL.items()})


def test_of_several_arrays_a_video_one_is_named(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "two.h5", "w") as file:
        for name, array in ALL.items():
            file[f"{name}/rgb"] = array
            file[f"{name}/flow"] = 2 * array
            file[f"{name}/title"] = b"a title"
    with pytest.raises(InputError, match=r"expected one array for each video, found 'day/flow', .*say --key NAME"):
        imported(tmp_path / "two.h5", tmp_path / "out", fps=30, stride=4)
    _, told = imported(tmp_path / "two.h5", tmp_path / "out", key="flow", annotations=annotations(tmp_path))
    same(tmp_path / "out", {name: 2 * array for name, array in ALL.items()})
    assert told.says("left out", "'day/title'")
    with pytest.raises(InputError, match=r"--key 'audio' is not in the file, which has 'day/flow'"):
        imported(tmp_path / "two.h5", tmp_path / "other", key="audio", fps=30, stride=4)


def test_keys_that_may_be_videos_or_parts_of_one_are_asked_for(tmp_path: Path) -> None:
    array = ALL["day"]
    np.savez(tmp_path / "day.npz", first=array, second=array)
    with pytest.raises(InputError, match=r"2 arrays \('first', 'second'\), which may be parts of one video or a video"):
        imported(tmp_path / "day.npz", tmp_path / "out", fps=30, stride=4, layout="TC")
    imported(tmp_path / "day.npz", tmp_path / "each", fps=30, stride=4, layout="TC", key="*")
    same(tmp_path / "each", {"first": array, "second": array})
    imported(tmp_path / "day.npz", tmp_path / "one", fps=30, stride=4, layout="TC", key="second")
    same(tmp_path / "one", {"day": array})


def test_streams_under_names_of_streams_are_never_videos(tmp_path: Path) -> None:
    np.savez(tmp_path / "day.npz", rgb=features("day", 4), flow=features("day", 6))
    with pytest.raises(InputError, match=r"'rgb', 'flow'.*say --key NAME"):
        imported(tmp_path / "day.npz", tmp_path / "out", fps=30, stride=4)


def test_a_table_of_numbers_with_a_counter_has_one_channel_less_and_that_is_told(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    for name, array in ALL.items():
        pandas.DataFrame(array).to_csv(tmp_path / f"{name}.csv")  # a header of numbers, and an index
    files = [tmp_path / f"{name}.csv" for name in ALL]
    _, told = imported(files, tmp_path / "out", annotations=annotations(tmp_path))
    same(tmp_path / "out", ALL)
    assert told.says("left out 'the first column'")


def test_a_header_of_numbers_alone_is_no_step(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    for name, array in ALL.items():
        pandas.DataFrame(array).to_csv(tmp_path / f"{name}.csv", index=False)
    imported([tmp_path / f"{name}.csv" for name in ALL], tmp_path / "out", annotations=annotations(tmp_path))
    same(tmp_path / "out", ALL)


def test_words_in_a_table_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one,two,mood\n1,2,good\n3,4,bad\n")
    with pytest.raises(InputError, match=r"found 'good' in column 'mood', row 1; remove the column"):
        imported(tmp_path / "a.csv", tmp_path / "out", fps=30, stride=4)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_values_that_are_not_finite_are_named_and_nothing_is_written(tmp_path: Path, value: float) -> None:
    arrays = {name: array.astype(np.float64) for name, array in ALL.items()}
    arrays["match_2"][7, 1] = value
    np.savez(tmp_path / "all.npz", **arrays)
    with pytest.raises(InputError, match=r"1 file cannot be used: .*all.npz:match_2.* the first is step 7; mend it"):
        imported(tmp_path / "all.npz", tmp_path / "out", annotations=annotations(tmp_path))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5", "a.pt", "a.csv", "a.txt"])
def test_a_broken_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x93NUM\x00PK\xff\xfe broken")
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        imported(tmp_path / name, tmp_path / "out", fps=30, stride=4)


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"x": 1}], object), allow_pickle=True)
    np.savez(tmp_path / "b.npz", a=np.array([[{"x": 1}]], object))
    for name in ("a.npy", "b.npz"):
        with pytest.raises(InputError, match=r"it holds Python objects|expected arrays of numbers"):
            imported(tmp_path / name, tmp_path / "out", fps=30, stride=4)


def test_other_files_of_a_folder_are_told_and_others_that_are_named_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "day.npy", ALL["day"])
    (tmp_path / "readme.md").write_text("features")
    _, told = imported(tmp_path, tmp_path / "out", fps=30, stride=4, layout="TC")
    assert told.says("left out 'readme.md'")
    with pytest.raises(InputError, match=r"readme\.md: expected a file ending in \.npy"):
        imported(tmp_path / "readme.md", tmp_path / "out", fps=30, stride=4)
    with pytest.raises(InputError, match="no such file or folder"):
        imported(tmp_path / "nothing", tmp_path / "out", fps=30, stride=4)


def test_h5py_is_asked_for_by_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    (tmp_path / "a.h5").write_bytes(b"")
    with pytest.raises(InputError, match=r"HDF5 files need h5py: pip install 'logotal\[h5\]'"):
        imported(tmp_path / "a.h5", tmp_path / "out", fps=30, stride=4)


def test_the_lengths_of_the_videos_here_are_what_an_extractor_makes() -> None:
    assert {name: len(ALL[name]) for name in SECONDS} == {"match_1": 147, "match_2": 248, "day": 381}
