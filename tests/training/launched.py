"""Trainings in several processes, as torchrun starts them; `python -m tests.training.launched` is one of them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from logotal.endings import Stopped
from logotal.recipes import read_recipe
from logotal.runs.train import train
from logotal.training.engine.learner import Learner
from logotal.training.world import first_process

ROOT = Path(__file__).parents[2]
TORCHRUN = (sys.executable, "-W", "ignore", "-m", "torch.distributed.run", "--no-python")


def start(*command: object, **variables: str) -> "subprocess.Popen[str]":
    """A process that finds this code and no GPU."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": path, **variables}
    return subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def torchrun(*options: object, command: tuple[object, ...]) -> "subprocess.Popen[str]":
    """An agent that starts a command in several processes."""
    return start(*TORCHRUN, *options, sys.executable, "-W", "ignore", "-m", *command)


def said(process: "subprocess.Popen[str]") -> str:
    """All that a process and those that it started have said, after its end."""
    return process.communicate(timeout=240)[0]


def learning_rates(recipe: Path, folder: Path, *, resume: bool = False, stop: int = 0) -> dict[int, float]:
    """The learning rate of each step of a training, which is told to stop at a step, if any, in its last process."""
    rates: dict[int, float] = {}
    begin = Learner.on_train_batch_start

    def tell(learner: Learner, *args: Any) -> None:
        step = learner.global_step + 1
        rates[step] = learner.trainer.optimizers[0].param_groups[0]["lr"]
        if step == stop and (learner.trainer.world_size == 1 or not first_process()):
            signal.raise_signal(signal.SIGTERM)
        begin(learner, *args)

    with mock.patch.object(Learner, "on_train_batch_start", tell):
        if stop:
            with pytest.raises(Stopped) as stopped:
                train(read_recipe(str(recipe)), folder, resume=resume)
            assert stopped.value.number == signal.SIGTERM
            assert bool(str(stopped.value)) == first_process()
        else:
            train(read_recipe(str(recipe)), folder, resume=resume)
    return rates


if __name__ == "__main__":
    recipe, folder, out, resume, stop = sys.argv[1:]
    rates = learning_rates(Path(recipe), Path(folder), resume=bool(int(resume)), stop=int(stop))
    Path(out, f"{os.environ['RANK']}.json").write_text(json.dumps(list(rates.items())))
