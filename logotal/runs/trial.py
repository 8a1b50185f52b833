"""One way to learn, tried on each of the folds of a project."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from logotal.callbacks import Say
from logotal.config import Config
from logotal.endings import Stopped, number_of
from logotal.errors import InputError
from logotal.formats.annotations import Annotations
from logotal.places import CONFIG, WEIGHTS
from logotal.project.next_steps import is_outdated
from logotal.runs.evaluate import last_evaluation
from logotal.runs.folder import Run
from logotal.runs.pooled import Row, score_pooled
from logotal.runs.train import settled, train
from logotal.timeline import Timeline
from logotal.training.world import check_lone
from logotal.words import duration

SPLIT = "folds"
"""The split of all videos that the folds together detect in."""

ALL_LABELS = {"join_splits": True, "hold_out": 0.0}
"""Settings of the data by which every label of a project counts in training."""

Trained = Callable[[int, int, float], object]
"""callback(steps done, steps in all, loss)."""


@dataclass(frozen=True)
class Pooled:
    """What was detected in all videos, its truth in one split, what it scores, and what was missing or odd.

    `parts` are the videos that each run has detected in.
    """

    rows: tuple[Row, ...]
    truth: Annotations
    timelines: tuple[Timeline, ...]
    parts: tuple[frozenset[str], ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """One way to learn, on each of the folds.

    Attributes:
        config: settled, without a fold.
        annotations: all videos that the folds share out.
        folder: of the runs.
        folds: parts of the videos.
        name: what the names of the runs begin with.
    """

    config: Config
    annotations: Annotations
    folder: Path
    folds: int
    name: str = ""

    @classmethod
    def of(cls, config: Config, folder: Path, folds: int, name: str = "") -> "Trial":
        """The trial of a configuration.

        Raises:
            InputError: the data are not where they are said to be.
        """
        config, source = settled(config)
        return cls(config, source.annotations, folder, folds, name)

    @property
    def moments(self) -> bool:
        """Whether labels have no length, so that the middles of actions count."""
        return self.config.data.widen_points > 0

    def jobs(self) -> list[tuple[Config, Path]]:
        """The configuration and the run folder of each fold."""
        return [
            (_without(self.config, part, self.folds), self.folder / f"{self.name}{part + 1}of{self.folds}")
            for part in range(self.folds)
        ]

    def check(self) -> None:
        """Makes sure, before long work, that runs which are there already are of this way and of these labels."""
        for config, folder in self.jobs():
            if not self.is_same(config, folder):
                raise InputError(
                    f"{folder}: has learned from other labels, or by other settings, than there are now; rename "
                    f"{self.folder} to begin anew"
                )

    def is_same(self, config: Config, folder: Path) -> bool:
        """Whether a run that is there has learned by these settings from the labels that there are; so has none."""
        if not (folder / CONFIG).is_file():
            return True
        return Run(folder).config() == config and not is_outdated(folder, self.annotations.source)

    def pooled(self, progress: Callable[[int], Trained | None], say: Say) -> Pooled:
        """Trains what is not trained yet, and pools what each run detects in the videos that it has not seen."""
        parts, left_out = [], list[str]()
        missing = [folder for _, folder in self.jobs() if not (folder / WEIGHTS).is_file()]
        for done, (config, folder) in enumerate(self.jobs()):
            began = time.monotonic()
            train_if_missing(config, folder, progress(done))
            if folder in missing[:1]:
                left = duration((time.monotonic() - began) * len(missing))  # the one of everything counted
                say(f"one training is done, {len(missing)} are left: some {left}")
            found = last_evaluation(folder).detected
            parts.append(found.timelines)
            left_out += found.left_out
        lines = {line.video: line for part in parts for line in part}
        videos = {name: replace(one, split=SPLIT) for name, one in self.annotations.videos.items() if name in lines}
        truth, timelines = replace(self.annotations, videos=videos), tuple(lines[name] for name in videos)
        of_runs = tuple(frozenset(line.video for line in part) for part in parts)
        rows = score_pooled(truth, timelines, of_runs, protocol=self.config.data.protocol, moments=self.moments)
        return Pooled(rows, truth, timelines, of_runs, tuple(dict.fromkeys(left_out)))


def _without(config: Config, part: int, parts: int) -> Config:
    return config.model_copy(update={"data": config.data.model_copy(update={"fold": (part, parts)})})


def train_if_missing(config: Config, folder: Path, progress: Trained | None) -> None:
    """Trains what is not trained yet.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the message says that the same command goes on.
    """
    if (folder / WEIGHTS).is_file():
        return
    check_lone(config.training)  # several devices begin the program anew, which then trains and scores for itself
    try:
        train(config, folder, resume=(folder / CONFIG).is_file(), progress=progress)
    except KeyboardInterrupt as error:
        raise Stopped(number_of(error), "stopped; what is trained stays, and the same command goes on") from None
