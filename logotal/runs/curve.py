"""How good a project's model is with a part of its labels: a learning curve, on the same folds throughout.

PROJECT/curve holds a run for each part, draw and fold. All are scored on the same videos, none of which they have
learned from, so that the numbers of two parts can be compared.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.data.splits import folded, group_of, shared
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.places import CURVE, is_project
from logotal.ranges import check_range
from logotal.recipes import read_recipe
from logotal.runs.pooled import Row, decisive
from logotal.runs.trial import ALL_LABELS, Trial
from logotal.tables import Table
from logotal.words import duration, percent

PARTS = (1 / 8, 1 / 4, 1 / 2, 1.0)
LEAST = 2
"""Groups that a part must hold."""
FEWER = 0.5
"""The part of its gain that each further doubling is taken to bring at least: curves flatten."""


@dataclass(frozen=True)
class Point:
    """What a part of the labels is, as a mean over draws and folds, and what each draw scores (fractions)."""

    part: float
    actions: float
    minutes: float
    maps: tuple[float, ...]
    f1s: tuple[float, ...]

    def cells(self) -> list[str]:
        """A row of a table."""
        return [
            f"{100 * self.part:g}",
            f"{self.actions:.0f}",
            f"{self.minutes:.1f}",
            _spread(self.maps),
            _spread(self.f1s),
        ]

    def to_json(self) -> dict[str, Any]:
        """The numbers, with null for what has no value."""
        scores = {"mAP": self.maps, "F1": self.f1s}
        without = {name: [None if math.isnan(each) else each for each in values] for name, values in scores.items()}
        return {"part": self.part, "actions": self.actions, "minutes": self.minutes, **without}


@dataclass(frozen=True)
class Curve:
    """A learning curve: its measure, and a point for each part of the labels, the smallest first.

    >>> points = (Point(0.5, 20, 4.0, (0.50, 0.54), (0.4, 0.5)), Point(1.0, 40, 8.0, (0.61,), (0.6,)))
    >>> Curve("tIoU 0.3:0.7", points).sentences()[0]
    'the last doubling of the labels, from 4 to 8 minutes, brought 9 points of mAP (draws differ by 2.8)'
    """

    measure: str
    points: tuple[Point, ...]

    def tables(self) -> list[Table]:
        """A row for each part."""
        title = f"{self.measure}, in percent, ± the deviation over draws; of videos that were not learned from"
        rows = [["labels %", "actions", "minutes", "mAP", "F1"], *(point.cells() for point in self.points)]
        return [Table(rows, title, words=0)]

    def sentences(self) -> list[str]:
        """What the last doubling brought, and what the next hour of labelled video may bring."""
        if len(self.points) < 2:
            return ["one part of the labels alone says nothing about more of them: label more groups of videos"]
        before, last = self.points[-2:]
        gain = 100 * (statistics.fmean(last.maps) - statistics.fmean(before.maps))
        drawn = [point.maps for point in (before, last) if len(point.maps) > 1]
        noise = 100 * max(map(statistics.stdev, drawn), default=0.0)
        differ = f" (draws differ by {noise:.1f})" if noise else ""
        said = [
            f"the last doubling of the labels, from {before.minutes:.3g} to {last.minutes:.3g} minutes, brought "
            f"{gain:.0f} points of mAP{differ}"
        ]
        if gain <= noise:
            return [*said, "more labels of this kind bring no more than chance: look at the labels (`logotal doubts`)"]
        doublings = math.log2((last.minutes + 60) / last.minutes)
        most = min(gain * doublings, 100 * (1 - statistics.fmean(last.maps)))
        least = min(gain * (1 - FEWER**doublings), most)
        return [
            *said,
            f"another hour of labelled video may bring {least:.0f} to {most:.0f} points, if it is like this one",
        ]

    def to_json(self) -> dict[str, Any]:
        """All numbers, in types that JSON has."""
        return {"measure": self.measure, "points": [point.to_json() for point in self.points]}


def curve(
    project: str | Path,
    *,
    preset: str | None = None,
    folds: int = 5,
    draws: int = 3,
    progress: Progress = silent,
    say: Say = silent,
) -> Curve:
    """Trains on an eighth, a quarter, a half and all of a project's labels, in folds; goes on where it was stopped.

    Args:
        project: a project folder with features.
        preset: another network, as for `train`; `linear` trains in seconds.
        folds: parts of the labelled videos, in whole groups.
        draws: how often each part is drawn.
        progress: callback(trainings done, trainings in all), parts of a training included.
        say: callback(sentence): how long it will take.

    Raises:
        InputError: it is no project, has too few groups, or has other labels than the runs that are there.
        KeyboardInterrupt: it was stopped; the same command goes on.
    """
    check_range("--folds", folds, least=2, whole=True)
    check_range("--draws", draws, least=1, whole=True)
    place = Path(project)
    if not is_project(place):
        raise InputError(f"{place}: expected a project; make one of your videos and labels with `logotal init`")
    # One trial of all labels, so that every part is scored on all videos.
    whole = Trial.of(read_recipe(str(place), {"data": ALL_LABELS}, preset=preset), place / CURVE, folds)
    trials = {(part, draw): _part_of(whole, part, draw, preset) for part in PARTS for draw in range(draws)}
    kept = [part for part in PARTS if len({group_of(video) for video in _training(trials[part, 0])[0]}) >= LEAST]
    wanted = [(part, draw) for part in kept for draw in range(1 if part == 1 else draws)]
    if not wanted:
        raise InputError(f"{place}: too few videos, or groups of them, for {folds} folds; label more, or --folds 2")
    found: dict[float, list[Row]] = {}
    for number, (part, draw) in enumerate(wanted):

        def of_part(before: int, done: int = number * folds) -> Callable[[int, int, float], object]:
            return lambda steps, of, loss: progress(done + before + steps / of, len(wanted) * folds)

        trials[part, draw].check()
        began = time.monotonic()
        found.setdefault(part, []).append(decisive(trials[part, draw].pooled(of_part, silent).rows))
        if number == 0 and len(wanted) > 1:
            left = duration((time.monotonic() - began) * (len(wanted) - 1))
            say(f"{folds} of {len(wanted) * folds} trainings are done; the rest takes about {left}")
        progress((number + 1) * folds, len(wanted) * folds)
    points = [_point(part, [trials[part, draw] for draw in range(len(rows))], rows) for part, rows in found.items()]
    return Curve(found[kept[0]][0].name, tuple(points))


def _part_of(whole: Trial, part: float, draw: int, preset: str | None) -> Trial:
    """The trial that learns from a part of the labels of another one."""
    data = whole.config.data.model_copy(update={"share": None if part == 1 else (part, draw)})
    training = whole.config.training.model_copy(update={"seed": draw})
    config = whole.config.model_copy(update={"data": data, "training": training})
    return replace(whole, config=config, name=f"{preset or 'network'}-{percent(part, 1)}-{draw}-")


def _training(trial: Trial) -> list[tuple[VideoTruth, ...]]:
    """The videos that each fold of a trial learns from."""
    cut = [config.data for config, _ in trial.jobs()]
    return [shared(folded(trial.annotations, data), data).split(data.training_split) for data in cut]


def _point(part: float, trials: Sequence[Trial], rows: Sequence[Row]) -> Point:
    """What was learned from, as a mean over draws and folds, and what the draws score."""
    sets = [videos for trial in trials for videos in _training(trial)]
    actions = statistics.fmean(sum(len(video.actions) for video in videos) for videos in sets)
    seconds = statistics.fmean(sum(video.duration or 0.0 for video in videos) for videos in sets)
    maps, f1s = tuple(row.mean_average_precision.value for row in rows), tuple(row.f1.value for row in rows)
    return Point(part, actions, seconds / 60, maps, f1s)


def _spread(values: Sequence[float]) -> str:
    mean = percent(statistics.fmean(values), 1)
    return f"{mean} ± {percent(statistics.stdev(values), 1)}" if len(values) > 1 else mean
