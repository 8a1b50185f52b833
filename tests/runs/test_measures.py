"""A run is scored by the measures of neighbouring fields as detections of others are."""

import json
from pathlib import Path
from typing import Any

import pytest

import logotal
from logotal.errors import InputError
from logotal.places import EVALUATION, MODEL_CARD
from logotal.report.run_page import write_run_page
from logotal.runs.evaluate import last_evaluation
from logotal.runs.train import train
from tests.training.small import small_config, small_data


def apart(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions that begin when those before are over: each frame has one label at most."""
    kept: list[dict[str, Any]] = []
    for action in sorted(actions, key=lambda each: each["segment"]):
        if not kept or kept[-1]["segment"][1] <= action["segment"][0]:
            kept.append(action)
    return kept


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    data = small_data(folder / "data", training=4)
    annotations = json.loads((data / "annotations.json").read_text())
    for video in annotations["database"].values():
        video["annotations"] = apart(video["annotations"])
    (data / "annotations.json").write_text(json.dumps(annotations))
    return train(small_config(data, data={"protocol": "events"}), folder / "run").folder


def test_the_protocol_of_a_recipe_measures_and_keeps_what_the_run_page_needs(run: Path, tmp_path: Path) -> None:
    evaluation = logotal.evaluate(run)
    assert evaluation.measured is not None
    assert evaluation.measured.by.endswith(evaluation.shown_by)
    kept = json.loads((run / EVALUATION).read_text())
    assert kept["measured"]["numbers"] == dict(evaluation.measured.numbers)
    again = last_evaluation(run)
    assert again.measured == evaluation.measured
    write_run_page(run, tmp_path / "page.html")
    assert "Measure of the protocol, in %, starts within 0.25 s" in (tmp_path / "page.html").read_text()
    assert (
        f"| F1 of starts | {100 * evaluation.measured.numbers['F1 of starts']:.2f} |" in (run / MODEL_CARD).read_text()
    )


def test_what_was_said_of_the_frames_is_known_to_the_last_evaluation(run: Path) -> None:
    evaluation = logotal.evaluate(run, protocol="segmentation", fps=5)
    assert evaluation.measured is not None
    assert " at 5 fps" in evaluation.measured.by
    assert last_evaluation(run).measured == evaluation.measured


def test_a_run_says_the_frame_rate_that_its_annotations_do_not(run: Path, tmp_path: Path) -> None:
    annotations = json.loads((run.parent / "data" / "annotations.json").read_text())
    for video in annotations["database"].values():
        del video["fps"]
    (tmp_path / "truth.json").write_text(json.dumps(annotations))
    with pytest.raises(InputError, match="the frame rate is not known"):
        logotal.evaluate(run, tmp_path / "truth.json", protocol="segmentation")
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("fps: null", "fps: 30.0"))
    evaluation = logotal.evaluate(run, tmp_path / "truth.json", protocol="segmentation", save=tmp_path / "numbers.json")
    assert evaluation.measured is not None
    assert " at 30 fps" in evaluation.measured.by
