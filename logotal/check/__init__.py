"""The linter for data sets: what is odd in one, and what the model of a recipe can make of it.

report.py        findings and numbers; tables.py shows them
annotations.py   what the annotation file alone shows
files.py         feature files that cannot be used
placing.py       lengths and actions that do not fit the feature grid
reach.py         actions that no point of the pyramid can answer for
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from logotal.callbacks import Progress, silent
from logotal.check.annotations import (
    action_findings,
    count_labels,
    group_findings,
    ignored_findings,
    label_findings,
    video_findings,
)
from logotal.check.files import read_files, unannotated_findings
from logotal.check.finding import Finding
from logotal.check.placing import PlacedVideo, place_by_duration, place_by_features
from logotal.check.reach import Reach, measure_reach, reach_findings
from logotal.check.report import Report, SplitReport
from logotal.config import Config, DataConfig
from logotal.data.arrange import arrange
from logotal.data.feature_recipe import read_feature_recipe
from logotal.data.features import FeatureFolder, find_annotations, find_features
from logotal.data.selection import GRID, Source, contradictions, with_rates
from logotal.data.splits import HELD_OUT
from logotal.errors import InputError
from logotal.formats.annotations import Annotations, VideoTruth, read_annotations
from logotal.model.detector import check_network
from logotal.words import amount


def check(config: Config, progress: Progress = silent) -> Report:
    """What is odd in the data set that a configuration names; without `data.features`, the annotations alone.

    Args:
        config: the data set, and the model that is to learn it.
        progress: callback(videos done, videos in all); a video is read, and then placed on the grid.

    Raises:
        InputError: there is no such network, the annotation file is not valid or does not fit the data section
            (`arrange`), or there is no such folder of features.
    """
    data = config.data
    check_network(config.model)
    if data.annotations is None:
        raise InputError("no annotations; name the file with --data.annotations FILE")
    path = None if data.features is None else find_features(data.features, data.file_prefix)
    truth = _arranged(read_annotations(find_annotations(data.annotations, path)), data)
    recipe = None if path is None else read_feature_recipe(path)
    contradicted: list[str] = []
    if path is not None and recipe is not None:
        folder = FeatureFolder(path, data.file_prefix)
        truth = with_rates(truth, folder)
        contradicted = contradictions(recipe, data, Source(truth, folder))
    splits, findings = _splits(truth, data)
    findings += [Finding("error", f"{path}: {sentence}") for sentence in contradicted]
    videos = [video for listed in splits.values() for video in listed]
    findings += [*action_findings(videos), *ignored_findings(videos), *video_findings(videos), *group_findings(splits)]
    if (training := splits.get(data.training_split)) is not None:
        evaluation = splits.get(data.evaluation_split, ())
        findings += label_findings(training, evaluation, class_agnostic=config.model.class_agnostic)
    done, total = 0, len(videos) * (1 if path is None else 2)

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    if path is None:
        usable: Mapping[str, int] | None = None
        placing = place_by_duration(videos, data)
    else:
        folder = FeatureFolder(path, data.file_prefix)
        files = read_files(folder, videos, config.model.input_channels, advance)
        usable, own = files.lengths, {key: value for key in GRID if (value := (recipe or {}).get(key)) is not None}
        placing = place_by_features(videos, files.lengths, data.model_copy(update=own), described="clip_stride" in own)
        findings += [*files.findings, *unannotated_findings(folder, truth.videos)]
    reaches = _reaches(splits, placing.videos, config, advance)
    if (first := reaches.get(data.training_split)) is not None:
        other = None if data.evaluation_split == data.training_split else reaches.get(data.evaluation_split)
        findings += reach_findings(first, other, config)
    order = ("error", "warning", "note")
    return Report(
        annotations=truth.source,
        features=path,
        splits=tuple(_split_report(name, listed, usable, reaches.get(name)) for name, listed in splits.items()),
        findings=tuple(sorted([*findings, *placing.findings], key=lambda finding: order.index(finding.severity))),
        unchecked=tuple(_unchecked(path, len(videos) - len(placing.videos))),
    )


def _arranged(truth: Annotations, data: DataConfig) -> Annotations:
    """The annotations as training takes them; without a training split, which is a finding, nothing is split off it."""
    known = data.training_split in truth.splits()
    return arrange(truth, data if known else data.model_copy(update={"fold": None, "hold_out": 0.0}))


def _splits(truth: Annotations, data: DataConfig) -> tuple[dict[str, tuple[VideoTruth, ...]], list[Finding]]:
    """The videos of the training, held-out and evaluation split, without the excluded ones."""
    splits: dict[str, tuple[VideoTruth, ...]] = {}
    findings = []
    for option in ("training_split", "evaluation_split"):
        if option == "evaluation_split" and data.hold_out and HELD_OUT in truth.splits():
            splits[HELD_OUT] = tuple(video for video in truth.split(HELD_OUT) if video.id not in data.exclude)
        name = getattr(data, option)
        try:
            splits[name] = tuple(video for video in truth.split(name) if video.id not in data.exclude)
        except InputError as error:
            text = str(error).removeprefix(f"{truth.source}: ")
            findings.append(Finding("error", f"data.{option}: {text}"))
    unknown = tuple(video for video in data.exclude if video not in truth.videos)
    if unknown:
        findings.append(Finding("error", f"data.exclude: {amount(len(unknown), 'video')} not annotated", unknown))
    for name in truth.splits():
        if name not in splits:
            sentence = (
                f"{amount(len(truth.split(name)), 'video')} of split {name!r} neither for training nor evaluation"
            )
            findings.append(Finding("note", sentence))
    return splits, findings


def _reaches(
    splits: Mapping[str, Sequence[VideoTruth]],
    placed: Sequence[PlacedVideo],
    config: Config,
    advance: Callable[[int], object],
) -> dict[str, Reach]:
    reaches = {}
    for name in splits:
        some = [each for each in placed if each.video.split == name]
        if some:
            reaches[name] = measure_reach(some, config, advance)
    return reaches


def _split_report(
    name: str, videos: Sequence[VideoTruth], lengths: Mapping[str, int] | None, reach: Reach | None
) -> SplitReport:
    durations = [video.duration for video in videos if video.duration is not None]
    return SplitReport(
        name=name,
        videos=len(videos),
        with_features=None if lengths is None else sum(video.id in lengths for video in videos),
        hours=sum(durations) / 3600 if durations else None,
        labels=count_labels(videos),
        seconds=np.array([action.end - action.start for video in videos for action in video.actions], np.float64),
        reach=reach,
    )


def _unchecked(features: Path | None, unplaced: int) -> Iterator[str]:
    if features is None:
        yield "feature files, name their folder with --data.features DIR; steps are worked out from durations"
    if unplaced:
        needed = "a duration and a frame rate" if features is None else "usable features and a frame rate"
        yield f"steps, levels and window of {amount(unplaced, 'video')}: they need {needed}"
