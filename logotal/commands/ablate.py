"""`logotal ablate`: the paper's ablation tables, and a few of ours, with one recipe."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.ablation.ablate import plan_ablation, run_ablation
from logotal.ablation.variants import TABLES
from logotal.commands.console import note, print_tables, progress_bar
from logotal.commands.console import out as console
from logotal.commands.settings import given
from logotal.config import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from logotal.endings import Stopped, number_of
from logotal.errors import InputError


def ablate(
    recipe: str,
    *,
    tables: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")] = tuple(TABLES),
    seeds: Annotated[tuple[int, ...], Parameter(consume_multiple=True, negative="")] = (0, 1, 2),
    folds: int = 1,
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    jobs: int = 1,
    only_list: Annotated[bool, Parameter(name="--list", negative="")] = False,
    model: ModelConfig | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
    inference: InferenceConfig | None = None,
) -> None:
    """Train and score every row of the ablation tables over seeds, and write them beside the paper's numbers.

    ablation.md and ablation.html in the folder are rewritten after every training. Stop it at any time: the same
    command goes on, and repeats at most one epoch. Rows that are the same in several tables are trained once.

    Args:
        recipe: Name of a recipe that ships (see `logotal recipes`), or a .yaml file; what the rows start from.
        tables: Which tables; 3, 4 and 5 are the paper's (mixer, head, levels).
        seeds: Each row is trained once with each of these.
        folds: Cross-validation: so many parts of the training split, each held out in turn, for each seed; the
            evaluation split is not touched. 1: the data set's own splits.
        out: Folder for runs and tables; ablations/RECIPE if absent.
        jobs: Trainings at once, each in a process of its own, on a GPU of its own where there are several.
        only_list: Print the trainings and what is done of them, and stop.
        model: The network, where it shall differ from the recipe in every row.
        data: Where annotations and features are, and how windows are cut.
        training: Losses, optimizer, schedule.
        inference: From predictions to segments.
    """
    overrides = given(model=model, data=data, training=training, inference=inference)
    ablation = plan_ablation(recipe, overrides, tables=tables, seeds=seeds, folds=folds, folder=out, say=note)
    if only_list:
        print_tables([ablation.table()])
        console.print(ablation.summary(), markup=False)
        return
    try:
        with progress_bar("trainings") as progress:
            session = run_ablation(ablation, processes=jobs, progress=progress, say=note)
    except KeyboardInterrupt as error:
        raise Stopped(number_of(error), "stopped; the same command goes on") from None
    note(f"tables: {session.page}")
    for name, reason in session.failures.items():
        note(f"failed: {name}: {reason}")
    if failed := len(session.failures):
        raise InputError(f"{failed} of {len(session.jobs)} trainings failed; the same command tries them again")
