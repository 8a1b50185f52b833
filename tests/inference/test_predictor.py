from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import logotal
from logotal.data.dataset import WholeVideos
from logotal.data.features import FeatureFolder
from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.formats.annotations import read_annotations
from logotal.inference.predictor import Predictor
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.timeline import Timeline
from tests.inference.cases import assert_twins
from tests.training.small import small_config, small_data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    config = small_config(data, training={"epochs": 6, "learning_rate": 0.003})
    return train(config, tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def predictor(run: Run) -> Predictor:
    return logotal.load(run.folder)


@pytest.mark.parametrize("limit", ["max_segments", "candidates_per_level"])
def test_each_length_of_a_training_window_may_have_as_many_actions_as_the_protocol_gives_a_video(
    run: Run, data: Path, limit: str
) -> None:
    predictor = logotal.load(run.folder, device="cpu")
    limits = {"max_segments": 2000, "candidates_per_level": 2000, "nms": "none", "min_score": 0, limit: 3}
    config = predictor.config.model_copy(
        update={"inference": predictor.config.inference.model_copy(update={**limits, "score_threshold": 0})}
    )
    predictor.config, predictor.pipeline = config, replace(predictor.pipeline, config=config)
    each = 3 if limit == "max_segments" else 3 * config.model.levels
    window, grid = config.data.window, FeatureGrid(30, 4, 16)
    features = np.random.default_rng(0).normal(size=(4 * window, 64)).astype(np.float32)
    for length, windows in ((window, 1), (window + 1, 2), (4 * window, 4)):
        found = predictor.find(features[:length], grid)
        protocol = predictor.find(features[:length], grid, everything=True)
        assert (len(found), len(protocol)) == (windows * each, each)
        assert set(protocol) <= set(found)
        assert protocol == predictor.detect(features[:length], grid, everything=True)
        assert len(predictor.pipeline.shown(found, threshold=0, max_overlap=1)) > (windows - 1) * each


def whole(data: Path, predictor: Predictor) -> WholeVideos:
    videos = read_annotations(data / "annotations.json").split("validation", "training")
    return WholeVideos(videos, FeatureFolder(data / "features"), predictor.config.data, predictor.label_index)


def rows(predictor: Predictor, timeline: Timeline) -> np.ndarray:
    """(N, 4) start, end, label and score of each action."""
    return np.array([(a.start, a.end, predictor.labels.index(a.label), a.score) for a in timeline])


def test_a_run_folder_alone_suffices_to_detect(run: Run, data: Path, tmp_path: Path) -> None:
    moved = run.folder.rename(tmp_path / "elsewhere")
    try:
        timeline = logotal.load(moved).detect(data / "features" / "validation_006.npy", fps=30, everything=True)
    finally:
        moved.rename(run.folder)
    assert timeline.video == "validation_006"
    assert len(timeline) > 0
    assert {action.label for action in timeline} <= {"blink", "jump", "throw", "walk", "dance", "pitch"}


def test_detections_never_leave_the_video(data: Path, predictor: Predictor) -> None:
    timeline = predictor.detect(data / "features" / "validation_006.npy", fps=30, duration=9.5, everything=True)
    assert timeline.duration == 9.5
    assert all(0 <= action.start < action.end <= 9.5 for action in timeline)
    without = predictor.detect(data / "features" / "validation_006.npy", fps=30, everything=True)
    length = len(np.load(data / "features" / "validation_006.npy"))
    end = FeatureGrid(30, 4, 16).span(length)
    assert all(0 <= action.start < action.end <= end for action in without)


def test_batches_of_other_lengths_change_nothing(data: Path, predictor: Predictor) -> None:
    dataset = whole(data, predictor)
    together = predictor.detect_dataset(dataset)
    assert [timeline.video for timeline in together] == [video.id for video in dataset.videos]
    for index, timeline in enumerate(together):
        alone = predictor.detect_samples([dataset[index]])[0]
        assert_twins(rows(predictor, alone), rows(predictor, timeline), 2e-3)


def test_groups_hold_every_video_once_and_few_where_they_are_long(predictor: Predictor) -> None:
    lengths = [100, 20000, 120, 110, 5000, 90, 95, 130, 125, 115, 105]
    groups = list(predictor._groups(lengths))
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    assert all(len(group) <= 8 for group in groups)
    assert [1] in groups


def test_an_array_with_its_grid_gives_what_the_file_gives(data: Path, predictor: Predictor) -> None:
    path = data / "features" / "validation_007.npy"
    from_file = predictor.detect(path, fps=30, duration=20.0, everything=True)
    from_array = predictor.detect(
        np.load(path), FeatureGrid(30, 4, 16), duration=20.0, name="validation_007", everything=True
    )
    assert from_array == from_file


def test_another_frame_rate_scales_the_seconds(data: Path, predictor: Predictor) -> None:
    path = data / "features" / "validation_007.npy"
    slow, fast = (
        predictor.detect(path, fps=15, everything=True).best(5),
        predictor.detect(path, fps=30, everything=True).best(5),
    )
    assert [a.start for a in slow] == pytest.approx([2 * a.start for a in fast])


def test_an_unknown_frame_rate_is_asked_for(data: Path, predictor: Predictor) -> None:
    with pytest.raises(InputError, match=r"the frame rate is not known; set it with --data\.fps"):
        predictor.detect(data / "features" / "validation_006.npy", everything=True)


def test_one_step_of_features_is_a_video_too(predictor: Predictor) -> None:
    timeline = predictor.detect(np.zeros((1, 64), np.float32), FeatureGrid(30, 4, 16), everything=True)
    assert all(0 <= action.start < action.end <= 16 / 30 for action in timeline)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros((64, 10), np.float32), r"expected features \(T, 64\) with T > 0, found \(64, 10\)"),
        (np.zeros((0, 64), np.float32), r"expected features \(T, 64\) with T > 0, found \(0, 64\)"),
        (np.full((5, 64), np.nan, np.float32), "5 of 5 steps hold NaN"),
    ],
)
def test_features_that_do_not_fit_are_refused(predictor: Predictor, features: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        predictor.detect(features, FeatureGrid(30, 4, 16), everything=True)


def test_a_video_needs_a_run_that_knows_how_its_features_were_made(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"was trained on features of which it does not know how they were made; extract"
    ):
        predictor.detect(tmp_path / "match.mp4", everything=True)


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a run folder, config\.yaml is missing"):
        logotal.load(tmp_path)
    with pytest.raises(InputError, match=r"nowhere: no such run folder"):
        logotal.load(tmp_path / "nowhere")


def test_truncated_or_foreign_weights_are_refused(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    copy.mkdir()
    for name in ("config.yaml", "labels.json"):
        (copy / name).write_bytes((run.folder / name).read_bytes())
    with pytest.raises(InputError, match=r"training has not finished, model\.safetensors is missing"):
        logotal.load(copy)
    whole_file = (run.folder / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole_file[:-10])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        logotal.load(copy)
    weights = load_file(run.folder / "model.safetensors")
    weights["stranger"] = weights.pop("fusion.weights")
    save_file(weights, copy / "model.safetensors")
    with pytest.raises(InputError, match=r"the weights do not fit config\.yaml and labels\.json: .*fusion\.weights"):
        logotal.load(copy)


def test_bf16_finds_what_fp32_finds(run: Run, data: Path, predictor: Predictor) -> None:
    rough = logotal.load(run.folder, precision="bf16")
    assert (predictor.precision, rough.precision) == ("fp32", "bf16")
    assert {parameter.dtype for parameter in rough.detector.parameters()} == {torch.bfloat16}
    video = data / "features" / "validation_006.npy"
    exact = rows(predictor, predictor.detect(video, fps=30, everything=True).best(5))
    found = rows(rough, rough.detect(video, fps=30, everything=True))
    # Among all that is found: bf16 has three digits, and which five are the best may differ.
    apart = np.abs(exact[:, None] - found[None]) / (0.5, 0.5, 0.5, 0.02)
    assert (apart.max(axis=2).min(axis=1) <= 1).sum() >= 4
