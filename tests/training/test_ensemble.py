"""Each member of an ensemble learns as if it were alone, and the whole is saved, loaded and asked as one."""

import copy
from pathlib import Path

import pytest
import torch

import logotal
import logotal.runs.train
from logotal.config import ModelConfig
from logotal.model.ensemble import Ensemble, Network, build_network
from logotal.runs.evaluate import evaluate
from logotal.runs.folder import Run
from logotal.runs.train import train
from tests.training.small import small_config, small_data


@pytest.mark.parametrize("normalizer", ["ema", "paper"])
def test_each_member_learns_as_if_it_were_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, normalizer: str
) -> None:
    config = small_config(
        small_data(tmp_path / "data"),
        model={"drop_path": 0, "head": "clff-light"},  # drop path would draw other numbers for a member alone
        training={"normalizer": normalizer, "clip_gradient_norm": 0.1, "learning_rate": 0.003, "input_noise": 0},
    )
    started: list[Network] = []

    def build(model: ModelConfig, *, num_labels: int) -> Network:
        if started:
            return started.pop()
        pair = build_network(model.model_copy(update={"members": 2}), num_labels=num_labels)
        started.extend(copy.deepcopy(member) for member in pair.members)
        return pair

    monkeypatch.setattr(logotal.runs.train, "build_network", build)
    runs = [train(config, tmp_path / name) for name in ("pair", "second", "first")]
    pair, second, first = (run.weights() for run in runs)
    for index, alone in enumerate((first, second)):
        for name, learned in alone.items():
            found = pair[f"detectors.{index}.{name}"]
            assert torch.allclose(found, learned, rtol=1e-4, atol=1e-6), name


def test_a_pair_is_trained_resumed_loaded_and_evaluated(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    whole = train(small_config(data, model={"members": 2}, training={"epochs": 2}), tmp_path / "whole")
    assert isinstance(logotal.load(whole.folder).detector, Ensemble)
    assert 0 <= min(evaluate(whole.folder).result.averages.values()) <= 1
    assert {"w1", "w2", "loss"} <= set((whole.folder / "metrics.csv").read_text().splitlines()[0].split(","))


def test_the_weights_of_one_network_are_none_of_two(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    one = train(small_config(data, training={"epochs": 1}), tmp_path / "one")
    config = one.folder / "config.yaml"
    config.write_text(config.read_text().replace("members: 1", "members: 2"))
    assert "members: 2" in config.read_text()
    with pytest.raises(logotal.InputError, match="the weights do not fit"):
        logotal.load(Run(one.folder).folder)
