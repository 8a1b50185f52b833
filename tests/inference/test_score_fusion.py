"""Video scores of an external classifier, as ActivityNet needs them."""

import json
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.video_scores import read_video_scores
from logotal.runs.train import train
from tests.training.small import small_config, small_data

LABELS = ("archery", "ballet", "curling")


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_every_segment_gets_the_best_labels_and_the_root_of_both_scores(tmp_path: Path) -> None:
    path = write(tmp_path / "scores.json", {"results": {"v": [0.09, 0.64, 0.0]}})
    candidates = Candidates(
        np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), np.array([0.25, 1.0, 0.01]), np.zeros(3, int)
    )
    fused = read_video_scores(path, LABELS).fuse("v", candidates, num_labels=2, num_segments=2)
    np.testing.assert_allclose(fused.scores, [0.8, 0.4, 0.3, 0.15])
    assert fused.labels.tolist() == [1, 1, 0, 0]
    assert fused.segments.tolist() == [[2.0, 3.0], [0.0, 1.0], [2.0, 3.0], [0.0, 1.0]]


def test_scores_in_another_order_of_classes_are_sorted_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "scores.json", {"results": {"v": [1, 2, 3]}, "class": ["curling", "archery", "ballet"]})
    assert read_video_scores(path, LABELS).scores["v"].tolist() == [2.0, 3.0, 1.0]
    named = write(tmp_path / "named.json", {"v": {"ballet": 0.5}})
    assert read_video_scores(named, LABELS).scores["v"].tolist() == [0.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"results": {"v": [1, 2]}}, "video 'v': expected 3 scores, found 2"),
        ({"results": {"v": [1, 2, "x"]}}, "video 'v': expected a list of numbers"),
        ({"results": {"v": [1, 2, -1]}}, "video 'v': expected a list of numbers, finite and from 0, .*found"),
        ({"results": {}, "class": ["balet"]}, "'class': 'balet' is not a label of the model; did you mean 'ballet'"),
        ({"v": {"balet": 1}}, "video 'v': 'balet' is not a label of the model; did you mean 'ballet'"),
        ([1], r"expected an object with the key 'results', found \[1\]"),
    ],
)
def test_scores_that_do_not_fit_are_refused(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_video_scores(write(tmp_path / "scores.json", content), LABELS)


def test_a_class_agnostic_model_detects_with_and_without_video_scores(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    config = small_config(data, model={"class_agnostic": True}, inference={"nms_per_class": False, "voting_tiou": 0.9})
    run = train(config, tmp_path / "run")
    features = data / "features" / "validation_006.npy"
    (run.folder / "classifier.safetensors").unlink()
    assert logotal.load(run.folder).detect(features, fps=30, everything=True).labels == ("action",)

    path = write(tmp_path / "scores.json", {"results": {"validation_006": [0, 0.2, 0, 0.7, 0, 0]}})
    timeline = logotal.load(run.folder, video_scores=path).detect(features, fps=30, everything=True)
    assert timeline.labels == ("jump", "walk")
    with pytest.raises(InputError, match="no scores for video 'validation_007'"):
        logotal.load(run.folder, video_scores=path).detect(
            data / "features" / "validation_007.npy", fps=30, everything=True
        )
