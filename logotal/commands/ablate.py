"""`logotal ablate`: the paper's ablation tables, and a few of ours, with one recipe."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.table import Table

from logotal.ablation.variants import TABLES, find_tables
from logotal.commands.console import note, note_all, progress_bar
from logotal.commands.console import out as console
from logotal.commands.train import given
from logotal.config import Config, DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from logotal.errors import InputError
from logotal.recipes import merge, read_recipe

if TYPE_CHECKING:
    from logotal.ablation.jobs import Job
    from logotal.ablation.plan import Plan
    from logotal.ablation.session import Session


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

    ablation.md and ablation.html in the folder are rewritten after every training. Rows that are the same in several
    tables are trained once. Stop it at any time: the same command goes on, and repeats at most one epoch.

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
    from logotal.ablation.jobs import job_list  # noqa: PLC0415 - loaded when the command runs
    from logotal.ablation.plan import changes, make_plan  # noqa: PLC0415

    overrides = given(model=model, data=data, training=training, inference=inference)
    settings = changes(read_recipe(recipe, overrides), read_recipe(recipe))
    if folds < 1 or read_recipe(recipe, overrides).data.fold is not None:
        raise InputError("give the number of folds as --folds N (1 for none), and no --data.fold")
    if folds > 1:
        overrides = merge(overrides, {"data": {"fold": (0, folds)}})
    base = read_recipe(recipe, overrides)
    seeds = _checked(seeds, jobs, base, seed_given=training is not None and "seed" in training.model_fields_set)
    folder = out or Path("ablations") / Path(recipe).stem
    plans: list[Plan] = []
    for name in find_tables(tables):
        plan = make_plan(name, recipe, overrides)
        if isinstance(plan, str):
            note(plan)
        else:
            plans.append(plan)
    if not plans:
        raise InputError("no table is left; name others with --tables")
    wanted = job_list(plans, base, seeds, folder, folds)
    if only_list:
        _list(wanted, plans)
        return
    from logotal.ablation.jobs import settle  # noqa: PLC0415 - these import torch, which a list does not need
    from logotal.ablation.page import explanations  # noqa: PLC0415
    from logotal.ablation.session import PAGE, alone  # noqa: PLC0415

    notes = explanations(base, recipe=recipe, seeds=seeds, changed=settings)
    wanted = settle(wanted)  # and fails where the data are not, before anything is written
    try:
        with alone(folder):
            session = _open(wanted, plans, base, f"Ablation of {recipe}", notes, folder=folder)
            _train(session, jobs)
    except KeyboardInterrupt:
        note("stopped; the same command goes on")
        sys.exit(130)
    note(f"tables: {folder / PAGE}")
    for name, reason in session.failures.items():
        note(f"failed: {name}: {reason}")
    if failed := len(session.failures):
        raise InputError(f"{failed} of {len(wanted)} trainings failed; the same command tries them again")


def _checked(seeds: Sequence[int], jobs: int, base: Config, *, seed_given: bool) -> tuple[int, ...]:
    """The seeds, each once."""
    if not seeds:
        raise InputError("no seeds; name some, as --seeds 0 1 2")
    if seed_given:
        raise InputError("every row is trained with each of --seeds; give the seeds there, not with --training.seed")
    for seed in seeds:
        if not 0 <= seed < 2**31:
            raise InputError(f"expected seeds from 0 to {2**31 - 1}, found {seed}")
    if jobs < 1:
        raise InputError(f"expected at least one training at once, found --jobs {jobs}")
    if base.training.devices not in ("auto", 1):
        raise InputError(
            f"training.devices {base.training.devices}: each training of an ablation has one device; "
            "give --training.devices 1, and as many --jobs as there are devices"
        )
    return tuple(dict.fromkeys(seeds))


def _list(jobs: "Sequence[Job]", plans: "Sequence[Plan]") -> None:
    """Prints each configuration with the rows that it is and the state of its seeds."""
    from logotal.ablation.jobs import state  # noqa: PLC0415
    from logotal.ablation.plan import identity  # noqa: PLC0415

    rows: dict[str, list[str]] = {}
    for plan in plans:
        for variant in plan.variants:
            rows.setdefault(identity(variant.config), []).append(f"{plan.name}: {variant.name}")
    table = Table("configuration", "runs", "rows", box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"  # never shortened: these are names
    for key, names in rows.items():
        own = [job for job in jobs if job.key == key]
        seeds = "\n".join(f"{job.folder.name} {state(job)}".strip() for job in own)
        table.add_row(own[0].folder.parent.name, seeds, "\n".join(names))
    console.print(table)
    done = sum(state(job) == "evaluated" for job in jobs)
    console.print(f"{len(rows)} configurations, {len(jobs)} trainings, {done} of them evaluated already", markup=False)


def _open(
    jobs: "Sequence[Job]", plans: "Sequence[Plan]", base: Config, title: str, notes: Sequence[str], *, folder: Path
) -> "Session":
    """The session with what is known before anything is trained: costs, and what an earlier attempt has finished."""
    from logotal.ablation.costs import forward_length, measure_costs  # noqa: PLC0415
    from logotal.ablation.session import Session  # noqa: PLC0415

    num_labels = _announce(jobs[0].config, folder)
    networks = [job.config.model for job in jobs]
    with progress_bar("measuring the networks", None):
        costs = measure_costs(networks, num_labels=num_labels, length=forward_length(base.data), folder=folder)
    session = Session(folder, title, plans, jobs, costs, notes)
    for job in jobs:
        session.look(job)
    session.write()
    return session


def _announce(config: Config, folder: Path) -> int:
    """Says what of the data does not take part; returns the number of labels."""
    from logotal.data.selection import open_source, select  # noqa: PLC0415
    from logotal.files.whole import write_whole  # noqa: PLC0415

    source = open_source(config.data, config.model.input_channels)
    labels = source.annotations.labels
    left_out: list[str] = []
    for split in dict.fromkeys((config.data.training_split, config.data.evaluation_split)):
        left_out += select(source, split, config.data, labels).left_out
    report = folder / "left_out.txt"
    write_whole(report, "".join(f"{sentence}\n" for sentence in left_out).encode())
    note_all(left_out, heading=f"{len(left_out)} items do not take part:", rest_in=str(report))
    return len(labels)


def _train(session: "Session", processes: int) -> None:
    """Does what is left, under one bar; the tables are written after every training."""
    import torch  # noqa: PLC0415

    from logotal.ablation.workers import Step, cuda_devices, run_jobs  # noqa: PLC0415

    left, total = session.remaining(), len(session.jobs)
    note(f"{len(session.numbers)} of {total} trainings are finished, {len(left)} to do")
    threads = max(1, torch.get_num_threads() // max(1, min(processes, len(left))))
    parts: dict[str, float] = {}
    with (
        progress_bar("trainings", len(left)) as advance,
        closing(run_jobs(left, processes=processes, threads=threads, devices=cuda_devices())) as events,
    ):
        for event in events:
            name = event.job.name
            part = event.part if isinstance(event, Step) else 1.0
            advance(part - parts.get(name, 0.0))
            parts[name] = part
            if isinstance(event, Step):
                continue
            if event.reason is None:
                session.look(event.job)
            else:
                session.fail(event.job, event.reason)
            session.write()
            numbers = session.numbers.get(event.job.folder, {})
            found = ", ".join(f"{value:.2f} at {measure}" for measure, value in numbers.items()) or "failed"
            note(f"{name}: {found} ({event.seconds:.0f} s)")
