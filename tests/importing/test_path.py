"""From features of others to a trained model: import, check, train, evaluate; and the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from logotal.check import check
from logotal.data.dataset import WholeVideos
from logotal.data.feature_recipe import read_feature_recipe
from logotal.data.selection import open_source, select
from logotal.demo.synthetic import write_synthetic
from logotal.errors import InputError
from logotal.extraction.folder import settings_like
from logotal.recipes import read_recipe
from logotal.runs.evaluate import evaluate
from logotal.runs.train import train
from tests.commands.run import logotal


def others(folder: Path) -> tuple[Path, Path]:
    """A small data set as others would have it: two streams of (C, T) in one archive each, with names of their own."""
    write_synthetic(folder / "made", training=6, validation=3)
    streams: dict[str, dict[str, np.ndarray]] = {"rgb": {}, "flow": {}}
    for path in sorted((folder / "made" / "features").glob("*.npy")):
        array = np.load(path)
        half = array.shape[1] // 2
        streams["rgb"][f"{path.stem}_rgb"] = array[:, :half].T
        streams["flow"][f"{path.stem}_flow"] = array[:-1, half:].T.astype(np.float64)
    for name, arrays in streams.items():
        np.savez(folder / f"{name}.npz", **arrays)
    return folder / "made" / "features", folder / "made" / "annotations.json"


def test_features_of_others_are_imported_checked_trained_on_and_scored(tmp_path: Path) -> None:
    made, annotations = others(tmp_path)
    config = read_recipe("synthetic", {})
    done = logotal(
        *("import", "--join", tmp_path / "rgb.npz", tmp_path / "flow.npz", "--out", tmp_path / "features"),
        *("--annotations", annotations, "--window", f"{config.data.clip_frames:g}", "--fps", "30"),
    )
    assert done.returncode == 0, done.stderr
    assert f"in the recipe: data.clip_stride: {config.data.clip_stride:g}, data.clip_frames" in done.stderr
    for path in made.glob("*.npy"):
        np.testing.assert_allclose(np.load(tmp_path / "features" / path.name), np.load(path)[:-1], rtol=1e-6)

    where = {"features": tmp_path / "features", "annotations": annotations}
    config = read_recipe(
        "synthetic",
        {"data": where, "training": {"epochs": 1, "warmup_epochs": 0, "ema_decay": 0.5, "workers": 0, "batch_size": 2}},
    )
    assert not check(config).count("error")
    source = open_source(config.data)
    selection = select(source, "training", config.data, source.annotations.labels)
    index = {label: number for number, label in enumerate(source.annotations.labels)}
    sample = WholeVideos(selection.videos, source.features, config.data, index)[0]
    assert sample.features.shape[0] == np.load(next(made.glob("*.npy"))).shape[1]
    run = train(config, tmp_path / "run")
    assert evaluate(run.folder).result.averages
    recipe = read_feature_recipe(run.folder)
    assert recipe is not None
    with pytest.raises(InputError, match="these features were imported, and cannot be made of videos here"):
        settings_like(recipe)


def test_a_mistake_ends_the_command_in_one_line(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20, 30)))
    done = logotal("import", tmp_path / "a.npy", "--out", tmp_path / "out", "--fps", "30", "--stride", "4")
    assert done.returncode == 1
    assert done.stderr.startswith("logotal: ")
    assert "(--layout TC)" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_project_says_its_videos_itself(tmp_path: Path) -> None:
    video = {"subset": "training", "duration": 20.0, "fps": 30, "annotations": []}
    (tmp_path / "gym").mkdir()
    (tmp_path / "gym" / "recipe.yaml").write_text("data: {}\n")
    (tmp_path / "gym" / "annotations.json").write_text(json.dumps({"database": {"squat": video}}))
    np.save(tmp_path / "squat_i3d.npy", np.zeros((147, 1024), np.float32))
    done = logotal(
        *("import", tmp_path / "squat_i3d.npy", "--annotations", tmp_path / "gym"),
        *("--out", tmp_path / "gym" / "features", "--window", "16"),
    )
    assert done.returncode == 0, done.stderr
    assert "data.clip_stride: 4, data.clip_frames: 16" in done.stderr
    assert np.load(tmp_path / "gym" / "features" / "squat.npy").shape == (147, 1024)
