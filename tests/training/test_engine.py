from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from logotal.errors import InputError
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.training.engine.learner import Learner, Windows
from tests.training.small import small_config, small_data


@pytest.mark.parametrize("head", ["light", "trident", "clff"])
@pytest.mark.parametrize("mixer", ["logo", "conv", "attention"])
def test_every_mixer_and_head_learns_the_synthetic_set(tmp_path: Path, mixer: str, head: str) -> None:
    config = small_config(
        small_data(tmp_path / "data"),
        model={"mixer": mixer, "head": head},
        training={"epochs": 12, "warmup_epochs": 1, "learning_rate": 0.003},
    )
    run = train(config, tmp_path / "run")
    losses = [float(row["loss"]) for row in metrics(run)]
    assert losses[-1] < 0.65 * losses[0]


def metrics(run: Run) -> list[dict[str, str]]:
    lines = [line.split(",") for line in (run.folder / "metrics.csv").read_text().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    weights = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run = train(small_config(data, training={"epochs": 1, "seed": seed}), tmp_path / name)
        weights.append((run.folder / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    runs = [train(small_config(data, training={"epochs": 1, "workers": w}), tmp_path / f"{w}") for w in (0, 2)]
    assert (runs[0].folder / "model.safetensors").read_bytes() == (runs[1].folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize(("kind", "at_once"), [("cpu", False), ("mps", False), ("cuda", True)])
def test_batches_are_pinned_and_copied_without_waiting_where_training_is_on_cuda(kind: str, at_once: bool) -> None:
    windows = Windows(cast(Any, [0] * 8), small_config(Path("data")), steps_per_epoch=4)
    strategy = SimpleNamespace(root_device=torch.device(kind))
    trainer = SimpleNamespace(global_step=0, current_epoch=0, global_rank=0, world_size=1, strategy=strategy)
    windows.trainer = cast(Any, trainer)
    assert windows.train_dataloader().pin_memory == at_once
    batch = Mock()
    windows.transfer_batch_to_device(batch, torch.device(kind), 0)
    batch.to.assert_called_once_with(torch.device(kind), non_blocking=at_once)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    ("fault", "message"),
    [("not finite", r"training_001\.npy: 1 of \d+ steps hold NaN"), ("gone", r"training_001\.npy")],
)
def test_features_that_cannot_be_used_are_named_whichever_process_reads_them(
    tmp_path: Path, workers: int, fault: str, message: str
) -> None:
    data = small_data(tmp_path / "data")
    config = small_config(data, training={"workers": workers}, data={"window": 4096})  # each window is a whole video
    path = data / "features" / "training_001.npy"
    features = np.load(path)

    def spoil(done: int, total: int, loss: float) -> None:
        del done, total, loss
        if fault == "gone":
            path.unlink(missing_ok=True)
        else:
            features[3] = np.nan
            np.save(path, features)

    with pytest.raises(InputError, match=message) as caught:
        train(config, tmp_path / "run", progress=spoil)
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_metrics_hold_losses_rate_and_fusion_weights_of_every_epoch(tmp_path: Path) -> None:
    run = train(small_config(small_data(tmp_path / "data")), tmp_path / "run")
    rows = metrics(run)
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    for row in rows:
        assert float(row["loss"]) == pytest.approx(float(row["class"]) + float(row["boundary"]), rel=1e-4)
        assert np.isfinite([float(row[key]) for key in ("w1", "w2", "normalizer", "positives")]).all()
    assert float(rows[-1]["w1"]) != 1.0, "w1 never moved"
    assert float(rows[-1]["learning_rate"]) < float(rows[0]["learning_rate"])


def test_saved_weights_are_the_averaged_ones(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    plain = train(small_config(data, training={"ema_decay": 0}), tmp_path / "plain")
    averaged = train(small_config(data, training={"ema_decay": 0.9}), tmp_path / "averaged")
    name = "classification.trunk.last.conv.weight"
    difference = (
        load_file(plain.folder / "model.safetensors")[name] - load_file(averaged.folder / "model.safetensors")[name]
    )
    assert difference.abs().max() > 0
    checkpoint = torch.load(averaged.folder / "checkpoint.ckpt", weights_only=True)
    current = checkpoint["current_model_state"][f"detector.{name}"]
    torch.testing.assert_close(current, load_file(plain.folder / "model.safetensors")[name])


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_averaged_weights_are_their_formula_over_the_weights_of_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decay: float
) -> None:
    steps: list[dict[str, torch.Tensor]] = []
    end = Learner.on_train_batch_end

    def tell(learner: Learner, *args: Any) -> None:
        steps.append({name: value.detach().clone() for name, value in learner.detector.named_parameters()})
        end(learner, *args)

    monkeypatch.setattr(Learner, "on_train_batch_end", tell)
    config = small_config(small_data(tmp_path / "data"), training={"ema_decay": decay})
    saved = load_file(train(config, tmp_path / "run").folder / "model.safetensors")
    assert len(steps) == 9
    average = steps[0]
    for step in steps[1:]:
        average = {name: decay * average[name] + (1 - decay) * value for name, value in step.items()}
    assert any((average[name] - value).abs().max() > 1e-4 for name, value in steps[-1].items())
    for name, value in average.items():
        torch.testing.assert_close(saved[name], value, rtol=1e-6, atol=1e-6)


def test_an_infinite_loss_stops_the_run_and_names_the_videos(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"learning_rate": 1e30, "clip_gradient_norm": 0})
    with pytest.raises(
        InputError, match=r"the loss is nan at step \d+, videos training_\d+.*lower training.learning_rate"
    ):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_fewer_videos_than_a_batch_are_refused(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data", training=2), training={"batch_size": 3})
    with pytest.raises(InputError, match="2 training videos do not fill one batch of 3"):
        train(config, tmp_path / "run")


def test_bf16_training_stays_close_to_fp32(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    runs = [train(small_config(data, training={"precision": p}), tmp_path / p) for p in ("fp32", "bf16")]
    last = [float(metrics(run)[-1]["loss"]) for run in runs]
    assert last[1] == pytest.approx(last[0], rel=0.05)
