"""Stands in for SLURM on one machine, in `python -m tests.training.slurm ROLE ...`: sbatch, srun, scontrol.

The role `logotal` is a task: it trains, and the first one asks for the warning before the time limit at the step STOP
of the first start, which every task then waits for.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

STOP = 5
ROLES = ("sbatch", "srun", "scontrol", "logotal")
OPTION = re.compile(r"--([a-z-]+)=(\S+)")


def install(folder: Path) -> None:
    """Writes the commands into a folder."""
    folder.mkdir()
    for role in ROLES:
        (folder / role).write_text(f'#!/bin/sh\nexec {sys.executable} -W ignore -m tests.training.slurm {role} "$@"\n')
        (folder / role).chmod(0o755)


def sbatch(*arguments: str) -> None:
    """Runs a script, again after each requeue, and prints with which status it ended."""
    given = [OPTION.fullmatch(argument) for argument in arguments]
    script, *rest = (argument for argument, option in zip(arguments, given, strict=True) if option is None)
    lines = [line for line in Path(script).read_text().splitlines() if line.startswith("#SBATCH")]
    options = dict(OPTION.findall("\n".join(lines))) | {each[1]: each[2] for each in given if each is not None}
    nodes, each = int(options["nodes"]), int(options["ntasks-per-node"])
    assert options["signal"].startswith("B:USR1@")
    job = {
        "SLURM_JOB_ID": "1234",
        "SLURM_JOB_NAME": options["job-name"],
        "SLURM_NODELIST": "localhost",
        "SLURM_NNODES": str(nodes),
        "SLURM_NTASKS_PER_NODE": str(each),
        "SLURM_NTASKS": str(nodes * each),
        "SLURM_CPUS_PER_TASK": options["cpus-per-task"],
        **dict.fromkeys(("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_RESTART_COUNT"), "0"),
    }
    requeued = Path(os.environ["REQUEUED"])
    while True:
        print("job ended with", subprocess.run(["bash", script, *rest], env=os.environ | job, check=False).returncode)
        if not requeued.exists():
            return
        requeued.unlink()
        job["SLURM_RESTART_COUNT"] = str(int(job["SLURM_RESTART_COUNT"]) + 1)


def srun(*arguments: str) -> None:
    """Starts the tasks, forwards signals to them, and kills all others when one fails."""
    command = [argument for argument in arguments if argument not in ("--kill-on-bad-exit=1", "--cpus-per-task=4")]
    tasks: list[subprocess.Popen[bytes]] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: [task.send_signal(number) for task in tasks] and None)
    each = int(os.environ["SLURM_NTASKS_PER_NODE"])
    for rank in range(int(os.environ["SLURM_NTASKS"])):
        place = {"SLURM_PROCID": rank, "SLURM_LOCALID": rank % each, "SLURM_NODEID": rank // each, "SLURM_STEP_ID": 0}
        place["BATCH_SCRIPT"] = os.getppid()
        tasks.append(subprocess.Popen(command, env=os.environ | {name: str(value) for name, value in place.items()}))
    while any(task.poll() is None for task in tasks):
        if any(task.returncode for task in tasks):
            for task in tasks:
                task.kill()
        time.sleep(0.01)
    sys.exit(max(128 - task.returncode if task.returncode < 0 else task.returncode for task in tasks))


def scontrol(action: str, job: str) -> None:
    """Notes that a job is to begin again."""
    assert (action, job) == ("requeue", os.environ["SLURM_JOB_ID"])
    Path(os.environ["REQUEUED"]).touch()


def task(*arguments: str) -> None:
    """The command line of logotal."""
    from logotal.__main__ import main  # noqa: PLC0415 - the other roles need none of it
    from logotal.training.engine.learner import Learner  # noqa: PLC0415

    begin = Learner.on_train_batch_start
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)

    def stop_once(learner: Learner, *args: Any) -> None:
        if learner.global_step == STOP - 1 and os.environ["SLURM_RESTART_COUNT"] == "0":
            if learner.global_rank == 0:
                os.kill(int(os.environ["BATCH_SCRIPT"]), signal.SIGUSR1)
            assert os.read(heard, 1) == bytes([signal.SIGUSR1])
        begin(learner, *args)

    sys.argv = ["logotal", *arguments]
    with mock.patch.object(Learner, "on_train_batch_start", stop_once):
        main()


if __name__ == "__main__":
    role, *given = sys.argv[1:]
    {"sbatch": sbatch, "srun": srun, "scontrol": scontrol, "logotal": task}[role](*given)
