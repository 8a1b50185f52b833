"""What happens at one time stays so: labels without length, a heat map, moments in timelines, labels again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.data.grid import FeatureGrid
from logotal.formats.labels import read_labels
from logotal.runs.detect import Detections
from logotal.runs.train import train
from logotal.timeline import Action, Timeline
from tests.training.small import small_config

STEPS = 96
GRID = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)


def write_video(features: Path, name: str, seed: int) -> list[Action]:
    """Features in which each hit is a bell in one channel and a hold a plateau in another; and these actions."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 0.1, (STEPS, 8)).astype(np.float32)
    found = []
    for place in (12, 36, 60):
        middle = place + random.uniform(-6, 6)
        rows[:, 0] += 2 * np.exp(-0.5 * ((np.arange(STEPS) - middle) / 1.5) ** 2)
        time = float(GRID.seconds(np.array([middle]))[0])
        found.append(Action(time, time, "hit"))
    rows[76:90, 1] += 2
    np.save(features / f"{name}.npy", rows)
    return [*found, Action(*GRID.seconds(np.array([75.5, 89.5])).tolist(), "hold")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned hits, which are labelled without length, and holds."""
    folder = tmp_path_factory.mktemp("moments")
    (folder / "features").mkdir()
    database = {}
    for index in range(12):
        listed = [
            {"segment": [action.start, action.end], "label": action.label}
            for action in write_video(folder / "features", f"video_{index:02}", index)
        ]
        database[f"video_{index:02}"] = {"subset": "training", "duration": 14.0, "fps": 30, "annotations": listed}
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    config = small_config(
        folder,
        model={"input_channels": 8, "layer_scale": 0.3, "head": "light", "levels": 2, "layout": "tridet"},
        data={"annotations": folder / "annotations.json", "features": folder / "features", "widen_points": 1.0},
        training={"epochs": 20, "learning_rate": 0.008, "ema_decay": 0.9, "input_noise": 0, "heat": 0.2},
        inference={"nms": "hard", "nms_tiou": 0.33},
    )
    train(config, folder / "run")
    return folder


def test_the_run_knows_which_labels_are_moments(folder: Path):
    assert logotal.load(folder / "run").config.data.moments == ("hit",)


@pytest.fixture(scope="module")
def found(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[Action], Timeline]]:
    """What happens in three new videos, and what is shown of them."""
    features, model = tmp_path_factory.mktemp("new"), logotal.load(folder / "run")
    truths = [write_video(features, f"new_{seed}", seed) for seed in (100, 101, 102)]
    return [
        (truth, model.detect(features / f"new_{seed}.npy", fps=30, duration=14.0))
        for seed, truth in zip((100, 101, 102), truths, strict=True)
    ]


def test_moments_are_found_where_they_are_and_have_no_length(found: list[tuple[list[Action], Timeline]]):
    for truth, shown in found:
        hits = [action for action in shown if action.label == "hit"]
        assert [action.start for action in hits] == pytest.approx(
            [action.start for action in truth if action.label == "hit"], abs=0.1
        )
        assert all(action.start == action.end for action in hits)
        assert all(action.duration > 0.5 for action in shown if action.label == "hold")


@pytest.mark.parametrize("suffix", [".csv", ".eaf", ".txt", ".vtt", ".srt"])
def test_moments_that_are_saved_and_corrected_are_labels_without_length(
    suffix: str, found: list[tuple[list[Action], Timeline]], tmp_path: Path
):
    _, shown = found[0]
    corrected = replace(shown, actions=tuple(replace(action, score=1.0) for action in shown))
    corrected.save(tmp_path / f"new{suffix}")

    (video,) = read_labels(tmp_path / f"new{suffix}").videos
    labels = [each.action for each in video.actions]
    assert {(action.label, action.is_moment) for action in labels} == {("hit", True), ("hold", False)}
    assert [action.start for action in labels] == pytest.approx([action.start for action in shown], abs=0.002)


def test_a_moment_is_shown_with_one_time(found: list[tuple[list[Action], Timeline]]):
    _, shown = found[0]
    first = next(action for action in shown if action.label == "hit")

    assert f"hit, {first.start:.2f} s, score" in shown._repr_html_()
    said = str(Detections({Path("new.npy"): shown}, {}))
    assert f"{first.start:9.2f} s" in said
    assert f"- {first.start:9.2f} s" not in said
