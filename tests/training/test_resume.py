"""Law 6: a run that was killed and resumed equals one that was never stopped, to the bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from logotal.errors import InputError
from logotal.places import CHECKPOINT, METRICS
from logotal.recipes import dump_config
from logotal.runs.train import train
from logotal.training.engine.checkpoint import Sizes, check_sizes
from logotal.training.engine.learner import Learner
from tests.training.small import small_config, small_data

TRAIN = """
import sys, torch
from pathlib import Path
from logotal.recipes import read_recipe
from logotal.runs.train import train
from logotal.training.engine.checkpoint import Sizes, check_sizes
from logotal.training.engine.learner import Learner
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


def test_a_run_may_go_on_elsewhere(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    train(small_config(data, training={"epochs": 1}), tmp_path / "run")
    again = small_config(data, training={"epochs": 1, "devices": 1, "nodes": 1, "accelerator": "cpu"})
    assert train(again, tmp_path / "run", resume=True).config().training.accelerator == "cpu"


@pytest.mark.parametrize(("processes", "said"), [(1, []), (2, ["goes on on 2 devices, and was on 1 before"])])
def test_a_run_goes_on_with_the_steps_of_its_epochs_alone(processes: int, said: list[str]) -> None:
    sentences: list[str] = []
    checkpoint = {"sizes": Sizes(1, 10)._asdict()}
    check_sizes(checkpoint, Path("last"), Sizes(processes, 10), sentences.append)
    assert [sentence.split(";")[0] for sentence in sentences] == said
    with pytest.raises(
        InputError, match=r"last: was written with 10 steps per epoch, and now there are 5, .* give the"
    ):
        check_sizes(checkpoint, Path("last"), Sizes(processes, 5), sentences.append)


@pytest.mark.parametrize("first", [[7, 3], [4, 5]])
def test_a_process_that_begins_at_another_step_than_the_first_is_refused(first: list[int]) -> None:
    strategy = SimpleNamespace(broadcast=lambda mine: first)
    trainer = SimpleNamespace(world_size=2, strategy=strategy)
    learner = SimpleNamespace(global_step=4, global_rank=1, steps_per_epoch=3, trainer=trainer)
    message = (
        f"process 1 begins after step 4 with 3 steps per epoch, the first one after step {first[0]} with {first[1]}"
    )
    with pytest.raises(InputError, match=message):
        Learner.on_train_start(cast(Any, learner))
    first[:] = [4, 3]
    Learner.on_train_start(cast(Any, learner))
