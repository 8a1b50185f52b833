import os
import warnings

import numpy as np
import pytest

from logotal.data.features import FeatureFolder, find_annotations, find_features, read_features
from logotal.errors import InputError
from tests.data.cases import save_annotations, save_features


def refused(path, message, channels=None):
    with pytest.raises(InputError, match=message) as refusal:
        read_features(path, channels)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_features_are_what_was_saved_and_the_file_cannot_be_changed(tmp_path):
    saved = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    np.save(tmp_path / "a.npy", saved)
    features = FeatureFolder(tmp_path).read("a")
    assert isinstance(features, np.memmap)
    assert (features == saved).all()
    features[0] = 1  # as a library that is given them may
    assert (np.load(tmp_path / "a.npy") == saved).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1)])
def test_a_video_of_one_step_or_one_channel_is_read(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    assert read_features(tmp_path / "a.npy").shape == shape


def test_a_missing_file_is_named(tmp_path):
    refused(tmp_path / "a.npy", "no such feature file")
    assert "a" not in FeatureFolder(tmp_path)


@pytest.mark.parametrize("left", [0, 1, 40, 200])
def test_a_truncated_file_is_no_whole_array(tmp_path, left):
    np.save(tmp_path / "a.npy", np.zeros((20, 8)))
    os.truncate(tmp_path / "a.npy", left)
    refused(tmp_path / "a.npy", rf"not a whole \.npy array \({left} bytes; .*extract it again")


def test_a_file_of_something_else_is_no_array(tmp_path):
    (tmp_path / "a.npy").write_text("<html>404 Not Found</html>")
    refused(tmp_path / "a.npy", r"not a whole \.npy array \(26 bytes;")


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_an_array_of_objects_is_refused_and_nothing_in_it_runs(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[Bomb(tmp_path / "exploded")]]), allow_pickle=True)
    refused(tmp_path / "a.npy", r"not a whole \.npy array")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.zeros(5), r"float64 \(5,\)"),
        (np.zeros((2, 5, 3), np.float32), r"float32 \(2, 5, 3\)"),
        (np.zeros((5, 3), np.int64), r"int64 \(5, 3\)"),
        (np.zeros((5, 3), complex), r"complex128 \(5, 3\)"),
        (np.array(1.0), r"float64 \(\)"),
        (np.array([["a"]]), r"<U1 \(1, 1\)"),
    ],
    ids=["one axis", "three axes", "integers", "complex numbers", "a number", "words"],
)
def test_an_array_that_is_not_time_by_channels_of_floats_is_refused(tmp_path, array, found):
    np.save(tmp_path / "a.npy", array)
    refused(tmp_path / "a.npy", f"expected floating-point features .T, C., found {found}")


@pytest.mark.parametrize("shape", [(0, 8), (8, 0), (0, 0)])
def test_an_empty_array_is_refused(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    refused(tmp_path / "a.npy", "the array is empty")


def test_an_archive_is_refused_and_closed(tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, features=np.zeros((5, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused(tmp_path / "a.npy", "found an archive")


def test_other_channels_are_refused_and_a_transposed_file_is_recognized(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((20, 8)))
    assert read_features(tmp_path / "a.npy", 8).shape == (20, 8)
    refused(tmp_path / "a.npy", r"expected \(T, 5\) features, found \(20, 8\); are these the features", channels=5)
    refused(
        tmp_path / "a.npy", r"expected \(T, 20\) features, found \(20, 8\); is it stored as \(C, T\)\?", channels=20
    )


@pytest.mark.parametrize("video", ["", ".", "..", "../a", "a/b", "a\\b", "a\0b"])
def test_a_video_id_cannot_lead_out_of_the_folder(tmp_path, video):
    with pytest.raises(InputError, match="is not a file name; rename it"):
        FeatureFolder(tmp_path).read(video)


@pytest.mark.parametrize("video", ["v_a b", "été", "a.b", ".hidden", "-x"])
def test_odd_video_ids_are_file_names(tmp_path, video):
    save_features(tmp_path, {video: 3})
    folder = FeatureFolder(tmp_path)
    assert video in folder
    assert folder.videos() == [video]
    assert folder.read(video).shape == (3, 4)


def test_a_prefix_stands_before_the_video_id(tmp_path):
    save_features(tmp_path, {"one": 3, "two": 3}, prefix="v_")
    save_features(tmp_path, {"other": 3})
    folder = FeatureFolder(tmp_path, prefix="v_")
    assert folder.videos() == ["one", "two"]
    assert folder.path("one").name == "v_one.npy"
    assert ("one" in folder, "other" in folder) == (True, False)


def test_thumos_of_actionformer_is_found_by_its_root_or_its_feature_folder(tmp_path):
    root = tmp_path / "thumos"
    save_features(root / "i3d_features", {"video_test_0000004": 3})
    annotations = save_annotations(root / "annotations" / "thumos14.json", {})
    for named in (root, root / "i3d_features"):
        folder = find_features(named)
        assert folder == root / "i3d_features"
        assert find_annotations(type(folder)("thumos14.json"), folder) == annotations


def test_activitynet_of_actionformer_is_found_with_its_prefix(tmp_path):
    root = tmp_path / "anet_1.3"
    save_features(root / "tsp_features", {"abc": 3}, prefix="v_")
    save_annotations(root / "annotations" / "anet1.3_tsp_filtered.json", {})
    assert find_features(root, "v_") == root / "tsp_features"
    with pytest.raises(InputError, match=r"no x_\*\.npy files here or one folder below"):
        find_features(root, "x_")


def test_annotations_lie_in_or_beside_the_features_or_where_the_path_says(tmp_path, monkeypatch):
    features = save_features(tmp_path / "data" / "features", {"a": 3})
    name = type(features)("actions.json")
    beside = save_annotations(tmp_path / "data" / "actions.json", {})
    assert find_annotations(name, features) == beside
    inside = save_annotations(features / "actions.json", {})
    assert find_annotations(name, features) == inside
    assert find_annotations(beside, features) == beside
    monkeypatch.chdir(tmp_path / "data")
    assert find_annotations(name, features) == name  # what lies here comes first


def test_annotations_that_are_nowhere_list_where_was_looked(tmp_path):
    features = save_features(tmp_path / "features", {"a": 3})
    with pytest.raises(InputError, match=r"annotations nowhere\.json not found; looked at nowhere\.json, ") as error:
        find_annotations(type(features)("nowhere.json"), features)
    assert str(features / "annotations" / "nowhere.json") in str(error.value)
    with pytest.raises(InputError, match="not found"):
        find_annotations(tmp_path / "nowhere.json", features)


def test_several_feature_folders_must_be_told_apart(tmp_path):
    for name in ("flow", "rgb"):
        save_features(tmp_path / name, {"a": 3})
    with pytest.raises(InputError, match="features lie in flow, rgb; name one of these folders"):
        find_features(tmp_path)


def test_a_folder_without_features_or_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no \*\.npy files here or one folder below"):
        find_features(tmp_path)
    with pytest.raises(InputError, match="no such folder of features"):
        find_features(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="no such folder of features"):
        find_features(tmp_path / "file")
