"""Streams that are joined, and names that tools lengthen."""

from pathlib import Path

import numpy as np
import pytest

from logotal.data.names import match_names
from logotal.errors import InputError
from tests.importing.files import ALL, SECONDS, annotations, features, imported, same

GRID = {"fps": 30, "stride": 4, "window": 16}


def save_streams(folder: Path, **changes: dict[str, np.ndarray]) -> list[Path]:
    """Folders rgb and flow with a file a video; `changes` are files that differ, by folder."""
    for stream, channels in (("rgb", 6), ("flow", 3)):
        (folder / stream).mkdir(parents=True)
        for name in SECONDS:
            np.save(folder / stream / f"{name}.npy", features(name, channels))
        for name, array in changes.get(stream, {}).items():
            np.save(folder / stream / f"{name}.npy", array)
    return [folder / "rgb", folder / "flow"]


def joined(cut: dict[str, int] | None = None) -> dict[str, np.ndarray]:
    lengths = {name: len(ALL[name]) for name in SECONDS} | (cut or {})
    return {name: np.c_[features(name, 6), features(name, 3)][: lengths[name]] for name in SECONDS}


def test_streams_are_joined_along_the_channels_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    rgb, flow = save_streams(tmp_path)
    found, _ = imported([rgb, flow], tmp_path / "out", join=True, **GRID)
    same(tmp_path / "out", joined())
    assert found.channels == 9
    imported([flow, rgb], tmp_path / "other", join=True, **GRID)
    same(tmp_path / "other", {name: np.c_[array[:, 6:], array[:, :6]] for name, array in joined().items()})


def test_streams_that_differ_by_a_step_are_cut_and_told(tmp_path: Path) -> None:
    streams = save_streams(tmp_path, flow={"day": features("day", 3)[:-1]})
    _, told = imported(streams, tmp_path / "out", join=True, annotations=annotations(tmp_path))
    same(tmp_path / "out", joined({"day": 380}))
    assert told.says("streams of 1 video differ in length and are cut", "day (381, 380)")


def test_streams_that_differ_by_more_are_refused(tmp_path: Path) -> None:
    streams = save_streams(tmp_path, flow={"day": features("day", 3)[:-3]})
    with pytest.raises(InputError, match=r"differ by more than 2 steps \(day: 381, 378\); extract with one stride"):
        imported(streams, tmp_path / "out", join=True, **GRID)


def test_each_stream_lies_in_its_own_way(tmp_path: Path) -> None:
    rgb, _ = save_streams(tmp_path)
    np.savez(tmp_path / "flow.npz", **{name: features(name, 3).T for name in SECONDS})
    imported([rgb, tmp_path / "flow.npz"], tmp_path / "out", join=True, **GRID)
    same(tmp_path / "out", joined())


def test_a_video_that_one_stream_lacks_is_named(tmp_path: Path) -> None:
    rgb, flow = save_streams(tmp_path)
    (flow / "day.npy").unlink()
    found, told = imported([rgb, flow], tmp_path / "out", join=True, **GRID)
    assert sorted(found.steps) == ["match_1", "match_2"]
    assert told.says("left out 1 video that not all streams have", "day (not in stream 2)")


def test_names_that_end_in_their_stream_are_matched(tmp_path: Path) -> None:
    streams = save_streams(tmp_path)
    for stream in streams:
        for path in stream.iterdir():
            path.rename(path.with_stem(f"{path.stem}-{stream.name}"))
    imported(streams, tmp_path / "out", join=True, **GRID)
    same(tmp_path / "out", joined())
    imported(streams, tmp_path / "known", join=True, annotations=annotations(tmp_path))
    same(tmp_path / "known", joined())


def test_join_needs_two_streams(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--join: expected two streams or more"):
        imported(save_streams(tmp_path)[0], tmp_path / "out", join=True, **GRID)


def test_two_streams_in_one_folder_are_refused(tmp_path: Path) -> None:
    for stream in ("rgb", "flow"):
        for name in SECONDS:
            np.save(tmp_path / f"{name}_{stream}.npy", features(name))
    with pytest.raises(
        InputError, match=r"more than one form: VIDEO_flow \(day_flow\); VIDEO_rgb .*streams with --join"
    ):
        imported(tmp_path, tmp_path / "out", annotations=annotations(tmp_path / ".."))


@pytest.mark.parametrize(
    ("name", "video"),
    [
        ("match_1", "match_1"),
        ("v_match_1", "match_1"),
        ("day", "v_day"),
        ("day_i3d", "v_day"),
        ("match_1_i3d", "match_1"),
        ("match_1-rgb", "match_1"),
        ("match_1.mp4", "match_1"),
        ("rgb_match_1", "match_1"),
        ("match_1DLC_resnet50_projMar1shuffle1_100000", "match_1"),
        ("labels.v001.000_match_1", "match_1"),
        ("match_10", "match_10"),
        ("match_10_i3d", "match_10"),
        ("ma\u0308rz", "m\u00e4rz"),
    ],
)
def test_names_with_what_tools_add_are_those_of_their_videos(name: str, video: str) -> None:
    ids = ["match_1", "match_10", "v_day", "m\u00e4rz"]
    assert match_names([name], ids).videos == {name: video}


@pytest.mark.parametrize("name", ["match_2", "match_11", "match_1_2", "rematch", "days", "day2", "match"])
def test_names_of_other_videos_are_not_taken_for_longer_ones(name: str) -> None:
    assert match_names([name], ["match_1", "day"]).unmatched == (name,)


def test_what_is_matched_and_what_is_not_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in SECONDS:
        np.save(tmp_path / "in" / f"{name}_i3d.npy", ALL[name])
    np.save(tmp_path / "in" / "stranger_i3d.npy", ALL["day"])
    _, told = imported(tmp_path / "in", tmp_path / "out", annotations=annotations(tmp_path, night=9.0))
    same(tmp_path / "out", ALL)
    assert told.says("3 names of the form VIDEO_i3d matched to videos")
    assert told.says("left out 1 file of no known video", "stranger_i3d.npy")
    assert told.says("1 video without features: 'night'")


def test_the_prefix_of_activitynet_may_be_missing_on_either_side(tmp_path: Path) -> None:
    np.savez(tmp_path / "with.npz", **{f"v_{name}": array for name, array in ALL.items()})
    np.savez(tmp_path / "without.npz", **ALL)
    imported(tmp_path / "with.npz", tmp_path / "a", annotations=annotations(tmp_path))
    same(tmp_path / "a", ALL)
    imported(tmp_path / "without.npz", tmp_path / "b", annotations=annotations(tmp_path, prefix="v_"))
    same(tmp_path / "b", {f"v_{name}": array for name, array in ALL.items()})


def test_no_name_of_a_video_is_an_error_and_so_are_two_files_of_one(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ALL["day"])
    with pytest.raises(InputError, match=r"none of 1 name fits a video: found 'x'; the videos are 'day', 'match_1'"):
        imported(tmp_path / "x.npy", tmp_path / "out", annotations=annotations(tmp_path))
    np.save(tmp_path / "day.npy", ALL["day"])
    np.save(tmp_path / "v_day.npy", ALL["day"])
    with pytest.raises(InputError, match=r"day\.npy and .*v_day\.npy are both of 'day'"):
        imported([tmp_path / "day.npy", tmp_path / "v_day.npy"], tmp_path / "out", annotations=annotations(tmp_path))
