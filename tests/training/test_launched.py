"""Processes on one machine and on two: what they refuse, how a run goes on in more or fewer, and how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from logotal.files.lock import alone_in
from logotal.places import CHECKPOINT, METRICS, WEIGHTS
from logotal.recipes import dump_config
from logotal.training.metrics import read_rows
from tests.ports import free_port
from tests.training import slurm
from tests.training.launched import ROOT, learning_rates, said, start, torchrun
from tests.training.small import small_config, small_data

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="agents, signals and process ids as Linux has them")

STEPS = range(1, 13)
MIDDLE = 5
"""Of four epochs with three steps: within the second."""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A training without noise, which each process draws anew."""
    training = {"epochs": 4, "batch_size": 4, "input_noise": 0, "accelerator": "cpu"}
    config = small_config(small_data(tmp_path / "data", training=12), model={"drop_path": 0}, training=training)
    path = tmp_path / "recipe.yaml"
    path.write_text(dump_config(config))
    return path


def test_processes_that_the_settings_do_not_know_are_refused(recipe: Path, tmp_path: Path) -> None:
    command = ("logotal", "train", recipe, "--out", tmp_path / "run", "--training.devices", 1)
    output = said(torchrun("--nproc-per-node", 2, command=command))
    assert "logotal: training.devices is 1, and torchrun was told --nproc-per-node 2; give --training.devices" in output
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("first", ["one process", "two machines"])
def test_a_run_goes_on_in_more_or_fewer_processes_with_the_same_schedule(
    recipe: Path, tmp_path: Path, first: str
) -> None:
    whole = learning_rates(recipe, tmp_path / "whole")
    run = tmp_path / "run"
    if first == "one process":
        before = learning_rates(recipe, run, stop=MIDDLE)
        after = in_two_processes(recipe, run, resume=True, nodes=1)
    else:
        before = in_two_processes(recipe, run, stop=MIDDLE, nodes=2)
        after = learning_rates(recipe, run, resume=True)
    assert (list(before), list(after)) == (list(STEPS[:MIDDLE]), list(STEPS[MIDDLE:]))
    assert before | after == whole
    sizes = torch.load(run / CHECKPOINT, weights_only=True)["sizes"]
    assert sizes == {"processes": 2 if first == "one process" else 1, "steps_per_epoch": 3}
    same_weights(tmp_path / "whole", run)


def same_weights(one: Path, other: Path) -> None:
    """Fails unless two runs have the same weights, but for what Adam makes of rounding."""
    expected, found = (load_file(run / WEIGHTS) for run in (one, other))
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-3, msg=name)


@pytest.mark.slow
def test_a_job_of_slurm_saves_before_its_time_is_over_and_goes_on_when_it_is_requeued(
    recipe: Path, tmp_path: Path
) -> None:
    slurm.install(tmp_path / "bin")
    run = tmp_path / "run"
    variables = {
        "PATH": os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]),
        "REQUEUED": str(tmp_path / "requeued"),
        "MASTER_PORT": str(free_port()),
    }
    script = ROOT / "examples" / "slurm" / "train.sbatch"
    job = start("sbatch", "--nodes=2", "--ntasks-per-node=1", script, recipe, run, "--quiet", **variables)
    output = said(job)
    ends = [line for line in output.splitlines() if line.startswith("job ended")]
    assert ends == [f"job ended with {128 + signal.SIGUSR1}", "job ended with 0"], output
    assert output.count("logotal: stopped; what it has learned is saved") == 1
    assert [row["epoch"] for row in read_rows(run / METRICS)] == ["0", "1", "2", "3"]
    assert torch.load(run / CHECKPOINT, weights_only=True)["sizes"]["processes"] == 2
    learning_rates(recipe, tmp_path / "whole")
    same_weights(tmp_path / "whole", run)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["torchrun", "Lightning", "torchrun on two machines"])
def test_a_killed_launcher_leaves_no_process_behind(recipe: Path, tmp_path: Path, launcher: str) -> None:
    run = tmp_path / "run"
    command = ("logotal", "train", recipe, "--out", run, "--training.epochs", 2000, "--training.workers", 1)
    if launcher == "Lightning":
        launchers = [start(sys.executable, "-W", "ignore", "-m", *command, "--training.devices", 2)]
    else:
        launchers = on_machines(2 if "two" in launcher else 1, command)
    until(lambda: len(read_rows(run / METRICS)) > 1, launchers)
    with alone_in(run) as alone:
        assert not alone
    launchers[0].kill()
    for each in launchers:
        said(each)  # the end of what they say: no process is left that could say more
    with alone_in(run) as alone:
        assert alone


def until(sign: Callable[[], bool], processes: list["subprocess.Popen[str]"]) -> None:
    deadline = time.monotonic() + 240
    while not sign():
        assert all(process.poll() is None for process in processes), [said(process) for process in processes]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def in_two_processes(recipe: Path, run: Path, *, nodes: int, resume: bool = False, stop: int = 0) -> dict[int, float]:
    """The learning rates of a training, the same in both processes: of one machine, or each of one of its own."""
    agents = on_machines(nodes, ("tests.training.launched", recipe, run, run.parent, int(resume), stop))
    outputs = [said(agent) for agent in agents]
    assert [agent.returncode for agent in agents] == [0] * nodes, outputs
    rates = [json.loads((run.parent / f"{rank}.json").read_text()) for rank in (0, 1)]
    assert rates[0] == rates[1]
    return dict(rates[0])


def on_machines(nodes: int, command: tuple[object, ...]) -> list["subprocess.Popen[str]"]:
    """The agents of so many machines, which start a command in two processes in all."""
    options: list[object] = ["--nnodes", nodes, "--nproc-per-node", 2 // nodes]
    options += ["--rdzv-backend", "c10d", "--rdzv-endpoint", f"localhost:{free_port()}", "--rdzv-id", "test"]
    return [torchrun(*options, command=command) for _ in range(nodes)]
