"""The linear network is what scikit-learn solved for, written as convolutions."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from logotal.data.selection import open_source
from logotal.demo.synthetic import GRID
from logotal.errors import InputError
from logotal.recipes import merge, read_recipe
from logotal.runs.evaluate import evaluate
from logotal.runs.load import load_run
from logotal.runs.train import train
from logotal.training import fit_linear
from logotal.training.fit_linear import EVERY, WEAK
from tests.training.small import SMALL, small_data

STEPS = 17


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("linear"), training=8)


def trained(data: Path, folder: Path, **data_settings: object) -> Path:
    config = read_recipe("synthetic", {"data": {"features": data, **data_settings}}, preset="linear")
    return train(config, folder).folder


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(data, tmp_path_factory.mktemp("run") / "run")


def test_its_logits_are_those_of_a_regression_on_windows_of_the_features(data: Path, run: Path) -> None:
    """All components are kept where there are few channels, so whitening alone stands between the two."""
    predictor = load_run(run)
    source = open_source(predictor.config.data)
    training = source.annotations.split("training")
    rows = {video.id: np.asarray(source.features.read(video.id), float) for video in training}
    steps = np.concatenate(list(rows.values()))
    mean, deviation = steps.mean(0), steps.std(0)
    standard = {name: (each - mean) / deviation for name, each in rows.items()}
    together = np.concatenate(list(standard.values()))
    values, vectors = np.linalg.eigh(np.cov(together.T))
    components = {name: each @ vectors / np.sqrt(values) for name, each in standard.items()}
    described, own, says = [], [], []
    label = predictor.labels[0]
    for video in training:
        padded = np.pad(components[video.id], ((STEPS // 2, STEPS // 2), (0, 0)))
        T = len(components[video.id])
        described.append(np.concatenate([padded[j : j + T] for j in range(0, STEPS, EVERY)], axis=1))
        grid, middle, inside = np.arange(T), np.zeros(T, bool), np.zeros(T, bool)
        for action in (each for each in video.actions if each.label == label):
            start, end = GRID.steps(np.array([[action.start, action.end]]))[0]
            middle |= np.abs(grid - (start + end) / 2) <= (end - start) / 4
            inside |= (grid > start) & (grid < end)
        own.append(middle)
        says.append(middle | ~inside)
    x, y, taken = np.concatenate(described), np.concatenate(own), np.concatenate(says)
    model = LogisticRegression(C=WEAK, class_weight="balanced", max_iter=2000).fit(x[taken], y[taken])
    expected = model.decision_function(described[0])
    features = torch.from_numpy(rows[next(iter(rows))].T.astype(np.float32))[None]
    with torch.inference_mode():
        found = predictor.detector(features, torch.ones(1, 1, features.shape[-1], dtype=torch.bool)).logits[0, 0]
    np.testing.assert_allclose(found.numpy(), expected, atol=0.02 * np.abs(expected).max())  # lbfgs stops near


def test_it_finds_what_was_planted_and_the_same_each_time(data: Path, run: Path, tmp_path: Path) -> None:
    assert evaluate(run).result.averages["0.3:0.7"] > 0.15
    again = trained(data, tmp_path / "again")
    assert (again / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


def test_it_has_the_width_of_the_features_and_no_other_part(run: Path) -> None:
    config = load_run(run).config.model
    assert config.width == config.input_channels
    names = {name.rpartition(".")[0].removesuffix(".conv") for name in load_run(run).detector.state_dict()}
    heads = {"classification.trunk.last", "regression", "regression.trunk.last"}
    assert names == {*heads, "encoder.embedding.standard"}


def test_a_label_that_is_never_alone_or_absent_does_no_harm(data: Path, tmp_path: Path) -> None:
    folder = trained(data, tmp_path / "few", exclude=tuple(f"training_{i:03d}" for i in range(2, 8)))
    assert np.isfinite(evaluate(folder).result.averages["0.3:0.7"])


def test_another_network_is_refused(data: Path, tmp_path: Path) -> None:
    config = read_recipe("synthetic", merge(SMALL, {"data": {"features": data}, "training": {"method": "regression"}}))
    with pytest.raises(InputError, match="is for a linear network: take it with --preset linear"):
        train(config, tmp_path / "run")


def test_of_too_many_steps_some_are_drawn_by_the_seed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_linear, "MOST", 600)
    weights = [trained(data, tmp_path / name).joinpath("model.safetensors").read_bytes() for name in "ab"]
    assert weights[0] == weights[1]
    assert evaluate(tmp_path / "a").result.averages["0.3:0.7"] > 0.1


@pytest.mark.parametrize("changes", [{"members": 2}, {"standardize": False}, {"levels": 2}])
def test_more_than_a_linear_network_is_refused(data: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    config = read_recipe("synthetic", {"data": {"features": data}, "model": changes}, preset="linear")
    with pytest.raises(InputError, match="is for a linear network: take it with --preset linear"):
        train(config, tmp_path / "run")
