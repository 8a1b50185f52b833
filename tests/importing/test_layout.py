"""Which axis is time, and what is refused where nothing shows it."""

from pathlib import Path

import numpy as np
import pytest

from logotal.errors import InputError
from tests.importing.files import ALL, annotations, imported, same

SHAPES = {
    "(T, C)": lambda array: array,
    "(C, T)": lambda array: array.T,
    "(1, T, C, 1, 1)": lambda array: array[None, :, :, None, None],
    "(T, C, 1, 1)": lambda array: array[:, :, None, None],
    "(1, C, T)": lambda array: array.T[None],
    "(1, T, C)": lambda array: array[None],
    "(T, 1, C)": lambda array: array[:, None],
    "(C, T, 1, 1, 1)": lambda array: array.T[:, :, None, None, None],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("known", [True, False])
def test_several_files_show_the_axis_of_time_by_the_other_one(tmp_path: Path, shape: str, known: bool) -> None:
    np.savez(tmp_path / "all.npz", **{name: SHAPES[shape](array) for name, array in ALL.items()})
    where = {"annotations": annotations(tmp_path)} if known else {"fps": 30, "stride": 4, "window": 16, "key": "*"}
    _, told = imported(tmp_path / "all.npz", tmp_path / "out", **where)
    same(tmp_path / "out", ALL)
    assert told.says("read as (C, T)" if shape.startswith(("(C", "(1, C")) else "read as (T, C)", "all files have 6")


@pytest.mark.parametrize("turn", [True, False])
def test_a_single_file_shows_it_by_its_duration(tmp_path: Path, turn: bool) -> None:
    array = np.random.default_rng(0).normal(size=(248, 512)).astype(np.float32)
    np.save(tmp_path / "match_2.npy", array.T if turn else array)
    _, told = imported(tmp_path / "match_2.npy", tmp_path / "out", annotations=annotations(tmp_path), window=16)
    same(tmp_path / "out", {"match_2": array})
    assert told.says("read as (C, T)" if turn else "read as (T, C)", "the other reading does not fit the durations")


def test_a_single_file_without_a_duration_is_refused_with_both_readings(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((248, 512)))
    readings = r"may be 248 steps of 512 channels \(--layout TC\) or 512 steps of 248 channels \(--layout CT\)"
    with pytest.raises(InputError, match=readings + ", and nothing tells them apart; say which"):
        imported(tmp_path / "a.npy", tmp_path / "out", fps=30, stride=4)
    found, _ = imported(tmp_path / "a.npy", tmp_path / "ct", fps=30, stride=4, layout="CT")
    assert (found.steps, found.channels) == ({"a": 512}, 248)
    found, _ = imported(tmp_path / "a.npy", tmp_path / "tc", fps=30, stride=4, layout="TC")
    assert (found.steps, found.channels) == ({"a": 248}, 512)


def test_a_square_file_fits_in_both_readings_and_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "match_1.npy", np.zeros((147, 147)))
    with pytest.raises(InputError, match="both fit the durations; say which"):
        imported(tmp_path / "match_1.npy", tmp_path / "out", annotations=annotations(tmp_path))


def test_a_layout_that_is_told_must_leave_one_number_of_channels(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", **ALL)
    with pytest.raises(InputError, match=r"number of channels in all files as --layout CT says, found \(147, 6\)"):
        imported(tmp_path / "all.npz", tmp_path / "out", annotations=annotations(tmp_path), layout="CT")
    with pytest.raises(InputError, match="--layout 'CTX': expected TC, CT"):
        imported(tmp_path / "all.npz", tmp_path / "out", layout="CTX")


def test_files_of_different_channels_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", match_1=ALL["match_1"], day=np.zeros((381, 9)))
    with pytest.raises(InputError, match=r"\(147, 6\) in .*match_1 and \(381, 9\) in .*day; import each kind"):
        imported(tmp_path / "all.npz", tmp_path / "out", annotations=annotations(tmp_path))


def test_ten_crops_are_refused_with_what_to_do(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((50, 10, 64), np.float32))
    with pytest.raises(InputError, match=r"found \(50, 10, 64\); average over the other axes"):
        imported(tmp_path / "a.npy", tmp_path / "out", fps=30, stride=4)


def test_files_resized_to_one_length_are_refused_unless_the_axis_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ALL:
        np.save(tmp_path / "in" / f"{name}.npy", np.zeros((100, 40), np.float32))
    with pytest.raises(InputError, match=r"100 steps of 40 channels .* neither fits the durations"):
        imported(tmp_path / "in", tmp_path / "out", annotations=annotations(tmp_path))
    found, told = imported(tmp_path / "in", tmp_path / "out", annotations=annotations(tmp_path), layout="TC")
    assert found.settings() == "data.clip_stride: null"
    assert told.says("all have 100 steps, which span the videos evenly")


def test_tables_that_name_their_columns_have_steps_in_rows(tmp_path: Path) -> None:
    header = ",".join(f"rgb-{number}" for number in range(4))
    for name in ALL:
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *["1,2,3,4"] * 100]) + "\n")
    _, told = imported([tmp_path / f"{n}.csv" for n in ALL], tmp_path / "out", annotations=annotations(tmp_path))
    assert told.says("read as (T, C)", "the tables name their columns")
