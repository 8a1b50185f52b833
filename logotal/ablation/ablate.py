"""The paper's ablation tables, and a few of ours, with one recipe: trained, scored and written row by row."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logotal.ablation.jobs import Job, job_list, settle, state
from logotal.ablation.plan import Plan, identity, make_plan
from logotal.ablation.variants import TABLES, find_tables
from logotal.callbacks import Progress, Say, silent
from logotal.config import Config
from logotal.errors import InputError
from logotal.files.whole import write_whole
from logotal.places import LEFT_OUT
from logotal.ranges import check_range
from logotal.recipes import merge, read_recipe
from logotal.recipes.keys import changes
from logotal.tables import Table

if TYPE_CHECKING:
    from logotal.ablation.session import Session
    from logotal.ablation.workers import End


@dataclass(frozen=True)
class Ablation:
    """What is to be trained: the tables, and a job for each of their different networks, seed and fold.

    Attributes:
        recipe: what the rows start from.
        folder: for runs and tables.
        plans: the tables.
        jobs: the trainings.
        base: the configuration of the recipe with what was changed in every row.
        seeds: each network is trained once with each.
        changed: what was changed in every row, in words.
    """

    recipe: str
    folder: Path
    plans: Sequence[Plan]
    jobs: Sequence[Job]
    base: Config
    seeds: Sequence[int]
    changed: Any

    def table(self) -> Table:
        """Each configuration with the rows that it is and the state of its seeds."""
        names: dict[str, list[str]] = {}
        for plan in self.plans:
            for variant in plan.variants:
                names.setdefault(identity(variant.config), []).append(f"{plan.name}: {variant.name}")
        rows = [["configuration", "runs", "rows"]]
        for key, listed in names.items():
            own = [job for job in self.jobs if job.key == key]
            seeds = "\n".join(f"{job.folder.name} {state(job)}".strip() for job in own)
            rows.append([own[0].folder.parent.name, seeds, "\n".join(listed)])
        return Table(rows, words=3)

    def summary(self) -> str:
        """How much there is to train, and how much is done."""
        done = sum(state(job) == "evaluated" for job in self.jobs)
        different = len({job.key for job in self.jobs})
        return f"{different} configurations, {len(self.jobs)} trainings, {done} of them evaluated already"


def plan_ablation(
    recipe: str,
    overrides: dict[str, Any] | None = None,
    *,
    tables: Sequence[str] = tuple(TABLES),
    seeds: Sequence[int] = (0, 1, 2),
    folds: int = 1,
    folder: Path | None = None,
    say: Say = silent,
) -> Ablation:
    """What an ablation is to train; nothing is written yet.

    Args:
        recipe: name or file of a recipe, what the rows start from.
        overrides: settings that differ from it in every row, as nested values.
        tables: names of tables.
        seeds: each row is trained once with each of them.
        folds: parts of the training split, each held out in turn; 1 for the data set's own splits.
        folder: for runs and tables; ablations/RECIPE if absent.
        say: callback(sentence): tables that cannot be made of this recipe.

    Raises:
        InputError: a table, a seed or the number of folds is not as expected, or no table is left.
    """
    overrides = overrides or {}
    base = read_recipe(recipe, overrides)
    changed = changes(base, read_recipe(recipe))
    if folds < 1 or base.data.fold is not None:
        raise InputError("give the number of folds as --folds N (1 for none), and no --data.fold")
    if folds > 1:
        overrides = merge(overrides, {"data": {"fold": (0, folds)}})
        base = read_recipe(recipe, overrides)
    seeds = _checked(seeds, base, seed_given="seed" in overrides.get("training", {}))
    folder = folder or Path("ablations") / Path(recipe).stem
    plans: list[Plan] = []
    for name in find_tables(tuple(tables)):
        plan = make_plan(name, recipe, overrides)
        if isinstance(plan, str):
            say(plan)
        else:
            plans.append(plan)
    if not plans:
        raise InputError("no table is left; name others with --tables")
    return Ablation(recipe, folder, plans, job_list(plans, base, seeds, folder, folds), base, seeds, changed)


def run_ablation(
    ablation: Ablation, *, processes: int = 1, progress: Progress = silent, say: Say = silent
) -> "Session":
    """Trains and scores what is left of an ablation; its tables are written after every training.

    Args:
        ablation: what to train.
        processes: trainings at once, each in a process of its own, on a GPU of its own where there are several.
        progress: callback(trainings done, trainings to do), parts of a training included.
        say: callback(sentence): what does not take part, and what each training gives.

    Raises:
        InputError: the data are not where they are said to be, or another process works in the folder.
    """
    from logotal.ablation.session import owned  # noqa: PLC0415 - imports torch, which a list does not need

    check_range("--jobs", processes, least=1, whole=True)
    jobs = settle(ablation.jobs)  # fails where the data are not, before anything is written
    with owned(ablation.folder):
        session = _open(ablation, jobs, say)
        _train(session, processes, progress, say)
    return session


def _checked(seeds: Sequence[int], base: Config, *, seed_given: bool) -> tuple[int, ...]:
    """The seeds, each once."""
    if not seeds:
        raise InputError("no seeds; name some, as --seeds 0 1 2")
    if seed_given:
        raise InputError("every row is trained with each of --seeds; give the seeds there, not with --training.seed")
    for seed in seeds:
        if not 0 <= seed < 2**31:
            raise InputError(f"expected seeds from 0 to {2**31 - 1}, found {seed}")
    if base.training.devices not in ("auto", 1):
        raise InputError(
            f"training.devices {base.training.devices}: each training of an ablation has one device; "
            "give --training.devices 1, and as many --jobs as there are devices"
        )
    return tuple(dict.fromkeys(seeds))


def _open(ablation: Ablation, jobs: Sequence[Job], say: Say) -> "Session":
    """The session with what is known before anything is trained: costs, and what an earlier attempt has finished."""
    from logotal.ablation.costs import forward_length, measure_costs  # noqa: PLC0415
    from logotal.ablation.page import explanations  # noqa: PLC0415
    from logotal.ablation.session import Session  # noqa: PLC0415

    num_labels, left_out = _left_out(jobs[0].config)
    networks = [job.config.model for job in jobs]
    length = forward_length(ablation.base.data)
    costs = measure_costs(networks, num_labels=num_labels, length=length, folder=ablation.folder)
    write_whole(ablation.folder / LEFT_OUT, "".join(f"{sentence}\n" for sentence in left_out).encode())
    if left_out:
        say(f"{len(left_out)} items do not take part: {ablation.folder / LEFT_OUT}")
    notes = explanations(ablation.base, recipe=ablation.recipe, seeds=ablation.seeds, changed=ablation.changed)
    session = Session(ablation.folder, f"Ablation of {ablation.recipe}", ablation.plans, jobs, costs, notes)
    for job in jobs:
        session.look(job)
    session.write()
    return session


def _left_out(config: Config) -> tuple[int, list[str]]:
    """The number of labels, and what of the data does not take part."""
    from logotal.data.selection import open_source, select  # noqa: PLC0415

    source = open_source(config.data, config.model.input_channels)
    labels = source.annotations.labels
    left_out: list[str] = []
    for split in dict.fromkeys((config.data.training_split, config.data.evaluation_split)):
        left_out += select(source, split, config.data, labels).left_out
    return len(labels), left_out


def _train(session: "Session", processes: int, progress: Progress, say: Say) -> None:
    """Does what is left; the tables are written after every training."""
    import torch  # noqa: PLC0415

    from logotal.ablation.workers import Step, cuda_devices, run_jobs  # noqa: PLC0415

    left, total = session.remaining(), len(session.jobs)
    say(f"{len(session.numbers)} of {total} trainings are finished, {len(left)} to do")
    threads = max(1, torch.get_num_threads() // max(1, min(processes, len(left))))
    parts: dict[str, float] = {}
    with closing(run_jobs(left, processes=processes, threads=threads, devices=cuda_devices())) as events:
        for event in events:
            parts[event.job.name] = event.part if isinstance(event, Step) else 1.0
            progress(sum(parts.values()), len(left))
            if not isinstance(event, Step):
                _note_end(session, event, say)


def _note_end(session: "Session", event: "End", say: Say) -> None:
    """Takes note of a training that ended."""
    if event.reason is None:
        session.look(event.job)
    else:
        session.fail(event.job, event.reason)
    session.write()
    numbers = session.numbers.get(event.job.folder, {})
    found = ", ".join(f"{value:.2f} at {measure}" for measure, value in numbers.items()) or "failed"
    say(f"{event.job.name}: {found} ({event.seconds:.0f} s)")
