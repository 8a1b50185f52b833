"""Training from files: what is left out is named, and what is wrong stops before hours are spent (laws 7 and 10)."""

import json
from pathlib import Path

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.runs.train import train
from tests.training.small import small_config, small_data


def test_videos_without_features_and_odd_actions_are_named(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    (data / "features" / "training_001.npy").unlink()
    annotations = json.loads((data / "annotations.json").read_text())
    annotations["database"]["training_000"]["annotations"] += [
        {"label": "jump", "label_id": 1, "segment": [5000.0, 5001.0]},
        {"label": "walk", "label_id": 3, "segment": [2.0, 2.0]},
    ]
    (data / "annotations.json").write_text(json.dumps(annotations))
    said: list[str] = []
    run = train(small_config(data, training={"epochs": 1}), tmp_path / "run", say=said.append)
    assert "training_001: no feature file training_001.npy" in said
    assert any(s.startswith("training_000: action 'jump' 5000-5001 s lies outside the features") for s in said)
    assert any(s.startswith("training_000: action 'walk' 2-2 s has no length; --data.widen_points") for s in said)
    assert (run.folder / "left_out.txt").read_text().splitlines() == said


def test_a_run_says_where_it_comes_from(tmp_path: Path) -> None:
    run = train(small_config(small_data(tmp_path / "data"), training={"epochs": 1, "seed": 5}), tmp_path / "run")
    provenance = json.loads((run.folder / "provenance.json").read_text())
    assert provenance["seed"] == 5
    assert provenance["checkpoint"] == "last epoch, weights averaged with decay 0.99"
    assert len(provenance["annotations"]["sha256"]) == 64
    assert {"logotal", "torch", "hardware", "protocol", "seconds"} <= provenance.keys()


def test_channels_are_measured_where_the_recipe_leaves_them_open(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), model={"input_channels": None}, training={"epochs": 1})
    assert train(config, tmp_path / "run").config().model.input_channels == 64


def test_a_video_without_actions_can_be_the_only_kind_in_a_batch(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data", training=4)
    annotations = json.loads((data / "annotations.json").read_text())
    for name in ("training_000", "training_001", "training_002"):
        annotations["database"][name]["annotations"] = []
    (data / "annotations.json").write_text(json.dumps(annotations))
    train(small_config(data), tmp_path / "run")


@pytest.mark.parametrize("workers", [0, 1])
def test_nan_features_stop_training_and_name_the_file(tmp_path: Path, workers: int) -> None:
    data = small_data(tmp_path / "data")
    path = data / "features" / "training_002.npy"
    features = np.load(path)
    features[7] = np.nan
    np.save(path, features)
    config = small_config(data, data={"crop": None, "window": 2000}, training={"workers": workers})
    with pytest.raises(
        InputError, match=r"^\S+training_002\.npy: 1 of \d+ steps hold NaN.*step 7; .*exclude the video$"
    ):
        train(config, tmp_path / "run")


def test_wrong_channels_stop_training_and_name_the_file(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    with pytest.raises(InputError, match=r"training_000\.npy: expected \(T, 100\) features, found \(\d+, 64\)"):
        train(small_config(data, model={"input_channels": 100}), tmp_path / "run")


def test_a_mistyped_protocol_fails_before_training(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), data={"protocol": "thumos41"})
    with pytest.raises(InputError, match="no protocol 'thumos41'; did you mean 'thumos14'"):
        train(config, tmp_path / "run")
