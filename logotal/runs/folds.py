"""Cross-validation of a project: every labelled video is detected by a network that has not seen it or its group.

PROJECT/folds holds a run for each part, what they detect together (detections.json) and the truth as it was scored
(annotations.json, for `logotal diagnose`). Last, PROJECT/run learns from everything, with the thresholds that fit the
detections of the folds.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.config import Config
from logotal.errors import InputError
from logotal.files.target import numbers, write_target
from logotal.formats.activitynet import write_activitynet
from logotal.formats.annotations import Annotations, VideoTruth, action_entry
from logotal.inference.operating_point import write_operating_point
from logotal.places import ANNOTATIONS, CONFIG, DETECTIONS, FOLDS, OPERATING_POINT, RUN, WEIGHTS, is_project
from logotal.project.next_steps import is_outdated
from logotal.ranges import check_range
from logotal.recipes import merge, read_recipe
from logotal.runs.evaluate import last_evaluation
from logotal.runs.folder import Run
from logotal.runs.model_card import write_model_card
from logotal.runs.pooled import Row, score_pooled
from logotal.runs.train import settled, train
from logotal.tables import Table
from logotal.timeline import Timeline
from logotal.training.fit_operating_point import fit_operating_point
from logotal.words import amount, duration

SPLIT = "folds"
"""The split of all videos in the files that the folds leave."""
POOLED = numbers("the detections of folds", "results", "durations")
TRUTH = numbers("the truth of folds", "database")


@dataclass(frozen=True)
class Folds:
    """What a cross-validation of a project found.

    Attributes:
        rows: the measures.
        annotations: the truth as it was scored, all videos in one split.
        timelines: the detections in each video by the network that has not learned from it.
        detections: their file.
        truth: the file of the annotations.
        run: that has learned from everything, unless another lies in its place.
        left_out: a sentence for all that was missing or odd.
    """

    rows: tuple[Row, ...]
    annotations: Annotations
    timelines: tuple[Timeline, ...]
    detections: Path
    truth: Path
    run: Run
    left_out: tuple[str, ...]

    def tables(self) -> list[Table]:
        """A row for each measure, in percent, with intervals."""
        videos = self.annotations.videos.values()
        counted = f"{amount(len(videos), 'video')}, {amount(sum(len(video.actions) for video in videos), 'action')}"
        title = f"{counted}, each detected by a network that has not seen it; in percent, with 95 % intervals"
        rows = [(row.name, str(row.mean_average_precision), str(row.f1)) for row in self.rows]
        return [Table([("measure", "mAP", "F1 as shown"), *rows], title)]

    def to_json(self) -> dict[str, Any]:
        """The numbers as fractions, in types that JSON has."""
        return {
            row.name: {
                name: {key: None if math.isnan(value) else value for key, value in vars(found).items()}
                for name, found in (("mAP", row.mean_average_precision), ("F1", row.f1))
            }
            for row in self.rows
        }


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
    all_labels = merge(overrides or {}, {"data": {"join_splits": True, "hold_out": 0.0}})
    config = read_recipe(str(place), all_labels, preset=preset)
    jobs = [(_without(config, part, folds), place / FOLDS / f"{part + 1}of{folds}") for part in range(folds)]
    for one, folder in jobs:
        if not _is_same(one, folder):
            raise InputError(
                f"{folder}: has learned from other labels, or by other settings, than there are now; rename "
                f"{folder.parent} to begin anew"
            )
    began, parts, left_out = time.monotonic(), [], list[str]()

    def of_part(before: int) -> Callable[[int, int, float], object]:
        return lambda done, steps, loss: progress(before + done / steps, folds + 1)

    for done, (one, folder) in enumerate(jobs):
        _train(one, folder, of_part(done))
        found = last_evaluation(folder).detected
        parts.append(found.timelines)
        left_out += found.left_out
        if not done:
            left = (time.monotonic() - began) * folds
            say(f"the first of {folds + 1} trainings is done; the others take some {duration(left)} more")
    truth, timelines = _pooled(config, parts)
    rows = score_pooled(
        truth,
        timelines,
        [{line.video for line in part} for part in parts],
        protocol=config.data.protocol,
        moments=config.data.widen_points > 0,
    )
    files = _write(place / FOLDS, truth, timelines)
    run = Run(place / RUN)
    if _is_same(config, run.folder):
        _train(config, run.folder, of_part(folds))
        _choose_thresholds(run, truth, timelines, say)
    else:
        say(f"{run.folder}: holds another training; rename it, and the same command trains on all labels there")
    return Folds(rows, truth, tuple(timelines), *files, run, tuple(dict.fromkeys(left_out)))


def _without(config: Config, part: int, parts: int) -> Config:
    return config.model_copy(update={"data": config.data.model_copy(update={"fold": (part, parts)})})


def _is_same(config: Config, folder: Path) -> bool:
    """Whether a run that is there has learned by these settings from the labels that there are; so has none."""
    if not (folder / CONFIG).is_file():
        return True
    now, source = settled(config)
    return Run(folder).config() == now and not is_outdated(folder, source.annotations.source)


def _train(config: Config, folder: Path, progress: Callable[[int, int, float], object]) -> None:
    """Trains what is not trained yet."""
    if not (folder / WEIGHTS).is_file():
        train(config, folder, resume=(folder / CONFIG).is_file(), progress=progress)


def _pooled(config: Config, parts: Sequence[Sequence[Timeline]]) -> tuple[Annotations, list[Timeline]]:
    """The truth of all videos that were detected, in one split, and what was detected in them."""
    _, source = settled(config)
    found = {line.video: line for part in parts for line in part}
    videos = {name: replace(video, split=SPLIT) for name, video in source.annotations.videos.items() if name in found}
    return replace(source.annotations, videos=videos), [found[name] for name in videos]


def _write(folder: Path, truth: Annotations, timelines: Sequence[Timeline]) -> tuple[Path, Path]:
    """The detections and their truth as files."""
    entries = {name: _entry(video) for name, video in truth.videos.items()}
    files = folder / DETECTIONS, folder / ANNOTATIONS
    write_target(files[0], write_activitynet(timelines, {}).encode(), POOLED)
    text = json.dumps({"database": entries}, indent=1, ensure_ascii=False) + "\n"
    write_target(files[1], text.encode(), TRUTH)
    return files


def _entry(video: VideoTruth) -> dict[str, Any]:
    known = {"duration": video.duration, "fps": video.fps, "group": video.group, "ignored": video.ignored or None}
    actions = [action_entry(action) for action in video.actions]
    return {"subset": video.split, **{k: v for k, v in known.items() if v is not None}, "annotations": actions}


def _choose_thresholds(run: Run, truth: Annotations, timelines: Sequence[Timeline], say: Say) -> None:
    """Writes the thresholds that fit the folds best beside the weights that have learned from everything."""
    try:
        point = fit_operating_point(list(truth.videos.values()), timelines, truth.labels)
    except InputError as error:
        say(f"no thresholds were chosen: {error}")
    else:
        write_operating_point(run.folder / OPERATING_POINT, point)
        write_model_card(run)
