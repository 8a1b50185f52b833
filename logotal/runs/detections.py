"""What a run detects in the videos that it is evaluated on: made, or found in its folder."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logotal.commands.console import note, note_all, progress_bar
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.formats.annotations import Annotations
    from logotal.runs.folder import Run
    from logotal.timeline import Timeline


class Detected(NamedTuple):
    """The detections of a run and their truth, with the protocol and the split that the run names.

    `labels_from` says what gave them their labels where that was not the network.
    """

    timelines: "list[Timeline]"
    annotations: "Annotations"
    protocol: str
    split: str
    labels_from: str | None = None


def detect_run(
    folder: Path,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    split: str | None = None,
    video_scores: Path | None = None,
    precision: str | None = None,
    purpose: str | None = None,
) -> Detected:
    """What a run detects in the videos that it is evaluated on; leaves detections.json in the run folder.

    Args:
        folder: The run folder.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features.
        split: Another split than the run names.
        video_scores: External class scores per video, for a class-agnostic run.
        precision: Arithmetic of the network, if not that of the run.
        purpose: What the detections are for, if not the evaluation, whose files then stay: a part of names of files.
    """
    from logotal.data.dataset import WholeVideos  # noqa: PLC0415
    from logotal.data.feature_recipe import check_feature_recipe  # noqa: PLC0415
    from logotal.data.selection import open_source, select  # noqa: PLC0415
    from logotal.files.whole import write_whole  # noqa: PLC0415
    from logotal.formats import write_timelines  # noqa: PLC0415
    from logotal.inference.predictor import load  # noqa: PLC0415
    from logotal.project.folder import run_folder  # noqa: PLC0415

    folder = run_folder(folder)
    predictor = load(folder, video_scores=video_scores, precision=precision)
    if predictor.precision != "fp32":
        note(f"the network computes in {predictor.precision}; --precision fp32 for the last digit")
    labels_from = predictor.surroundings.labels_from
    if labels_from is not None:
        note(labels_from)
    data = predictor.config.data
    given = {"annotations": annotations, "features": features}
    data = data.model_copy(update={key: value for key, value in given.items() if value is not None})
    source = open_source(data, predictor.config.model.input_channels)
    check_feature_recipe(source.features.folder, predictor.feature_recipe, run=str(folder))
    split = split or data.evaluation_split  # not in `data`: a cross-validation moves videos into that split
    chosen = select(source, split, data, predictor.labels)
    report = folder / f"left_out_{purpose or 'evaluation'}.txt"
    write_whole(report, "".join(f"{sentence}\n" for sentence in chosen.left_out).encode())
    note_all(list(chosen.left_out), heading=f"{len(chosen.left_out)} items are missing or odd:", rest_in=str(report))
    dataset = WholeVideos(chosen.videos, source.features, data, predictor.label_index)
    with progress_bar("detecting", len(dataset)) as advance:
        timelines = predictor.detect_dataset(dataset, advance)
    write_timelines(timelines, folder / (f"detections_{purpose}.json" if purpose else "detections.json"))
    return Detected(timelines, source.annotations, data.protocol, split, labels_from)


def detections_of_run(
    folder: Path, *, annotations: Path | None = None, features: Path | None = None, split: str | None = None
) -> Detected:
    """What the run detected when it was last evaluated, or detects now if that was before its weights or never.

    Args:
        folder: The run folder.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features.
        split: Another split than the run names, where it detects now.

    Raises:
        InputError: the annotations are not where they were, or the evaluation's file is not what it was.
    """
    from logotal.data.arrange import arrange  # noqa: PLC0415
    from logotal.data.features import find_annotations  # noqa: PLC0415
    from logotal.evaluation.detections import read_detections  # noqa: PLC0415
    from logotal.formats.annotations import read_annotations  # noqa: PLC0415
    from logotal.project.folder import run_folder  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    folder = run_folder(folder)
    run = Run(folder)
    data, detections, weights = run.config().data, folder / "detections.json", folder / "model.safetensors"
    stale = not detections.is_file() or (weights.is_file() and weights.stat().st_mtime > detections.stat().st_mtime)
    protocol, detected_split = _rules(run)
    other = split not in (None, detected_split) and (folder / "evaluation.json").is_file()
    if stale or other:
        return detect_run(folder, annotations=annotations, features=features, split=split)
    note(f"detections: {detections}; `logotal evaluate {folder}` makes them anew")
    if annotations is None:
        if data.annotations is None:
            raise InputError(f"{folder}: does not say where its annotations are; name them with --annotations FILE")
        try:
            annotations = find_annotations(data.annotations, data.features)
        except InputError as error:
            raise InputError(f"{error}; say where they are now with --annotations FILE") from error
    truth = arrange(read_annotations(annotations), data)
    return Detected(read_detections(detections, truth.labels), truth, protocol, split or detected_split)


def _rules(run: "Run") -> tuple[str, str]:
    """The protocol and the split of the last evaluation, which left the detections, or else those of the run."""
    from logotal.evaluation.saved import read_saved_evaluation  # noqa: PLC0415

    path = run.folder / "evaluation.json"
    if not path.is_file():
        data = run.config().data
        return data.protocol, data.evaluation_split
    saved = read_saved_evaluation(path, cure=f"run `logotal evaluate {run.folder}`").protocol
    return saved.name, saved.split
