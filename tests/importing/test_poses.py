"""Poses of DeepLabCut, SLEAP and MediaPipe in files written by hand, and what the features say of them."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from logotal.data.feature_recipe import read_feature_recipe
from logotal.errors import InputError
from tests.importing.files import imported

T = 40
GRID = {"fps": 25.0}


def walk(offset: float = 0.0, points: int = 3) -> np.ndarray:
    """Places (T, K, 2) of a body that moves to the right; its points keep their distances."""
    shape = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 60.0]])[:points]
    center = np.c_[np.linspace(100, 300, T), np.full(T, 200.0)] + offset
    return center[:, None] + shape


def by_hand(places: np.ndarray, there: np.ndarray | None = None, fps: float = 25.0) -> np.ndarray:
    """The features of a body all of whose points are there in most frames: by the words of pose.py, step by step."""
    there = np.ones(places.shape[:2], bool) if there is None else there
    center = places.mean(axis=1)
    sizes = []
    for frame in range(len(places)):
        if there[frame].sum() > 1:
            apart = places[frame][there[frame]] - center[frame]
            sizes.append(np.sqrt((apart**2).sum(axis=1).mean()))
    size = np.median(sizes)
    rows = []
    for frame in range(len(places)):
        scaled = [
            (p - center[frame]) / size if seen else 0 * p for p, seen in zip(places[frame], there[frame], strict=True)
        ]
        before, after = center[max(frame - 1, 0)], center[min(frame + 1, len(places) - 1)]
        speed = (after - before) / (min(frame + 1, len(places) - 1) - max(frame - 1, 0)) * fps / size
        rows.append(np.concatenate([*scaled, there[frame].astype(float), speed * there[frame].any()]))
    return np.array(rows)


def deeplabcut_csv(path: Path, bodies: dict[str, np.ndarray], sure: float | np.ndarray = 0.99) -> Path:
    """A table as analyze_videos writes it; several animals have a row of individuals."""
    header: dict[str, list[str]] = {"scorer": [], "individuals": [], "bodyparts": [], "coords": []}
    columns = []
    for name, places in bodies.items():
        for point in range(places.shape[1]):
            header["scorer"] += ["DLC_resnet50"] * 3
            header["individuals"] += [name] * 3
            header["bodyparts"] += [("snout", "ear", "tail")[point]] * 3
            header["coords"] += ["x", "y", "likelihood"]
            columns += [*places[:, point].T, np.broadcast_to(sure, T) if point == 0 else np.full(T, 0.99)]
    if list(bodies) == [""]:
        del header["individuals"]
    lines = [",".join([level, *cells]) for level, cells in header.items()]
    cells = [["" if np.isnan(value) else repr(float(value)) for value in row] for row in np.array(columns).T]
    lines += [",".join([str(frame), *row]) for frame, row in enumerate(cells)]
    path.write_text("\n".join(lines) + "\n")
    return path


def made(folder: Path, name: str = "mouse") -> np.ndarray:
    return np.load(folder / f"{name}.npy")


def test_a_table_of_deeplabcut_is_centered_and_scaled(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "mouse.csv", {"": walk()})
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    assert (found.steps, found.channels, found.grid.stride, found.grid.window) == ({"mouse": T}, 3 * 3 + 2, 1, 1)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk()), atol=1e-5)
    recipe = read_feature_recipe(tmp_path / "out")
    assert recipe is not None
    assert recipe["poses"] == [{"bodies": [""], "points": ["snout", "ear", "tail"], "likelihood": 0.6}]


def test_neither_where_the_camera_stands_nor_how_large_the_picture_is_counts(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "a.csv", {"": walk()})
    deeplabcut_csv(tmp_path / "b.csv", {"": 3 * walk() + 70})
    imported([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out", "a"), made(tmp_path / "out", "b"), atol=1e-5)


def test_a_point_that_is_not_sure_is_missing_and_the_others_do_not_jump(tmp_path: Path) -> None:
    sure = np.where(np.arange(T) % 4 == 2, 0.5, 0.99)
    deeplabcut_csv(tmp_path / "mouse.csv", {"": walk()}, sure)
    imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    there = np.c_[sure > 0.6, np.ones((T, 2), bool)]
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk(), there), atol=1e-5)
    imported(tmp_path / "mouse.csv", tmp_path / "all", likelihood=0.4, **GRID)
    np.testing.assert_allclose(made(tmp_path / "all"), by_hand(walk()), atol=1e-5)


def test_a_body_that_is_nowhere_is_zeros(tmp_path: Path) -> None:
    places = walk()
    places[10:20] = np.nan
    deeplabcut_csv(tmp_path / "mouse.csv", {"": places})
    imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    features = made(tmp_path / "out")
    assert (features[10:20] == 0).all()
    assert features[:10, 6:9].all()
    assert features[20:, 6:9].all()


def test_animals_are_joined_with_where_they_are_among_each_other(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "mouse.csv", {"ann": walk(), "bob": walk(50)})
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    assert found.channels == 2 * (11 + 2)
    features = made(tmp_path / "out")
    np.testing.assert_allclose(features[:, :11], by_hand(walk()), atol=1e-5)
    np.testing.assert_allclose(features[:, 11:22], by_hand(walk(50)), atol=1e-5)
    shape = walk()[0] - walk()[0].mean(axis=0)
    size = np.sqrt((shape**2).sum(axis=1).mean())
    np.testing.assert_allclose(features[:, 22:], [[-25 / size] * 2 + [25 / size] * 2] * T, atol=1e-5)


def test_animals_may_be_chosen_or_have_a_file_each(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "mouse.csv", {"ann": walk(), "bob": 2 * walk(50)})
    imported(tmp_path / "mouse.csv", tmp_path / "one", individuals=("bob",), **GRID)
    np.testing.assert_allclose(made(tmp_path / "one"), by_hand(2 * walk(50)), atol=1e-5)
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "each", apart=True, **GRID)
    assert sorted(found.steps) == ["mouse__ann", "mouse__bob"]
    np.testing.assert_allclose(made(tmp_path / "each", "mouse__ann"), by_hand(walk()), atol=1e-5)
    with pytest.raises(InputError, match=r"--individuals 'eve' is not in the file, which has 'ann', 'bob'"):
        imported(tmp_path / "mouse.csv", tmp_path / "out", individuals=("eve",), **GRID)


def test_files_of_other_animals_are_not_joined(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "a.csv", {"ann": walk(), "bob": walk(50)})
    deeplabcut_csv(tmp_path / "b.csv", {"ann": walk(), "eve": walk(50)})
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(
        InputError, match=r"other bodies or points \(ann of 3 points, bob of 3 points; ann of 3 points, eve"
    ):
        imported(files, tmp_path / "out", **GRID)
    found, _ = imported(files, tmp_path / "out", apart=True, **GRID)
    assert sorted(found.steps) == ["a__ann", "a__bob", "b__ann", "b__eve"]


def test_tables_of_labeled_pictures_are_no_poses_of_a_video(tmp_path: Path) -> None:
    path = deeplabcut_csv(tmp_path / "CollectedData_ann.csv", {"": walk()})
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:3] + [f"labeled-data/m/img{i}.png,{line}" for i, line in enumerate(lines[3:])]))
    with pytest.raises(InputError, match="a table of labeled pictures; name that of the whole video"):
        imported(path, tmp_path / "out", **GRID)


def test_points_say_what_is_about_points_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20, 6)))
    with pytest.raises(InputError, match="--individuals, --apart and --likelihood are about poses"):
        imported(tmp_path / "a.npy", tmp_path / "out", likelihood=0.5, fps=30, stride=4, layout="TC")


# DeepLabCut's HDF5, which pandas writes


COLUMNS = [("DLC", part, axis) for part in ("snout", "ear", "tail") for axis in ("x", "y", "likelihood")]


def table_of(places: np.ndarray) -> np.ndarray:
    return np.concatenate([places, np.full((T, 3, 1), 0.99)], axis=2).reshape(T, 9)


def pandas_table(path: Path, names: bytes) -> None:
    """What `to_hdf(path, key="df_with_missing", format="table")` leaves, as far as it is read."""
    h5py = pytest.importorskip("h5py")
    rows = np.empty(T, [("index", "<i8"), ("values_block_0", "<f8", (9,))])
    rows["index"], rows["values_block_0"] = np.arange(T), table_of(walk())
    with h5py.File(path, "w") as file:
        file["df_with_missing/table"] = rows
        file["df_with_missing"].attrs["pandas_type"] = np.bytes_(b"frame_table")
        file["df_with_missing/table"].attrs["values_block_0_kind"] = np.bytes_(names)


def test_deeplabcuts_hdf5_is_read_as_its_csv(tmp_path: Path) -> None:
    pandas_table(tmp_path / "mouse.h5", pickle.dumps(COLUMNS, protocol=0))
    imported(tmp_path / "mouse.h5", tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk()), atol=1e-5)


def test_the_other_way_in_which_pandas_writes_tables_is_read_too(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    levels = [["DLC"], ["snout", "ear", "tail"], ["x", "y", "likelihood"]]
    with h5py.File(tmp_path / "mouse.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_(b"frame")
        group.attrs["block0_items_nlevels"] = 3
        for number, words in enumerate(levels):
            group[f"block0_items_level{number}"] = np.array(words, "S")
            group[f"block0_items_label{number}"] = np.array([words.index(c[number]) for c in COLUMNS], np.int8)
        group["block0_values"], group["axis1"] = table_of(walk()), np.arange(T)
    imported(tmp_path / "mouse.h5", tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk()), atol=1e-5)


class Payload:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    "names", [pickle.dumps(Payload(), protocol=0), pickle.dumps([Payload()]), b"(lp9999999999\n.", b"not a pickle"]
)
def test_names_of_columns_run_nothing_and_the_cure_is_a_csv(tmp_path: Path, names: bytes, capsys) -> None:
    pandas_table(tmp_path / "mouse.h5", names)
    with pytest.raises(InputError, match=r"not a table of DeepLabCut that can be read .* write it as CSV"):
        imported(tmp_path / "mouse.h5", tmp_path / "out", **GRID)
    assert "run" not in capsys.readouterr().out


# SLEAP


def sleap_analysis(path: Path, tracks: np.ndarray, *, dims: list[str] | None = None, **more: object) -> Path:
    """An analysis file; `tracks` are (track, frame, node, xy), written as SLEAP does unless `dims` says otherwise."""
    h5py = pytest.importorskip("h5py")
    own = ["track", "frame", "node", "xy"]
    order = dims or ["track", "xy", "node", "frame"]
    with h5py.File(path, "w") as file:
        file["tracks"] = tracks.transpose([own.index(name) for name in order])
        scores = [name for name in order if name != "xy"]
        points = np.where(np.isnan(tracks[..., 0]), np.nan, 0.4)
        file["point_scores"] = points.transpose([own.index(name) for name in scores])
        if dims is not None:
            file["tracks"].attrs["dims"] = json.dumps(order)
            file["point_scores"].attrs["dims"] = json.dumps(scores)
        file["node_names"] = np.array(["snout", "ear", "tail"], "S")
        file["track_names"] = np.array([f"track_{number}" for number in range(len(tracks))], "S")
        file["track_occupancy"] = np.isfinite(tracks[..., 0, 0]).T
        for name, value in more.items():
            file[name] = value
    return path


@pytest.mark.parametrize("dims", [None, ["frame", "track", "node", "xy"], ["node", "xy", "frame", "track"]])
def test_an_analysis_of_sleap_is_read_in_any_order_of_axes(tmp_path: Path, dims: list[str] | None) -> None:
    sleap_analysis(tmp_path / "mouse.analysis.h5", np.stack([walk(), walk(50)]), dims=dims)
    imported(tmp_path / "mouse.analysis.h5", tmp_path / "out", **GRID)
    features = made(tmp_path / "out")
    np.testing.assert_allclose(features[:, :11], by_hand(walk()), atol=1e-5)
    np.testing.assert_allclose(features[:, 11:22], by_hand(walk(50)), atol=1e-5)


def truth(folder: Path, frames: int = T, name: str = "mouse") -> Path:
    path = folder / "truth.json"
    video = {"subset": "training", "duration": frames / 25, "fps": 25, "annotations": []}
    path.write_text(json.dumps({"database": {name: video}}))
    return path


def test_the_video_that_an_analysis_names_is_its_video(tmp_path: Path) -> None:
    path = sleap_analysis(tmp_path / "labels.v001.h5", walk()[None], video_path="C:\\films\\mouse.mp4")
    found, _ = imported(path, tmp_path / "out", annotations=truth(tmp_path))
    assert found.steps == {"mouse": T}


def test_a_sleap_file_that_ends_before_the_video_goes_on_with_nobody(tmp_path: Path) -> None:
    sleap_analysis(tmp_path / "mouse.h5", walk()[None])
    found, told = imported(tmp_path / "mouse.h5", tmp_path / "out", annotations=truth(tmp_path, T + 25))
    assert found.steps == {"mouse": T + 25}
    assert told.says("nothing was seen at the end of 1 video", "mouse (from step 40 to 65)")
    assert (made(tmp_path / "out")[T:] == 0).all()


def test_a_deeplabcut_table_that_ends_before_the_video_is_refused(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "mouse.csv", {"": walk()})
    with pytest.raises(InputError, match=r"a step each frame does not fit 1 of 1 files \(mouse: 40 steps in 90 frames"):
        imported(tmp_path / "mouse.csv", tmp_path / "out", annotations=truth(tmp_path, 90))
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "half", annotations=truth(tmp_path, 80), stride=2)
    assert found.grid.stride == 2


SLEAP_HEADER = "track,frame_idx,instance.score," + ",".join(
    f"{node}.{axis}" for node in ("snout", "ear", "tail") for axis in ("x", "y", "score")
)


def sleap_csv(path: Path, tracks: dict[str, np.ndarray], frames: range = range(T)) -> Path:
    lines = [SLEAP_HEADER]
    for frame in frames:
        for name, places in tracks.items():
            cells = ",".join(f"{x},{y},0.3" for x, y in places[frame].tolist())
            lines.append(f"{name},{frame},0.9,{cells}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_sleaps_csv_has_a_row_for_each_body_in_a_frame(tmp_path: Path) -> None:
    sleap_csv(tmp_path / "mouse.csv", {"ann": walk(), "bob": walk(50)})
    _, told = imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    features = made(tmp_path / "out")
    np.testing.assert_allclose(features[:, :11], by_hand(walk()), atol=1e-5)
    np.testing.assert_allclose(features[:, 11:22], by_hand(walk(50)), atol=1e-5)
    assert told.says("left out 'instance.score'")


def test_frames_without_a_row_have_nobody(tmp_path: Path) -> None:
    path = sleap_csv(tmp_path / "mouse.csv", {"": walk()})
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:11] + lines[21:]))
    imported(path, tmp_path / "out", **GRID)
    features = made(tmp_path / "out")
    assert len(features) == T
    assert (features[10:20] == 0).all()
    assert features[:10, 6:9].all()


def test_bodies_of_one_frame_that_nobody_tracked_are_refused(tmp_path: Path) -> None:
    path = sleap_csv(tmp_path / "mouse.csv", {"": walk()})
    path.write_text(path.read_text() + path.read_text().splitlines()[3] + "\n")
    with pytest.raises(InputError, match="found several of frame 2: track bodies first"):
        imported(path, tmp_path / "out", **GRID)


def test_rows_of_every_fifth_frame_are_steps_of_five(tmp_path: Path) -> None:
    sleap_csv(tmp_path / "mouse.csv", {"": np.repeat(walk(), 5, axis=0)}, range(0, 5 * T, 5))
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    assert (found.steps, found.grid.stride) == ({"mouse": T}, 5)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk(), fps=5.0), atol=1e-5)


# MediaPipe


def landmarks() -> np.ndarray:
    """(T, 33, 4): x, y and z of the landmarks in parts of the picture, and their visibility."""
    random = np.random.default_rng(0)
    places = random.uniform(0.2, 0.8, size=(1, 33, 3)) + np.linspace(0, 0.1, T)[:, None, None]
    places[..., 2] -= 0.5
    visible = np.full((T, 33), 0.9)
    visible[5, 7] = 0.2
    return np.concatenate([places, visible[..., None]], axis=2)


def of_landmarks() -> np.ndarray:
    values = landmarks()
    return by_hand(values[..., :3], values[..., 3] > 0.5)


@pytest.mark.parametrize("values", [landmarks(), np.dstack([landmarks(), np.ones((T, 33))])])
def test_arrays_of_landmarks_are_poses(tmp_path: Path, values: np.ndarray) -> None:
    np.save(tmp_path / "mouse.npy", values)
    found, _ = imported(tmp_path / "mouse.npy", tmp_path / "out", **GRID)
    assert found.channels == 33 * 4 + 3
    np.testing.assert_allclose(made(tmp_path / "out"), of_landmarks(), atol=1e-4)


def test_three_numbers_a_landmark_are_x_y_z_where_that_is_sure(tmp_path: Path) -> None:
    np.save(tmp_path / "mouse.npy", landmarks()[..., :3])
    imported(tmp_path / "mouse.npy", tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(landmarks()[..., :3]), atol=1e-4)
    np.save(tmp_path / "mouse.npy", landmarks()[..., [0, 1, 3]])
    with pytest.raises(
        InputError, match="may be z or how sure the point is; say --coordinates xyz or --coordinates xys"
    ):
        imported(tmp_path / "mouse.npy", tmp_path / "xys", **GRID)
    found, _ = imported(tmp_path / "mouse.npy", tmp_path / "xys", coordinates="xys", **GRID)
    assert found.channels == 33 * 3 + 2


def test_points_of_other_tools_are_read_where_their_coordinates_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "mouse.npy", walk())
    with pytest.raises(InputError, match=r"found \(40, 3, 2\); .*say --coordinates"):
        imported(tmp_path / "mouse.npy", tmp_path / "out", **GRID)
    imported(tmp_path / "mouse.npy", tmp_path / "out", coordinates="xy", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), by_hand(walk()), atol=1e-5)


NAMES = {
    "numbered": lambda point, axis: f"{axis}{point + 1}",
    "numbered, with a line": lambda point, axis: f"{axis}_{point}",
    "named": lambda point, axis: f"landmark_{point}_{'visibility' if axis == 'v' else axis}",
    "with points": lambda point, axis: f"point {point}.{'visibility' if axis == 'v' else axis}",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("beside", ["class", "timestamp_ms", None])
def test_wide_tables_of_landmarks_are_poses(tmp_path: Path, name: str, beside: str | None) -> None:
    header = [NAMES[name](point, axis) for point in range(33) for axis in "xyzv"]
    rows = landmarks().reshape(T, -1).tolist()
    if beside is not None:
        header, rows = [beside, *header], [["walk", *row] for row in rows]
    (tmp_path / "mouse.csv").write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]))
    _, told = imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), of_landmarks(), atol=1e-4)
    assert told.says(f"left out '{beside}'") is (beside is not None)


def test_long_tables_of_landmarks_are_poses(tmp_path: Path) -> None:
    lines = ["frame,landmark,x,y,z,visibility"]
    for frame, points in enumerate(landmarks().tolist()):
        lines += [f"{frame},{point},{','.join(map(str, values))}" for point, values in enumerate(points)]
    (tmp_path / "mouse.csv").write_text("\n".join(lines))
    imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), of_landmarks(), atol=1e-4)


def test_frames_of_zeros_are_frames_without_a_person(tmp_path: Path) -> None:
    values = landmarks()
    values[10:20] = 0
    np.save(tmp_path / "mouse.npy", values)
    imported(tmp_path / "mouse.npy", tmp_path / "out", likelihood=0.0, **GRID)
    assert (made(tmp_path / "out")[10:20] == 0).all()


def test_columns_of_sensors_may_look_like_points_and_are_asked_about(tmp_path: Path) -> None:
    header = "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z"
    rows = [",".join(map(str, row)) for row in np.random.default_rng(0).normal(size=(T, 6)).tolist()]
    (tmp_path / "mouse.csv").write_text("\n".join([header, *rows]))
    with pytest.raises(InputError, match=r"may be points of a body or plain channels; say --coordinates xy"):
        imported(tmp_path / "mouse.csv", tmp_path / "out", **GRID)
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "plain", coordinates="none", stride=1, **GRID)
    assert found.channels == 6
    found, _ = imported(tmp_path / "mouse.csv", tmp_path / "points", coordinates="xyz", **GRID)
    assert found.channels == 2 * 4 + 3


def test_a_column_that_is_no_coordinate_is_named(tmp_path: Path) -> None:
    path = sleap_csv(tmp_path / "mouse.csv", {"": walk()})
    path.write_text(
        "\n".join(
            line + (",mood" if number == 0 else ",1") for number, line in enumerate(path.read_text().splitlines())
        )
    )
    with pytest.raises(InputError, match="columns 'mood' are no coordinates of a point; remove them"):
        imported(path, tmp_path / "out", **GRID)


def test_poses_and_features_are_joined_as_streams(tmp_path: Path) -> None:
    deeplabcut_csv(tmp_path / "mouse.csv", {"": walk()})
    np.save(tmp_path / "mouse.npy", np.ones((T, 4), np.float32))
    files = [tmp_path / "mouse.csv", tmp_path / "mouse.npy"]
    imported(files, tmp_path / "out", join=True, layout="TC", **GRID)
    np.testing.assert_allclose(made(tmp_path / "out"), np.c_[by_hand(walk()), np.ones((T, 4))], atol=1e-5)
    with pytest.raises(InputError, match=r"mouse\.csv holds poses and .*mouse\.npy does not"):
        imported(files, tmp_path / "both", **GRID)
