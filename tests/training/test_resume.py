"""Law 6: a run that was killed and resumed equals one that was never stopped, to the bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.places import CHECKPOINT, METRICS
from logotal.recipes import dump_config
from logotal.runs.train import train
from tests.training.small import small_config, small_data

TRAIN = """
import sys, torch
from pathlib import Path
from logotal.recipes import read_recipe
from logotal.runs.train import train
torch.set_num_threads(1)
train(read_recipe(sys.argv[1]), Path(sys.argv[2]), resume=sys.argv[3] == "resume")
"""


def run(recipe: Path, folder: Path, how: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", TRAIN, str(recipe), str(folder), how], env=environment
    )


def epochs_done(folder: Path) -> int:
    path = folder / METRICS
    return len(path.read_text().splitlines()) - 1 if path.is_file() else 0


def kill_after(process: "subprocess.Popen[bytes]", folder: Path, epochs: int, delay: float) -> None:
    deadline = time.monotonic() + 120
    while epochs_done(folder) < epochs:
        assert process.poll() is None, "training ended before it could be killed"
        assert time.monotonic() < deadline, "training takes too long"
        time.sleep(0.005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_killed_and_resumed_run_has_the_same_bits_as_an_undisturbed_one(tmp_path: Path, workers: int) -> None:
    data = small_data(tmp_path / "data")
    recipe = tmp_path / "recipe.yaml"
    config = small_config(data, training={"epochs": 12, "workers": workers, "input_noise": 0.01})
    recipe.write_text(dump_config(config))

    assert run(recipe, tmp_path / "whole", "fresh").wait() == 0

    broken = tmp_path / "broken"
    kill_after(run(recipe, broken, "fresh"), broken, epochs=1, delay=0.0)  # around the first checkpoint
    kill_after(run(recipe, broken, "resume"), broken, epochs=3, delay=0.15)  # in the middle of an epoch
    assert not (broken / "model.safetensors").exists()
    assert run(recipe, broken, "resume").wait() == 0

    whole = tmp_path / "whole"
    assert (broken / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()

    def without_clock(folder: Path) -> list[str]:
        rows = [line.split(",") for line in (folder / METRICS).read_text().splitlines()]
        clock = rows[0].index("seconds")
        return [",".join(row[:clock] + row[clock + 1 :]) for row in rows]

    assert without_clock(broken) == without_clock(whole)
    assert len(without_clock(whole)) == 1 + 12


def test_a_run_killed_before_its_first_checkpoint_starts_again(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1})
    whole = train(config, tmp_path / "whole")
    broken = train(config, tmp_path / "broken")
    for name in (CHECKPOINT, "model.safetensors", METRICS):
        (broken.folder / name).unlink()
    train(config, tmp_path / "broken", resume=True)
    assert (broken.folder / "model.safetensors").read_bytes() == (whole.folder / "model.safetensors").read_bytes()


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1})
    train(config, tmp_path / "run")
    with pytest.raises(InputError, match="already holds a run; go on with --resume"):
        train(config, tmp_path / "run")


def test_a_run_is_not_resumed_with_another_configuration(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    train(small_config(data, training={"epochs": 1}), tmp_path / "run")
    with pytest.raises(InputError, match=r"its config.yaml is not this configuration"):
        train(small_config(data, training={"epochs": 2}), tmp_path / "run", resume=True)
