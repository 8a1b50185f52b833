"""A training that was killed after its last epoch, or whose checkpoints lie on another disk than temporary files."""

import tempfile
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.runs.train import train
from tests.training.small import small_config, small_data


def test_a_run_killed_between_its_last_epoch_and_its_model_has_averaged_weights_after_resuming(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1, "warmup_epochs": 0})
    run = train(config, tmp_path / "run")
    model = run.folder / "model.safetensors"
    undisturbed = model.read_bytes()
    model.unlink()
    train(config, tmp_path / "run", resume=True)
    assert model.read_bytes() == undisturbed


def test_a_training_leaves_nothing_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))  # writing there would fail
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1, "warmup_epochs": 0})
    run = train(config, tmp_path / "run")
    assert (run.folder / "checkpoint.ckpt").is_file()
    assert not list(run.folder.glob(".*"))


def test_a_folder_with_leftovers_alone_is_begun_anew_by_resume(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1, "warmup_epochs": 0})
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"")
    with pytest.raises(InputError, match="not a run folder"):
        train(config, folder, resume=True)
    (folder / "holiday.jpg").unlink()
    (folder / ".config.yaml.part").write_text("model: {")
    (folder / "features.json").write_text("{}")
    assert (train(config, folder, resume=True).folder / "model.safetensors").is_file()
