"""Fitting the built-in video classifier, and the whole way from a class-agnostic training to labelled actions."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.demo.synthetic import CHANNELS, GRID
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.formats.timelines import read_timelines
from logotal.runs.train import train
from logotal.timeline import Action
from logotal.training.video_classifier import FEWEST, fit, measure, truths, unlearnable_labels
from tests.commands.run import logotal as command
from tests.training.small import small_config

LABELS = ("jump", "run", "sit")
AGNOSTIC = {"model": {"class_agnostic": True}, "inference": {"nms_per_class": False, "voting_tiou": 0.9}}


def examples(videos: int, *, seed: int = 0, labels: int = 3, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Pooled features (N, 8) of videos, and labels (N, K) of which each moves one number; every fifth has none."""
    generator = np.random.default_rng(seed)
    truth = generator.random((videos, labels)) < 0.4
    truth[::5] = False
    X = noise * generator.normal(size=(videos, 8))
    X[:, :labels] += 3 * truth
    return X, truth


def test_videos_of_several_labels_and_of_none_are_learned() -> None:
    X, Y = examples(400)
    classifier = fit(X, Y, LABELS)
    unseen, expected = examples(200, seed=1)
    right = (classifier.of_pooled(unseen) > 0.5) == expected
    assert right.mean() > 0.9
    assert right[expected.sum(axis=1) >= 2].mean() > 0.85
    accuracy = measure(classifier, unseen, expected, "validation")
    assert accuracy is not None
    assert (accuracy.split, accuracy.videos) == ("validation", int(expected.any(axis=1).sum()))
    assert accuracy.top_1 > 0.9
    assert accuracy.mean_average_precision > 0.9


def test_probabilities_are_near_how_often_labels_occur() -> None:
    X, Y = examples(2000, noise=3.0)
    scores = fit(X, Y, LABELS).of_pooled(X)
    for low in (0.1, 0.3, 0.5, 0.7):
        among = (scores >= low) & (scores < low + 0.2)
        assert Y[among].mean() == pytest.approx(scores[among].mean(), abs=0.06)


def test_the_same_videos_give_the_same_bits() -> None:
    assert fit(*examples(100), LABELS).to_bytes() == fit(*examples(100), LABELS).to_bytes()


def test_labels_of_all_videos_of_none_and_of_one_get_finite_probabilities() -> None:
    X, Y = examples(30)
    Y[:, 0], Y[:, 1], Y[:, 2] = True, False, False
    Y[7, 2] = True
    classifier = fit(X, Y, LABELS)
    assert not classifier.weights[:2].any()
    scores = classifier.of_pooled(X)
    assert scores[:, 0] == pytest.approx(31 / 32)
    assert scores[:, 1] == pytest.approx(1 / 32)
    assert scores[7, 2] == scores[:, 2].max()


@pytest.mark.parametrize("videos", [1, 2, FEWEST - 1, FEWEST])
def test_few_videos_are_enough(videos: int) -> None:
    X, Y = examples(videos)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(fit(X, Y, LABELS).of_pooled(X)).all()


def test_a_channel_that_does_not_move_says_nothing_however_large_it_is() -> None:
    X, Y = examples(50)
    X[:, 6], X[:, 7] = 1e30, 0.1
    classifier = fit(X, Y, LABELS)
    assert not classifier.weights[:, 7].any()
    moved = X.copy()
    moved[:, 7] += 1e-9
    np.testing.assert_allclose(classifier.of_pooled(moved), classifier.of_pooled(X), rtol=1e-6)


def test_the_measure_of_perfect_scores_is_one_and_without_labels_there_is_none() -> None:
    X, Y = examples(400, noise=0.01)
    classifier = fit(X, Y, LABELS)
    accuracy = measure(classifier, X, Y, "x")
    assert accuracy is not None
    assert (accuracy.top_1, accuracy.mean_average_precision) == (1.0, 1.0)
    assert measure(classifier, X, np.zeros_like(Y), "x") is None


def video(name: str, *labels: str) -> VideoTruth:
    return VideoTruth(name, "training", tuple(Action(0.0, 1.0, label) for label in labels))


def test_truths_have_a_row_per_video_and_ignore_unknown_labels() -> None:
    videos = [video("a", "run", "run", "jump"), video("b"), video("c", "swim")]
    assert truths(videos, LABELS).tolist() == [[True, True, False], [False] * 3, [False] * 3]


