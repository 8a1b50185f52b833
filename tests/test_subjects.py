"""The whole way of who acts: labels with subjects, a class for each label of each subject, detections with subjects."""

import json
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.commands.detect import detect
from logotal.formats.timelines import read_timelines
from logotal.places import RUN
from logotal.project.create import create
from logotal.recipes import merge, read_recipe
from logotal.runs.train import train
from logotal.timeline import Timeline
from tests.project.films import films
from tests.test_adding_videos import save_with_views
from tests.training.small import SMALL

SECONDS, STEPS = 40, 97
"""Of each video: 400 frames, a clip of 16 every 4."""
CLASSES = ("jump @ ann", "jump @ bob", "squat @ ann", "squat @ bob")


def add(folder: Path, names: range) -> None:
    """Videos in which ann jumps and bob squats at once, or the other way round, and both jump at the end."""
    films(folder, *(f"v{i}.mp4" for i in names), seconds=SECONDS)
    rows = ["video,start,end,label,subject"]
    for i in names:
        features = np.random.default_rng(i).normal(size=(STEPS, 8)).astype(np.float32)
        first, second = ("jump", "squat")[:: 1 if i % 2 else -1]
        said = ((3, first, "ann"), (3, second, "bob"), (25, "jump", "ann"), (25, "jump", "bob"))
        for after, label, who in said:
            start = after + i % 5
            features[round(start * 2.5) : round((start + 8) * 2.5), CLASSES.index(f"{label} @ {who}")] += 4
            rows.append(f"v{i}.mp4,{start}.5,{start + 8}.5,{label},{who}")
        save_with_views(folder / "features" / f"v{i}.npy", features)
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which each subject has its lane, and a model that was trained on it."""
    folder = tmp_path_factory.mktemp("project")
    add(folder, range(12))
    create(folder, subjects="lanes")
    training = {"epochs": 25, "learning_rate": 0.01, "warmup_epochs": 2, "ema_decay": 0.9}
    data = {"hold_out": 0.25, "clip_stride": 4}
    train(read_recipe(str(folder), merge(SMALL, {"data": data, "training": training})), folder / RUN)
    return folder


def held_back(project: Path) -> list[str]:
    database = json.loads((project / "annotations.json").read_text())["database"]
    return [name for name, video in database.items() if video["subset"] == "validation"]


def kinds(timeline: Timeline) -> set[tuple[str, str | None]]:
    return {(action.label, action.subject) for action in timeline}


def test_a_model_learns_each_label_of_each_subject_and_is_scored_on_these_classes(project: Path) -> None:
    assert logotal.load(project).labels == CLASSES
    found = logotal.evaluate(project)
    assert {one.label for one in found.shown.labels} == set(CLASSES)
    assert found.result.mean_average_precision[0.5] > 0.8


def test_what_is_found_says_label_and_subject_apart(project: Path) -> None:
    predictor = logotal.load(project)
    for name in held_back(project):
        features = project / "features" / f"{name}.npy"
        everything = predictor.detect(features, fps=10, everything=True)
        assert kinds(everything) == {("jump", "ann"), ("jump", "bob"), ("squat", "ann"), ("squat", "bob")}
        shown = predictor.detect(features, fps=10)
        end = [action for action in shown if action.start > 20 and action.label == "jump"]
        assert {action.subject for action in end} == {"ann", "bob"}  # both at once, and both remain
        assert predictor.pipeline.shown(everything) == shown


def test_files_say_label_and_subject_apart(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = held_back(project)[0]
    features = project / "features" / f"{name}.npy"
    detect(features, model=str(project), fps=10, save=tmp_path / "found.csv", json=True)
    (found,) = read_timelines(tmp_path / "found.csv")
    assert {action.subject for action in found} == {"ann", "bob"}
    assert set(found.labels) <= {"jump", "squat"}
    listed = json.loads(capsys.readouterr().out)[0]["actions"]
    assert [(a["label"], a["subject"]) for a in listed] == [(a.label, a.subject) for a in found]
    detect(features, model=str(project), fps=10)
    assert "jump  ann" in capsys.readouterr().out


def test_lengths_of_a_label_hold_for_all_of_its_subjects_or_for_one(project: Path) -> None:
    predictor = logotal.load(project)
    features = project / "features" / f"{held_back(project)[0]}.npy"
    plain = kinds(predictor.detect(features, fps=10))
    assert {("jump", "ann"), ("jump", "bob")} <= plain
    assert {label for label, _ in kinds(predictor.detect(features, fps=10, min_duration={"jump": 99}))} == {"squat"}
    one = kinds(predictor.detect(features, fps=10, min_duration={"jump @ ann": 99}))
    assert one == plain - {("jump", "ann")}
    both = kinds(predictor.detect(features, fps=10, min_duration={"jump": 99, "jump @ bob": 0}))
    assert both == plain - {("jump", "ann")}
