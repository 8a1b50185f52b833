"""Cross-validation of a project: every labelled video is detected by a network that has not seen it or its group.

PROJECT/folds holds a run for each part, what they detect together (detections.json) and the truth as it was scored
(annotations.json, for `logotal diagnose`). Last, PROJECT/run learns from everything, with the thresholds that fit the
detections of the folds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.evaluation.by_label import LabelFate, advice, fates_table, to_json
from logotal.files.target import numbers, write_target
from logotal.formats.activitynet import write_activitynet
from logotal.formats.annotations import Annotations, action_entry, video_head
from logotal.inference.operating_point import write_operating_point
from logotal.places import ANNOTATIONS, DETECTIONS, FOLDS, OPERATING_POINT, RUN, is_project
from logotal.ranges import check_range
from logotal.recipes import merge, read_recipe
from logotal.runs.folder import Run
from logotal.runs.model_card import write_model_card
from logotal.runs.pooled import Row, decisive, score_labels
from logotal.runs.trial import ALL_LABELS, Trial, train_if_missing
from logotal.tables import Table
from logotal.timeline import Timeline
from logotal.training.fit_operating_point import fit_operating_point
from logotal.words import amount

LINEAR = "linear"
"""The preset that stands beside the network."""

POOLED = numbers("the detections of folds", "results", "durations")
TRUTH = numbers("the truth of folds", "database")


@dataclass(frozen=True)
class Folds:
    """What a cross-validation of a project found.

    >>> from logotal.evaluation.bootstrap import Interval
    >>> rows = (Row("tIoU 0.3:0.7, F1 at 0.5", Interval(0.712, 0.63, 0.78), Interval(0.7, 0.61, 0.774)),)
    >>> nothing = Annotations((), {}, Path("gym/annotations.json"))
    >>> found = Folds(rows, (), (), nothing, (), Path("d.json"), Path("a.json"), Run(Path("gym/run")), ())
    >>> print(found.tables()[0].rows[1])
    ['tIoU 0.3:0.7, F1 at 0.5', '71.2 (63.0-78.0)', '70.0 (61.0-77.4)']

    Attributes:
        rows: the measures.
        baseline: those of the linear model on the same folds; none where it is what was asked for.
        labels: how each label fares; none where there is too little to choose thresholds.
        annotations: the truth as it was scored, all videos in one split.
        timelines: the detections in each video by the network that has not learned from it.
        detections: their file.
        truth: the file of the annotations.
        run: that has learned from everything, unless another lies in its place.
        left_out: a sentence for all that was missing or odd.
    """

    rows: tuple[Row, ...]
    baseline: tuple[Row, ...]
    labels: tuple[LabelFate, ...]
    annotations: Annotations
    timelines: tuple[Timeline, ...]
    detections: Path
    truth: Path
    run: Run
    left_out: tuple[str, ...]

    def tables(self) -> list[Table]:
        """A row for each measure, in percent, with intervals; then a row for each label."""
        videos = self.annotations.videos.values()
        counted = f"{amount(len(videos), 'video')}, {amount(sum(len(video.actions) for video in videos), 'action')}"
        title = f"{counted}, each detected by a network that has not seen it; in percent, with 95 % intervals"
        header = ["measure", "mAP", "F1 as shown"] + (["linear: mAP", "linear: F1"] if self.baseline else [])
        rows = [[row.name, *row.cells()] for row in self.rows]
        rows = [row + other.cells() for row, other in zip(rows, self.baseline, strict=True)] if self.baseline else rows
        by_label = fates_table(self.labels, f"the labels; F1 as shown, {self.decisive.name}")
        return [Table([header, *rows], title), *([by_label] if self.labels else [])]

    @property
    def decisive(self) -> Row:
        """The row that says most."""
        return decisive(self.rows)

    def sentences(self) -> list[str]:
        """Which labels were not learned, what would help most, and what the linear model says."""
        said = advice(self.labels)
        if self.baseline:
            linear = self.baseline[self.rows.index(self.decisive)]
            if self.decisive.mean_average_precision.value <= linear.mean_average_precision.value:
                said.append(
                    "the network does not beat the linear model: label more, or take that one (`logotal folds` with "
                    f"--preset linear, after {self.detections.parent} and {self.run.folder} are renamed)"
                )
        return said

    def to_json(self) -> dict[str, Any]:
        """The numbers as fractions, in types that JSON has."""
        kinds = {"network": self.rows, "linear": self.baseline}
        numbers = {kind: {row.name: row.to_json() for row in rows} for kind, rows in kinds.items() if rows}
        return numbers | {"labels": to_json(self.labels)}


def folds(
    project: str | Path,
    *,
    folds: int = 5,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
    progress: Progress = silent,
    say: Say = silent,
) -> Folds:
    """Trains on all labels but those of one fold, in turn, and at last on everything; goes on where it was stopped.

    A linear model learns from the same folds beside it, in seconds.

    Args:
        project: a project folder with features.
        folds: parts of the labelled videos, in whole groups.
        overrides: settings that differ from the project's recipe, as nested values.
        preset: another network, as for `train`.
        progress: callback(trainings done, trainings in all), parts of a training included.
        say: callback(sentence): how long it will take.

    Raises:
        InputError: it is no project, has too few groups, or has other labels or settings than the folds that are there.
        KeyboardInterrupt: it was stopped; the same command goes on.
    """
    check_range("--folds", folds, least=2, whole=True)
    place = Path(project)
    if not is_project(place):
        raise InputError(f"{place}: expected a project; make one of your videos and labels with `logotal init`")
    all_labels = merge(overrides or {}, {"data": ALL_LABELS})
    config = read_recipe(str(place), all_labels, preset=preset)
    network = Trial.of(config, place / FOLDS, folds)
    plain: dict[str, Any] = {name: all_labels[name] for name in ("data", "inference") if name in all_labels}
    linear = Trial.of(read_recipe(str(place), plain, preset=LINEAR), place / FOLDS, folds, f"{LINEAR}-")
    trials = [network] if preset == LINEAR else [network, linear]
    for trial in trials:
        trial.check()

    def of_part(before: int) -> Callable[[int, int, float], object]:
        return lambda done, steps, loss: progress(before + done / steps, folds + 1)

    pooled = network.pooled(of_part, say)
    baseline = () if preset == LINEAR else linear.pooled(lambda before: None, silent).rows
    files = _write(place / FOLDS, pooled.truth, pooled.timelines)
    run = Run(place / RUN)
    if network.is_same(network.config, run.folder):
        train_if_missing(network.config, run.folder, of_part(folds))
        _choose_thresholds(run, pooled.truth, pooled.timelines, say)
    else:
        say(f"{run.folder}: holds another training; rename it, and the same command trains on all labels there")
    labels = score_labels(pooled.truth, pooled.timelines, pooled.parts, moments=network.moments)
    return Folds(pooled.rows, baseline, labels, pooled.truth, pooled.timelines, *files, run, pooled.left_out)


def _write(folder: Path, truth: Annotations, timelines: Sequence[Timeline]) -> tuple[Path, Path]:
    """The detections and their truth as files."""
    entries = {
        name: {**video_head(video), "annotations": [action_entry(action) for action in video.actions]}
        for name, video in truth.videos.items()
    }
    files = folder / DETECTIONS, folder / ANNOTATIONS
    write_target(files[0], write_activitynet(timelines, {}).encode(), POOLED)
    text = json.dumps({"database": entries}, indent=1, ensure_ascii=False) + "\n"
    write_target(files[1], text.encode(), TRUTH)
    return files


def _choose_thresholds(run: Run, truth: Annotations, timelines: Sequence[Timeline], say: Say) -> None:
    """Writes the thresholds that fit the folds best beside the weights that have learned from everything."""
    try:
        point = fit_operating_point(list(truth.videos.values()), timelines, truth.labels)
    except InputError as error:
        say(f"no thresholds were chosen: {error}")
    else:
        write_operating_point(run.folder / OPERATING_POINT, point)
        write_model_card(run)
