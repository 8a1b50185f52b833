"""The job list: one training and evaluation for each different configuration and seed, and what is done of it.

A job lives in OUT/runs/NAME-IDENTITY/seedK (with folds in foldF-seedK), a run folder as `logotal train` and
`logotal evaluate` leave it. It is finished when evaluation.json is there and config.yaml is the configuration that is
wanted; nothing else is kept of it, so that an ablation can be stopped at any moment.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logotal.ablation.plan import Plan, Variant, identity, measures, readable
from logotal.config import Config
from logotal.errors import InputError
from logotal.evaluation.saved import read_saved_evaluation
from logotal.places import CONFIG, EVALUATION, WEIGHTS

RUNS = "runs"

Tell = Callable[[float], object]
"""`tell(part)`: which part of a job is done, from 0 to 1."""


@dataclass(frozen=True)
class Job:
    """A configuration to train with the seed that it holds, the run folder for it, and the rows' `plan.identity`."""

    key: str
    config: Config
    folder: Path

    @property
    def seed(self) -> int:
        """The seed of the training."""
        return self.config.training.seed

    @property
    def fold(self) -> int | None:
        """The part of the training split that it is evaluated on, None if that is the evaluation split."""
        return None if self.config.data.fold is None else self.config.data.fold[0]

    @property
    def name(self) -> str:
        """What messages call it."""
        fold = "" if self.fold is None else f"fold {self.fold}, "
        return f"{self.folder.parent.name}, {fold}seed {self.seed}"


def job_list(plans: Sequence[Plan], base: Config, seeds: Sequence[int], out: Path, folds: int = 1) -> list[Job]:
    """The jobs of some tables, seed by seed and fold by fold: rows of equal configuration share one.

    All rows with the first seed come first, so that every table soon has its first numbers.

    Args:
        plans: the tables.
        base: the recipe as it is, from which folders are named.
        seeds: each row is trained once with each, on each fold.
        out: the folder of the ablation.
        folds: of the training split (`data.fold`), 1 for the data set's own splits.
    """
    unique: dict[str, Variant] = {}
    for plan in plans:
        for variant in plan.variants:
            unique.setdefault(identity(variant.config), variant)
    jobs = []
    for seed, fold, (key, variant) in itertools.product(seeds, range(folds), unique.items()):
        training = variant.config.training.model_copy(update={"seed": seed})
        data = variant.config.data.model_copy(update={"fold": (fold, folds) if folds > 1 else None})
        config = variant.config.model_copy(update={"training": training, "data": data})
        place = f"fold{fold}-seed{seed}" if folds > 1 else f"seed{seed}"
        jobs.append(Job(key, config, out / RUNS / f"{readable(variant, base)}-{key}" / place))
    return jobs


def settle(jobs: Sequence[Job]) -> list[Job]:
    """The jobs with what `train` settles before it writes config.yaml: absolute paths, and the channels if left open.

    Raises:
        InputError: the data are not where they are said to be.
    """
    from logotal.runs.train import settled  # noqa: PLC0415 - imports torch

    known: dict[str, Config] = {}
    found = []
    for job in jobs:
        model, data = job.config.model, job.config.data
        key = f"{data.model_dump_json()} {model.input_channels}"
        if key not in known:
            known[key], _ = settled(job.config)
        channels = {"input_channels": known[key].model.input_channels}
        sections = {"data": known[key].data, "model": model.model_copy(update=channels)}
        found.append(replace(job, config=job.config.model_copy(update=sections)))
    return found


def state(job: Job) -> str:
    """What is there of a job: "evaluated", "trained", "begun", or nothing."""
    marks = {EVALUATION: "evaluated", WEIGHTS: "trained", CONFIG: "begun"}
    return next((word for name, word in marks.items() if (job.folder / name).is_file()), "")


def finished(job: Job) -> Mapping[str, float] | None:
    """The numbers of a finished job in percent by measure, None if it is not finished.

    Raises:
        InputError: its folder holds another configuration, or an evaluation by another protocol or on another split.
    """
    from logotal.runs.folder import Run  # noqa: PLC0415 - imports torch

    if (job.folder / CONFIG).is_file() and Run(job.folder).config() != job.config:
        raise InputError(
            f"{job.folder}: its config.yaml is not what this ablation wants there, the data may lie elsewhere now; "
            "choose another folder with --out, or remove this one"
        )
    if state(job) != "evaluated":
        return None
    return read_numbers(job.folder / EVALUATION, job.config)


def read_numbers(path: Path, config: Config) -> dict[str, float]:
    """The numbers in an evaluation file, in percent by measure.

    Raises:
        InputError: it is by another protocol or on another split than the configuration says, or not as expected.
    """
    saved = read_saved_evaluation(path, cure="remove it, and the run is evaluated again")
    data, found = config.data, saved.protocol
    if (found.name, found.split) != (data.protocol, data.evaluation_split):
        raise InputError(
            f"{path}: expected an evaluation by protocol {data.protocol!r} on split {data.evaluation_split!r}, found "
            f"{found.name!r} on {found.split!r}; numbers of two protocols are never mixed: remove the file, and the "
            "run is evaluated again"
        )
    numbers = saved.mAP | saved.average_mAP
    for measure in measures(data.protocol):
        if measure not in numbers:
            raise InputError(f"{path}: no mAP at {measure}; remove it, and the run is evaluated again")
    return {measure: 100 * numbers[measure] for measure in measures(data.protocol)}


def perform(job: Job, tell: Tell) -> None:
    """Does what is left of a job: trains from where an earlier attempt stopped, and evaluates.

    Raises:
        InputError: data or folder are not as expected.
    """
    from logotal.runs.evaluate import evaluate  # noqa: PLC0415 - imports torch
    from logotal.runs.train import train  # noqa: PLC0415

    if finished(job) is None:
        if state(job) != "trained":
            # Killed before config.yaml was written, it has not begun: whatever else lies there is written again.
            resume = state(job) == "begun"
            train(
                job.config,
                job.folder,
                resume=resume,
                progress=lambda done, total, loss: tell(0.95 * done / total),  # the rest is evaluation
            )
        print(evaluate(job.folder))  # into the output file of the run
        read_numbers(job.folder / EVALUATION, job.config)
