"""What is detected has the name of what is there: from annotations through a training to the JSON that is written."""

import json
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.data.grid import FeatureGrid
from logotal.runs.train import train
from logotal.timeline import Action, Timeline
from tests.commands.run import logotal as logotal_command
from tests.training.small import small_config

LABELS = ("wave", "bow", "clap")
"""In class-index order, which is not that of the alphabet; each has a channel of its own."""

STEPS = 96
GRID = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)


def write_video(features: Path, name: str, seed: int) -> list[Action]:
    """Features in which an action of each label lights up its channel, in some order; and those actions."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 0.1, (STEPS, 8)).astype(np.float32)
    actions = []
    for place, label in enumerate(random.permutation(len(LABELS))):
        first = int(32 * place + random.integers(3, 8))
        behind = first + int(random.integers(10, 20))
        rows[first:behind, label] += 2
        start, end = GRID.seconds(np.array([[first - 0.5, behind - 0.5]]))[0].tolist()
        actions.append(Action(start, end, LABELS[label]))
    np.save(features / f"{name}.npy", rows)
    return actions


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned three labels, and the features of new videos with what happens there."""
    folder = tmp_path_factory.mktemp("three")
    features = folder / "features"
    features.mkdir()
    database = {}
    for index in range(12):
        name = f"video_{index:02}"
        listed = [
            {"segment": [action.start, action.end], "label": action.label, "label_id": LABELS.index(action.label)}
            for action in write_video(features, name, index)
        ]
        database[name] = {"subset": "training", "duration": 14.0, "fps": 30, "annotations": listed}
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    config = small_config(
        folder,
        model={"input_channels": 8, "layer_scale": 0.3},
        data={"features": features, "annotations": folder / "annotations.json"},
        training={"epochs": 16, "learning_rate": 0.008, "ema_decay": 0.9, "input_noise": 0},
    )
    train(config, folder / "run")
    return folder


@pytest.fixture
def truths(folder: Path, tmp_path: Path) -> dict[str, list[Action]]:
    """New videos, whose features are in `tmp_path`, by name."""
    return {name: write_video(tmp_path, name, seed) for name, seed in (("new_1", 101), ("new_2", 102))}


def named(actions: list[tuple[float, float, str]], truth: list[Action]) -> list[str | None]:
    """The label of the detection that covers most of each true action, None if none covers half of it."""
    found: list[str | None] = []
    for action in truth:
        shared = {min(end, action.end) - max(start, action.start): label for start, end, label in actions}
        most = max(shared, default=0.0)
        found.append(shared[most] if most > (action.end - action.start) / 2 else None)
    return found


def test_a_run_knows_its_labels_in_the_order_of_its_classes(folder: Path) -> None:
    assert logotal.load(folder / "run").labels == LABELS


def test_detections_have_the_names_of_what_is_there(
    folder: Path, tmp_path: Path, truths: dict[str, list[Action]]
) -> None:
    found = logotal.detect([tmp_path / f"{name}.npy" for name in truths], folder / "run", fps=30, threshold=0.3)
    assert {timeline.video for timeline in found} == set(truths)
    for timeline in found:
        assert labels_of(timeline) == [action.label for action in truths[timeline.video]]
        assert named([(a.start, a.end, a.label) for a in timeline], truths[timeline.video]) == labels_of(timeline)


def labels_of(timeline: Timeline) -> list[str]:
    return [action.label for action in timeline]


def test_the_json_that_the_command_writes_has_the_names_of_what_is_there(
    folder: Path, tmp_path: Path, truths: dict[str, list[Action]]
) -> None:
    inputs = [tmp_path / f"{name}.npy" for name in truths]
    save = tmp_path / "found.json"
    options = ("--model", folder / "run", "--fps", "30", "--threshold", "0.3", "--save", save, "--json")
    done = logotal_command("detect", *inputs, *options)
    assert done.returncode == 0, done.stderr
    printed = {
        video["video"]: [(a["start"], a["end"], a["label"]) for a in video["actions"]]
        for video in json.loads(done.stdout)
    }
    saved = {
        name: [(*entry["segment"], entry["label"]) for entry in listed]
        for name, listed in json.loads(save.read_text())["results"].items()
    }
    for name, truth in truths.items():
        expected = [action.label for action in truth]
        assert named(printed[name], truth) == expected
        assert named(saved[name], truth) == expected
