"""An ablation that trains in seconds, and how tests run it."""

import os
import subprocess
import sys
from pathlib import Path

from logotal.ablation.jobs import Job, job_list, settle
from logotal.ablation.plan import Plan, make_plan
from logotal.recipes import dump_config, read_recipe
from tests.training.small import small_config, small_data

COMMAND = """
import signal
import sys
from pathlib import Path
from logotal.commands.ablate import ablate
from logotal.config import TrainingConfig
from logotal.endings import end
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background begins by ignoring it
    recipe, out, epochs, jobs, *tables = sys.argv[1:]
    training = TrainingConfig(epochs=int(epochs))
    try:
        ablate(recipe, tables=tuple(tables), seeds=(0, 1), out=Path(out), jobs=int(jobs), training=training)
    except KeyboardInterrupt as error:
        end(error)
"""


def small_recipe(folder: Path) -> Path:
    """A recipe of one epoch with its data beside it."""
    data = small_data(folder / "data")
    recipe = folder / "small.yaml"
    recipe.write_text(dump_config(small_config(data, model={"levels": 3}, training={"epochs": 1})))
    return recipe


def small_jobs(recipe: Path, out: Path, table: str = "regression_loss") -> list[Job]:
    """The jobs of a table with seed 0."""
    plan = make_plan(table, str(recipe), {})
    assert isinstance(plan, Plan)
    return settle(job_list([plan], read_recipe(recipe), (0,), out))


def start(recipe: Path, out: Path, *tables: str, epochs: int, jobs: int) -> "subprocess.Popen[str]":
    """`logotal ablate` with seeds 0 and 1, in a process of its own."""
    arguments = [str(recipe), str(out), str(epochs), str(jobs), *tables]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "120", "NO_COLOR": "1"},
    )
