"""A loss, gradient or weight that is not finite stops the training, and the last good checkpoint is gone on from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from logotal.errors import InputError
from logotal.places import CHECKPOINT
from logotal.recipes import dump_config
from logotal.runs.train import train
from logotal.training.engine.learner import Learner
from tests.commands.run import logotal as command
from tests.training.small import small_config, small_data

STEPS = 3  # per epoch, of six videos in batches of two


def overflow(path: Path) -> bytes:
    """Makes the features of a video so large that they overflow in the network, and returns what they were."""
    whole = path.read_bytes()
    np.save(path, np.full_like(np.load(path), 3e38))
    return whole


def test_features_that_overflow_stop_the_run_and_repaired_ones_resume_it_to_the_same_bits(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    config = small_config(data, training={"epochs": 4})
    whole = train(config, tmp_path / "whole").folder
    path, run, kept = data / "features" / "training_002.npy", tmp_path / "run", []

    def spoil(done: int, total: int, loss: float) -> None:
        if done == 2 * STEPS:  # the last step of the second epoch, whose checkpoint comes next
            kept.append(overflow(path))

    with pytest.raises(InputError) as caught:
        train(config, run, progress=spoil)
    message = str(caught.value)
    assert message.startswith("the loss is nan at step ")
    assert "training_002" in message
    assert "in epoch 2 (classification " in message
    assert "--resume then goes on from the last checkpoint" in message
    checkpoint = torch.load(run / CHECKPOINT, weights_only=True)
    assert checkpoint["global_step"] == 2 * STEPS
    assert all(torch.isfinite(value).all() for value in checkpoint["state_dict"].values())
    assert not (run / "model.safetensors").exists()

    before = (run / CHECKPOINT).read_bytes()
    with pytest.raises(InputError, match="the loss is nan"):  # as long as the file is what it is
        train(config, run, resume=True)
    assert (run / CHECKPOINT).read_bytes() == before

    path.write_bytes(kept[0])
    train(config, run, resume=True)
    assert (run / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_the_command_line_says_it_in_one_line_and_ends_with_status_1(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    overflow(data / "features" / "training_004.npy")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(dump_config(small_config(data, training={"epochs": 1})))
    done = command("train", recipe, "--out", tmp_path / "run")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("logotal: the loss is nan at step ")
    assert "training_004" in last
    assert "Traceback" not in done.stderr


def spoiled_gradient(monkeypatch: pytest.MonkeyPatch, at_step: int, value: float) -> None:
    """Makes one number of the gradient of one step something else, as an overflow in the backward pass would."""
    clip = Learner.configure_gradient_clipping

    def spoil(self: Learner, optimizer: Any, *given: Any, **named: Any) -> None:
        if self.global_step == at_step:
            gradient = next(p.grad for p in self.parameters() if p.grad is not None)
            gradient.view(-1)[0] = value
        clip(self, optimizer, *given, **named)

    monkeypatch.setattr(Learner, "configure_gradient_clipping", spoil)


@pytest.mark.parametrize("clip", [0.0, 1.0])
@pytest.mark.parametrize("at_step", [STEPS, 2 * STEPS - 1], ids=["first of an epoch", "last of an epoch"])
def test_a_gradient_that_is_not_finite_is_blamed_on_its_own_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_step: int, clip: float
) -> None:
    spoiled_gradient(monkeypatch, at_step, float("inf"))
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 3, "clip_gradient_norm": clip})
    with pytest.raises(
        InputError, match=rf"the gradient's norm is inf at step {at_step}, videos training_\d+.*epoch 1"
    ):
        train(config, tmp_path / "run")
    checkpoint = torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)
    assert checkpoint["global_step"] == STEPS, "that of the first epoch, the last good one"
    assert all(torch.isfinite(value).all() for value in checkpoint["state_dict"].values())


def test_weights_that_overflow_in_the_last_step_are_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = Learner.on_train_batch_end

    def spoil(self: Learner, *given: Any) -> None:
        if self.global_step == 2 * STEPS:
            with torch.no_grad():
                next(self.parameters()).view(-1)[0] = float("nan")
        end(self, *given)

    monkeypatch.setattr(Learner, "on_train_batch_end", spoil)
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 2})
    with pytest.raises(InputError, match=r"the weights' norm is nan at step 5, videos training_"):
        train(config, tmp_path / "run")
    assert torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)["global_step"] == STEPS
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_the_progress_is_told_the_loss_of_every_step(tmp_path: Path) -> None:
    told: list[tuple[int, int, float]] = []
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 2})
    train(config, tmp_path / "run", progress=lambda *step: told.append(step))
    assert [(done, total) for done, total, _ in told] == [(step, 2 * STEPS) for step in range(1, 2 * STEPS + 1)]
    table = np.genfromtxt(tmp_path / "run" / "metrics.csv", delimiter=",", names=True)
    assert np.mean([loss for done, _, loss in told if done <= STEPS]) == pytest.approx(table["loss"][0], rel=1e-4)


def test_the_host_reads_from_the_device_once_in_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    for name in ("item", "tolist", "__float__", "__bool__"):
        original = getattr(torch.Tensor, name)

        def counted(self: torch.Tensor, *given: Any, original: Any = original) -> Any:
            if inside:
                reads.append(1)
            return original(self, *given)

        monkeypatch.setattr(torch.Tensor, name, counted)
    inside: list[int] = []
    step, steps = Learner.training_step, []

    def watched(self: Learner, *given: Any) -> Any:
        inside.append(1)
        try:
            return step(self, *given)
        finally:
            inside.clear()
            steps.append(1)

    monkeypatch.setattr(Learner, "training_step", watched)
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1})
    train(config, tmp_path / "run", progress=lambda *step: None)
    assert (len(steps), len(reads)) == (STEPS, STEPS)