def test_labels_that_cannot_be_learned_are_named() -> None:
    videos = [video("a", "run", "jump"), video("b", "run")]
    assert unlearnable_labels(videos, LABELS) == [
        "1 label without a training video, which the video classifier never gives: 'sit'",
        "1 label with a single training video, which the video classifier hardly knows: 'jump'",
    ]
    many = unlearnable_labels([], tuple(f"label {i}" for i in range(14)))
    assert many[0].startswith("14 labels without a training video")
    assert many[0].endswith("'label 9' and 4 more")


def write_themed(folder: Path, *, training: int = 24, validation: int = 8) -> Path:
    """Synthetic videos of which each has one label, as those of ActivityNet have; one in eight has no action."""
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(len(LABELS), CHANNELS))
    database = {}
    (folder / "features").mkdir(parents=True)
    for number in range(training + validation):
        split = "training" if number < training else "validation"
        name, label = f"{split}_{number:03d}", number % len(LABELS)
        features = generator.normal(size=(150, CHANNELS))
        features += 0.3 * directions[label]
        segments = [] if number % 8 == 7 else [(20, 60), (90, 110)]
        for first, behind in segments:
            features[first:behind] += 1.5
        np.save(folder / "features" / f"{name}.npy", features.astype(np.float32))
        seconds = [[GRID.clip_stride * step / GRID.fps for step in segment] for segment in segments]
        database[name] = {
            "subset": split,
            "fps": GRID.fps,
            "duration": GRID.span(150),
            "annotations": [{"label": LABELS[label], "segment": segment} for segment in seconds],
        }
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_themed(tmp_path_factory.mktemp("themed"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    config = small_config(data, **AGNOSTIC, training={"epochs": 8, "learning_rate": 0.005})
    return train(config, tmp_path_factory.mktemp("runs") / "run").folder


def test_a_class_agnostic_model_gives_labels_to_what_it_finds(trained: Path, data: Path) -> None:
    predictor = logotal.load(trained, device="cpu")
    for name, label in (("validation_024", "jump"), ("validation_025", "run"), ("validation_026", "sit")):
        best = predictor.detect(data / "features" / f"{name}.npy", fps=30, everything=True).best(1)
        assert best.labels == (label,)
    (accuracy,) = [predictor.pipeline.classifier.accuracy]  # type: ignore[union-attr]
    assert accuracy is not None
    assert (accuracy.split, accuracy.videos, accuracy.top_1) == ("validation", 7, 1.0)


def test_one_by_one_and_in_batches_the_labels_are_the_same(trained: Path, data: Path) -> None:
    from logotal.data.dataset import WholeVideos  # noqa: PLC0415
    from logotal.data.selection import open_source, select  # noqa: PLC0415

    predictor = logotal.load(trained, device="cpu")
    config = predictor.config.data
    source = open_source(config)
    chosen = select(source, "validation", config, predictor.labels)
    dataset = WholeVideos(chosen.videos, source.features, config, predictor.label_index)
    for found in predictor.detect_dataset(dataset):
        path = data / "features" / f"{found.video}.npy"
        alone = predictor.detect(path, fps=30, duration=found.duration, everything=True)
        assert [(a.label, pytest.approx(a.score, abs=1e-4)) for a in found.best(4)] == [
            (a.label, a.score) for a in alone.best(4)
        ]


def test_detect_and_evaluate_say_where_labels_come_from(trained: Path, data: Path, tmp_path: Path) -> None:
    sentence = "labels come from the built-in video classifier (accuracy 100.0 % on 7 videos of split 'validation')"
    features = data / "features" / "validation_024.npy"
    detected = command(
        "detect", features, "--model", trained, "--fps", "30", "--everything", "--save", tmp_path / "found.json"
    )
    assert detected.returncode == 0, detected.stderr
    assert sentence in detected.stderr.splitlines()
    saved = json.loads((tmp_path / "found.json").read_text())
    assert saved["external_data"] == {"used": True, "details": sentence}
    assert read_timelines(tmp_path / "found.json")[0].best(1).labels == ("jump",)

    evaluated = command("evaluate", trained, "--video-scores", tmp_path / "none.json")
    assert evaluated.returncode == 1
    evaluated = command("evaluate", trained)
    assert evaluated.returncode == 0, evaluated.stderr
    assert sentence in evaluated.stderr.splitlines()
    evaluation = json.loads((trained / "evaluation.json").read_text())
    assert evaluation["labels_from"] == sentence
    assert evaluation["mAP"]["0.3"] > 0.5, "with 'action' for every label nothing would match"

    names = [f"validation_{number:03d}" for number in range(24, 32)]
    (tmp_path / "scores.json").write_text(json.dumps({name: {"run": 1.0} for name in names}))
    external = command("evaluate", trained, "--video-scores", tmp_path / "scores.json", "--save", tmp_path / "e.json")
    assert external.returncode == 0, external.stderr
    sentence = f"labels come from external scores in {tmp_path / 'scores.json'}"
    assert sentence in external.stderr.splitlines()
    assert json.loads((tmp_path / "e.json").read_text())["labels_from"] == sentence


@pytest.mark.slow
def test_an_exported_model_gives_the_same_labels_without_torch(trained: Path, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    model, features = tmp_path / "model.onnx", data / "features" / "validation_025.npy"
    exported = command("export", trained, "--out", model)
    assert exported.returncode == 0, exported.stderr
    for name, where in (("torch", trained), ("onnx", model)):
        given = ("--model", where, "--fps", "30", "--everything", "--save", tmp_path / f"{name}.json")
        done = command("detect", features, *given)
        assert done.returncode == 0, done.stderr
        assert "labels come from the built-in video classifier (accuracy 100.0 %" in done.stderr
    ours, theirs = (read_timelines(tmp_path / f"{name}.json")[0].best(6) for name in ("torch", "onnx"))
    assert [a.label for a in theirs] == [a.label for a in ours]
    assert [a.score for a in theirs] == pytest.approx([a.score for a in ours], abs=2e-3)
    assert ours.best(1).labels == ("run",)


def test_it_is_measured_on_held_out_videos_where_there_are_some(data: Path, tmp_path: Path) -> None:
    config = small_config(data, **AGNOSTIC, data={"hold_out": 0.25}, training={"epochs": 1})
    classifier = train(config, tmp_path / "run").classifier()
    assert classifier is not None
    assert classifier.accuracy is not None
    assert classifier.accuracy.split == "held-out"


def test_without_videos_to_measure_on_it_says_not_measured(data: Path, tmp_path: Path) -> None:
    config = small_config(data, **AGNOSTIC, data={"evaluation_split": "test"}, training={"epochs": 1})
    classifier = train(config, tmp_path / "run").classifier()
    assert classifier is not None
    assert classifier.accuracy is None


def test_labels_without_videos_are_among_what_is_left_out(tmp_path: Path) -> None:
    data = write_themed(tmp_path / "data", training=7, validation=1)
    content = json.loads((data / "annotations.json").read_text())
    content["database"]["validation_007"]["annotations"] = [{"label": "swim", "segment": [1.0, 2.0]}]
    (data / "annotations.json").write_text(json.dumps(content))
    said: list[str] = []
    run = train(small_config(data, **AGNOSTIC, training={"epochs": 1}), tmp_path / "run", say=said.append)
    sentence = "1 label without a training video, which the video classifier never gives: 'swim'"
    assert said == [sentence]
    assert (run.folder / "left_out.txt").read_text() == f"{sentence}\n"
    classifier = run.classifier()
    assert classifier is not None
    assert classifier.accuracy is not None
    assert classifier.accuracy.top_1 == 0.0


def test_a_model_that_knows_its_labels_has_no_classifier(data: Path, tmp_path: Path) -> None:
    run = train(small_config(data, training={"epochs": 1}), tmp_path / "run")
    assert run.classifier() is None
    assert not (run.folder / "classifier.safetensors").exists()


def test_the_classifier_of_another_run_is_refused_when_a_model_is_loaded(
    data: Path, trained: Path, tmp_path: Path
) -> None:
    run = train(small_config(data, **AGNOSTIC, training={"epochs": 1}), tmp_path / "run")
    (run.folder / "labels.json").write_text('["run", "jump", "sit"]')
    (run.folder / "classifier.safetensors").write_bytes((trained / "classifier.safetensors").read_bytes())
    with pytest.raises(InputError, match=r"classifier\.safetensors: expected the 3 labels of the run in their order"):
        logotal.load(run.folder)
