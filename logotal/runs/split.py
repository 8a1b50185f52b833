"""What a run detects in the videos of one of its splits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.data.feature_recipe import check_feature_recipe
from logotal.data.selection import HELD_OUT, open_source, select
from logotal.data.splits import learns_from
from logotal.errors import InputError
from logotal.formats.activitynet import write_activitynet
from logotal.formats.annotations import Annotations
from logotal.runs.learned import UNKNOWN, Learned, read_learned
from logotal.timeline import Timeline

NOT_DIVIDED = {"hold_out": 0.0, "join_splits": False, "exclude": ()}
"""Settings by which no video of a split is set apart."""


@dataclass(frozen=True)
class Detected:
    """The detections of a run and their truth, with the protocol and the split that the run names.

    `labels_from` says what gave the actions their labels where that was not the network; `left_out` has a sentence for
    everything that is missing or odd; `model` is OWNER/NAME@COMMIT where the model is on the Hugging Face hub;
    `by_folds` says that each video was looked at by a network of a cross-validation.
    """

    timelines: Sequence[Timeline]
    annotations: Annotations
    protocol: str
    split: str
    labels_from: str | None = None
    left_out: tuple[str, ...] = ()
    model: str | None = None
    by_folds: bool = False


def detect_split(
    run: str | Path,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    split: str | None = None,
    video_scores: Path | None = None,
    precision: str | None = None,
    progress: Progress = silent,
    say: Say = silent,
) -> Detected:
    """What a run detects in the videos of a split.

    Args:
        run: a run folder, a project folder with one, or OWNER/NAME on the hub, which needs both of the next.
        annotations: another place of the truth than the run was trained with.
        features: another place of the features.
        split: another split than the one that the run is evaluated on.
        video_scores: external class scores per video, for a class-agnostic run.
        precision: arithmetic of the network, if not that of the run.
        progress: callback(videos done, videos in all).
        say: callback(sentence): which arithmetic is used, and where labels come from.

    Raises:
        InputError: the run is not finished, or its data are not as expected.
    """
    from logotal.data.dataset import WholeVideos  # noqa: PLC0415 - imports torch, which others' detections do not need
    from logotal.runs.load import find_run, load_run  # noqa: PLC0415

    folder, on_hub = find_run(run)
    if on_hub is not None:
        say(f"model: {on_hub}")
    predictor = load_run(on_hub or folder, video_scores=video_scores, precision=precision)
    if predictor.precision != "fp32":
        say(f"the network computes in {predictor.precision}; --precision fp32 for the last digit")
    labels_from = predictor.pipeline.labels_from
    if labels_from is not None:
        say(labels_from)
    data = predictor.config.data
    if on_hub is not None:  # where its own data were, and how they were divided, says nothing about others
        data = data.model_copy(update=dict.fromkeys(("annotations", "features", "fold", "share")) | NOT_DIVIDED)
    given = {"annotations": annotations, "features": features}
    data = data.model_copy(update={key: value for key, value in given.items() if value is not None})
    if data.annotations is None or data.features is None:
        raise InputError(
            f"{predictor.name}: does not say which data to score it on; name them with --annotations FILE and "
            "--features DIR"
        )
    split = split or data.evaluation_split  # not in `data`: a cross-validation moves videos into that split
    learned = read_learned(folder)
    if learned is not None:  # what was held out of the training is known, whatever would be held out today
        data = data.model_copy(update={"hold_out": 0.0})
    if learns_from(data, split):
        raise InputError(
            f"{folder}: has learned from all labelled videos, so none is left to score it on; `logotal folds` says "
            "what networks like it score, --split names other videos"
        )
    source = open_source(data, predictor.config.model.input_channels)
    check_feature_recipe(source.features.folder, predictor.feature_recipe, run=predictor.name)
    truth, unscored = scorable(source.annotations, split, learned, say)
    source = replace(source, annotations=truth)
    chosen = select(source, split, data, predictor.labels)
    dataset = WholeVideos(chosen.videos, source.features, data, predictor.label_index)
    timelines = predictor.detect_dataset(dataset, progress)
    return Detected(timelines, truth, data.protocol, split, labels_from, (*unscored, *chosen.left_out), on_hub)


def scorable(
    annotations: Annotations, split: str, learned: Learned | None, say: Say
) -> tuple[Annotations, tuple[str, ...]]:
    """The annotations without what a run has learned from, and a sentence for each video that is left out of a split.

    Raises:
        InputError: nothing is left to score.
    """
    if learned is None:
        say(UNKNOWN)
        return annotations, ()
    videos = {
        name: replace(video, split=HELD_OUT) if name in learned.held_out else video
        for name, video in annotations.videos.items()
    }
    return learned.without(replace(annotations, videos=videos), split)


def detected_files(found: Detected, detections: Path, left_out: Path) -> dict[Path, bytes]:
    """The contents of two files: the detections as ActivityNet JSON, and what was missing or odd."""
    return {
        left_out: "".join(f"{sentence}\n" for sentence in found.left_out).encode(),
        detections: write_activitynet(found.timelines, {}, found.labels_from).encode(),
    }
