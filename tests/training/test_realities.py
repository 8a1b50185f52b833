"""All that real annotations hold at once: doubtful spans, events without length, empty videos, twins, rare classes."""

import json
from pathlib import Path

import pytest
import torch

from logotal.check import check
from logotal.config import TrainingConfig
from logotal.data.selection import HELD_OUT, open_source
from logotal.errors import InputError
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import PROTOCOLS
from logotal.places import METRICS
from logotal.runs.folder import Run
from logotal.runs.split import detect_split
from logotal.runs.train import train
from logotal.training.assign import assign
from logotal.training.losses import Criterion
from tests.model.cases import LABELS, fresh_detector, padded, random_clip
from tests.training.small import small_config, small_data


def real_data(folder: Path) -> Path:
    """The synthetic videos, annotated as people do."""
    small_data(folder, training=8, validation=3)
    path = folder / "annotations.json"
    content = json.loads(path.read_text())
    database = content["database"]
    for index, (name, video) in enumerate(database.items()):
        video["group"] = f"day {index // 2}" if name.startswith("training") else "later"
        listed, duration = video["annotations"], video["duration"]
        for item in listed:
            del item["label_id"]
        if listed:
            listed.append({"segment": listed[0]["segment"], "label": "twin"})
        listed.append({"segment": [duration / 2, duration / 2], "label": "event"})
        listed.append({"segment": [duration / 4, duration / 3], "label": "doubtful"})
    database["training_000"]["annotations"].append({"segment": [1.0, 2.5], "label": "rare"})
    database["training_002"]["annotations"].append({"segment": [1.0, 2.5], "label": "rare"})
    database["training_004"]["annotations"].append({"segment": [3.0, 4.5], "label": "rare"})
    database["training_001"]["annotations"] = []
    database["training_001"]["ignored"] = [[2.0, 6.0]]
    last = database["training_003"]
    last["annotations"].append({"segment": [last["duration"] - 3, last["duration"] + 2], "label": "event"})
    last["annotations"].append({"segment": [last["duration"] - 1, last["duration"] + 9], "label": "event"})
    path.write_text(json.dumps(content))
    return folder


REAL = {
    "data": {"ignored_labels": ["doubtful"], "widen_points": 0.8, "hold_out": 0.25},
    "training": {"class_balance": 0.5, "epochs": 2},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[str]]:
    said: list[str] = []
    folder = tmp_path_factory.mktemp("runs") / "run"
    return train(small_config(data, **REAL), folder, say=said.append), said


def test_a_run_on_such_data_names_what_it_leaves_out(trained):
    run, said = trained
    assert "doubtful" not in run.labels()
    assert {"event", "rare", "twin"} <= set(run.labels())
    assert all("lies outside the features" in sentence for sentence in said)
    assert (run.folder / "left_out.txt").read_text().splitlines() == said
    header, *rows = (run.folder / METRICS).read_text().splitlines()
    losses = [float(row.split(",")[header.split(",").index("loss")]) for row in rows]
    assert len(losses) == 2
    assert all(0 < loss < 100 for loss in losses)


def test_an_action_mostly_after_the_video_is_left_out_by_name_wherever_it_is(data: Path):
    config = small_config(data)
    report = check(config)
    beyond = next(finding for finding in report.findings if "beyond the features" in finding.sentence)
    assert len(beyond.places) == 1
    assert beyond.places[0].startswith("training_003: 'event'")


def test_a_run_on_such_data_is_evaluated_without_what_lies_in_ignored_spans(trained):
    run, _ = trained
    detected = detect_split(run.folder)
    result = evaluate(detected.annotations, detected.timelines, PROTOCOLS["generic"], detected.split)
    assert "doubtful" not in result.labels
    assert result.coverage.degenerate == ()  # events have a length here too
    assert result.truth_counts[result.labels.index("event")] == 3
    assert result.coverage.in_ignored > 0
    assert result.prediction_counts.sum() + result.coverage.in_ignored == sum(map(len, detected.timelines))
    assert any(note.startswith("detections in ignored spans") for note in result.notes())


def test_no_group_of_days_is_torn_apart(data: Path):
    truth = open_source(small_config(data, **REAL).data).annotations
    days = [{video.group for video in truth.split(split)} for split in ("training", HELD_OUT, "validation")]
    assert [len(groups) for groups in days] == [3, 1, 1]
    assert len(set.union(*days)) == 5
    learned = {action.label for video in truth.split("training") for action in video.actions}
    assert learned == set(truth.labels)


def test_events_without_length_are_left_out_by_name_unless_they_are_widened(data: Path, tmp_path: Path):
    said: list[str] = []
    train(small_config(data, training={"epochs": 1}), tmp_path / "run", say=said.append)
    points = [sentence for sentence in said if "has no length; --data.widen_points SECONDS" in sentence]
    assert len(points) == 7  # all but the video without annotations


def test_a_mistyped_ignored_label_stops_before_training(data: Path, tmp_path: Path):
    config = small_config(data, data={"ignored_labels": ["doubtfull"]})
    with pytest.raises(InputError, match=r"names 'doubtfull', which does not occur; did you mean 'doubtful'\?"):
        train(config, tmp_path / "run")


def test_the_balance_of_classes_changes_what_is_learned(data: Path, tmp_path: Path):
    weights = []
    for balance in (0.0, 1.0):
        config = small_config(data, training={"epochs": 1, "class_balance": balance})
        run = train(config, tmp_path / f"balance {balance}")
        weights.append((run.folder / "model.safetensors").read_bytes())
    assert weights[0] != weights[1]


def test_an_ignored_span_teaches_a_detector_nothing_about_what_is_in_it():
    """With everything else equal, its points could hold anything: the gradient of their logits is zero."""
    detector = fresh_detector(first_range=1.0)
    predictions = detector(*padded([random_clip(64)], 64))
    predictions.logits.retain_grad()
    actions, labels = torch.tensor([[4.0, 9.0], [40.0, 52.0]]), torch.tensor([0, LABELS - 1])
    spans = torch.tensor([[12.5, 30.5]])
    targets = assign(predictions.points, [actions], [labels], num_classes=LABELS, radius=1.5, ignored=[spans])
    Criterion(TrainingConfig())(predictions, targets).total.backward()
    inside = (predictions.points.time > 12.5) & (predictions.points.time < 30.5)
    assert not predictions.logits.grad[0][:, inside].any()
    assert predictions.logits.grad[0][:, ~inside].all()
