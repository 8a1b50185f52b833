"""Faults that hostile features brought to light, by name: none may come back."""

import json
from pathlib import Path

import pytest

from logotal.data.feature_recipe import read_feature_recipe, read_video_features
from logotal.data.features import FeatureFolder, find_annotations, find_features, read_features
from logotal.errors import InputError
from logotal.recipes import read_recipe
from reliability import bombs
from tests.hostile.files import written
from tests.hostile.limits import within


@pytest.mark.parametrize("content", bombs.of_npy(), ids=range(len(bombs.of_npy())))
def test_a_header_of_features_that_claims_too_much_or_is_a_program_is_refused(content: bytes, tmp_path: Path) -> None:
    with (
        within(5),
        pytest.raises(InputError, match=r"a\.npy: (not a whole .npy array|expected floating-point|the array)"),
    ):
        read_features(written(tmp_path / "a.npy", content))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fps", "25"),
        ("fps", 0),
        ("fps", True),
        ("duration", None),
        ("frames", 1.5),
        ("source", 3),
        ("source_bytes", -1),
    ],
)
def test_a_sidecar_whose_values_are_of_another_kind_is_refused(key: str, value: object, tmp_path: Path) -> None:
    about = {"fps": 25.0, "duration": 9.5, "frames": 237, "source": "a.mp4", "source_bytes": 1234}
    written(tmp_path / "a.json", json.dumps(about))
    assert read_video_features(tmp_path / "a.npy") is not None
    written(tmp_path / "a.json", json.dumps(about | {key: value}))
    with pytest.raises(InputError, match=f"'{key}' must be"):
        read_video_features(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("key", "value"),
    [("fps", "fast"), ("clip_frames", 10**12), ("resize", [256]), ("crop", "center 0"), ("antialias", 1)],
)
def test_a_feature_recipe_whose_values_are_of_another_kind_is_refused(key: str, value: object, tmp_path: Path) -> None:
    written(tmp_path / "features.json", json.dumps({key: value}))
    with pytest.raises(InputError, match=f"'{key}' must be"):
        read_feature_recipe(tmp_path)


def test_names_that_no_file_can_have_are_not_found_instead_of_breaking_the_search(tmp_path: Path) -> None:
    long = Path("x" * 300)
    with pytest.raises(InputError, match="no such folder of features"):
        find_features(long)
    with pytest.raises(InputError, match="not found"):
        find_annotations(long, tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_recipe(f"{long}.yaml")
    with pytest.raises(InputError, match="is not a file name"):
        "x" * 300 in FeatureFolder(tmp_path)  # noqa: B015 - it raises
