"""Applying the built-in video classifier: NumPy alone, read with care, and second to external scores."""

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from logotal.config import Config
from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.pipeline import Pipeline
from logotal.inference.video_classifier import (
    Accuracy,
    VideoClassifier,
    pooled,
    read_video_classifier,
    sigmoid,
    video_classifier_from_text,
)
from logotal.inference.video_scores import read_video_scores

LABELS = ("jump", "run", "sit")
MEASURED = Accuracy("validation", videos=20, top_1=0.85, mean_average_precision=0.9)
CLASSIFIER = VideoClassifier(
    LABELS,
    mean=np.array([1, 0, 2, 0], np.float32),
    scale=np.array([1, 2, 1, 1], np.float32),
    weights=np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], np.float32),
    bias=np.array([0, 1, -1], np.float32),
    accuracy=MEASURED,
)
FEATURES = np.array([[1.0, 3.0, 2.0], [4.0, 0.0, 2.0]], np.float32)
AGNOSTIC = Config.model_validate({"model": {"class_agnostic": True}, "inference": {"video_labels": 2}})


def write(path: Path, **changed: Any) -> Path:
    path.write_bytes(replace(CLASSIFIER, **changed).to_bytes())
    return path


def test_features_are_pooled_by_mean_and_maximum_over_time() -> None:
    assert pooled(FEATURES).tolist() == [2.0, 2.0, 3.0, 4.0]
    huge = np.full((1, 4), 3e38, np.float32)
    assert np.isfinite(pooled(huge)).all(), "a sum in fp32 would overflow"


def test_scores_are_those_of_a_logistic_regression_on_standardized_numbers() -> None:
    expected = 1 / (1 + np.exp(-np.array([(2 - 1) / 1, (2 - 0) / 2 + 1, 4 - 1.0])))
    np.testing.assert_allclose(CLASSIFIER.scores(FEATURES), expected, rtol=1e-12)


def test_no_score_overflows() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def test_what_is_written_is_read_back_and_the_same_bytes_every_time(tmp_path: Path) -> None:
    found = read_video_classifier(write(tmp_path / "c"), LABELS, channels=2)
    assert found is not None
    assert (found.labels, found.accuracy) == (LABELS, MEASURED)
    assert found.scores(FEATURES).tolist() == CLASSIFIER.scores(FEATURES).tolist()
    assert found.to_bytes() == CLASSIFIER.to_bytes() == (tmp_path / "c").read_bytes()
    assert read_video_classifier(tmp_path / "none", LABELS) is None
    again = video_classifier_from_text(CLASSIFIER.to_text(), "model.onnx", LABELS, channels=2)
    assert again is not None
    assert again.to_bytes() == CLASSIFIER.to_bytes()
    assert video_classifier_from_text(None, "model.onnx", LABELS) is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"labels": ("run", "jump", "sit")},
            r"expected the 3 labels of the run in their order, found 3 \('run' for 'j",
        ),
        ({"labels": ("jump", "run")}, "expected the 3 labels of the run in their order, found 2"),
        ({"mean": np.zeros(6, np.float32)}, "expected arrays .*found .*belongs to another run"),
        ({"weights": np.zeros((2, 4), np.float32)}, "expected arrays"),
        ({"bias": np.array([0, np.nan, 0], np.float32)}, "'bias' must be finite fp32 numbers"),
        ({"scale": np.array([1, 0, 1, 1], np.float32)}, "'scale' must be finite fp32 numbers, scales above 0"),
    ],
)
def test_a_classifier_of_another_run_is_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_video_classifier(write(tmp_path / "classifier.safetensors", **changed), LABELS, channels=2)


def test_a_classifier_of_other_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected arrays"):
        read_video_classifier(write(tmp_path / "c"), LABELS, channels=3)


def test_broken_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    whole, arrays = CLASSIFIER.to_bytes(), load(CLASSIFIER.to_bytes())

    def about(**content: Any) -> bytes:
        return save(arrays, {"logotal": json.dumps(content)})

    broken = [
        b"",
        b"\xff" * 40,
        whole[:-3],
        whole[:30],
        save(arrays),
        save({"mean": arrays["mean"]}, {"logotal": json.dumps({"labels": LABELS, "accuracy": None})}),
        save(arrays, {"logotal": "[" * 100_000}),
        about(labels=3, accuracy=None),
        about(labels=LABELS),
        about(labels=LABELS, accuracy={"split": "x"}),
        about(labels=LABELS, accuracy={"split": 3, "videos": 1, "top_1": 1, "mean_average_precision": 1}),
        about(labels=LABELS, accuracy={"split": "a", "videos": 1, "top_1": "x", "mean_average_precision": 1}),
    ]
    for content in broken:
        (tmp_path / "c").write_bytes(content)
        with pytest.raises(InputError, match=r"c: not a video classifier of logotal \(.*train the run again") as caught:
            read_video_classifier(tmp_path / "c", LABELS)
        assert "\n" not in str(caught.value)
        with pytest.raises(InputError, match="not a video classifier"):
            video_classifier_from_text(base64.b64encode(content).decode(), "model.onnx", LABELS)
    for text in ("not base64!", 7):
        with pytest.raises(InputError, match=r"model\.onnx: not a video classifier"):
            video_classifier_from_text(text, "model.onnx", LABELS)


def test_the_sentence_says_how_often_it_is_right_and_where() -> None:
    assert CLASSIFIER.sentence == (
        "labels come from the built-in video classifier (accuracy 85.0 % on 20 videos of split 'validation')"
    )
    unmeasured = replace(CLASSIFIER, accuracy=None)
    assert unmeasured.sentence == "labels come from the built-in video classifier (accuracy not measured)"


def timeline(pipeline: Pipeline) -> list[tuple[str, float]]:
    candidates = Candidates(np.array([[0.0, 2.0]]), np.array([0.81]), np.zeros(1, np.int64))
    grid = FeatureGrid(fps=30, clip_stride=4, clip_frames=16)
    found = pipeline.timeline(candidates, name="v", features=FEATURES, grid=grid, duration=None)
    return [(action.label, action.score) for action in found]


def test_a_segment_gets_the_best_labels_and_the_root_of_both_scores() -> None:
    pipeline = Pipeline(LABELS, AGNOSTIC, classifier=CLASSIFIER)
    expected = dict(zip(LABELS, np.sqrt(0.81 * CLASSIFIER.scores(FEATURES)).tolist(), strict=True))
    found = dict(timeline(pipeline))
    assert found == {label: pytest.approx(expected[label]) for label in ("run", "sit")}
    assert pipeline.labels_from == CLASSIFIER.sentence


def test_external_scores_win_over_the_classifier(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text(json.dumps({"v": {"jump": 1.0}}))
    scores = read_video_scores(tmp_path / "scores.json", LABELS)
    pipeline = Pipeline(LABELS, AGNOSTIC, video_scores=scores, classifier=CLASSIFIER)
    assert max(timeline(pipeline), key=lambda found: found[1]) == ("jump", pytest.approx(0.9))
    assert pipeline.labels_from == f"labels come from external scores in {tmp_path / 'scores.json'}"


def test_without_either_all_is_action_and_it_says_so() -> None:
    pipeline = Pipeline(LABELS, AGNOSTIC, name="runs/a")
    assert timeline(pipeline) == [("action", pytest.approx(0.81))]
    assert pipeline.labels_from == (
        "runs/a: knows one class and has no video classifier: all is 'action' without --video-scores"
    )


def test_a_network_that_knows_its_labels_keeps_them() -> None:
    pipeline = Pipeline(LABELS, Config(), classifier=CLASSIFIER)
    assert timeline(pipeline) == [("jump", pytest.approx(0.81))]
    assert pipeline.labels_from is None


def test_applying_it_loads_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys, logotal.inference.video_classifier\n"
        "assert not {'torch', 'sklearn', 'scipy'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
