"""Evaluation of a whole run, or of anyone's detections, by a named protocol."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.data.arrange import arrange, ignore_labels, widen_points
from logotal.data.features import find_annotations
from logotal.data.splits import learns_from
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.saved import SavedEvaluation, read_saved_evaluation
from logotal.files.remote import refuse_remote
from logotal.files.target import check_target
from logotal.files.text import is_there, read_raw
from logotal.files.whole import is_file, is_folder, write_together
from logotal.formats.annotations import Annotations, read_annotations
from logotal.places import DETECTIONS, EVALUATION, FOLDS, LEFT_OUT_OF_EVALUATION, WEIGHTS, project_of, run_folder
from logotal.ranges import check_range
from logotal.runs.doubts import read_folds
from logotal.runs.evaluation import NUMBERS, Evaluation, score
from logotal.runs.folder import Run
from logotal.runs.hub import hub_name
from logotal.runs.learned import read_learned
from logotal.runs.load import MODEL, find_run
from logotal.runs.model_card import write_model_card
from logotal.runs.split import Detected, detect_split, detected_files, scorable
from logotal.timeline import Timeline
from logotal.words import amount, command

FEW = 50
"""Actions to be found, below which a split says little."""


def evaluate(
    what: str | Path | Sequence[Timeline],
    annotations: str | Path | Annotations | None = None,
    *,
    features: Path | None = None,
    protocol: str | None = None,
    split: str | None = None,
    video_scores: Path | None = None,
    precision: str | None = None,
    threshold: float | None = None,
    ignored_labels: Sequence[str] = (),
    widen: float = 0.0,
    fps: float | None = None,
    save: Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    say: Say = silent,
) -> Evaluation:
    """Scores a run, a detection file, or timelines: mAP per tIoU, recall@kx, AR@AN, and F1 of what would be shown.

    A run keeps its detections and numbers in its folder (detections.json, evaluation.json, the model card), unless
    `save` names another place for the numbers: then its folder stays as it is.

    Args:
        what: a run folder, a project folder, detections as ActivityNet JSON (.json or .json.gz), or timelines; or
            OWNER/NAME on the hub, with annotations and features: its numbers are kept where `save` says alone.
        annotations: the truth, as ActivityNet JSON; a run knows its own.
        features: another place of the features than the run was trained with.
        protocol: the name of a protocol (`logotal.evaluation.protocols.PROTOCOLS`); a run has its own.
        split: the split to score, where the protocol does not say.
        video_scores: external class scores per video, for a class-agnostic run.
        precision: arithmetic of a run's network: auto, fp32 or bf16; its own if absent.
        threshold: score from which actions count for F1; the operating point of the run if absent.
        ignored_labels: labels that are no class, for detections that are not a run's.
        widen: seconds that truths without length get, for detections that are not a run's.
        fps: frames a second of all videos, where a protocol labels frames; as annotated, or of the run, if absent.
        save: where to write all numbers as JSON; over an earlier evaluation, but over no other file.
        overwrite: `save` may replace another file that is not read here; a copy of it stays.
        progress: callback(videos done, videos in all).
        say: callback(sentence).

    Raises:
        InputError: run, detections or annotations are not as expected.
    """
    check_range("--widen-points", widen, least=0)
    check_range("--threshold", threshold, least=0, most=1)
    check_range("--fps", fps, above=0)
    if save is not None:
        given = (each for each in (what, annotations, video_scores) if isinstance(each, str | Path))
        check_target(save, NUMBERS, inputs=map(Path, given), overwrite=overwrite)
    if not isinstance(what, str | Path) or not (Path(what).is_dir() or _is_on_hub(what)):
        if isinstance(what, str | Path) and is_folder(what):
            refuse_remote(what, MODEL)
        if isinstance(what, str | Path) and not is_file(what):
            raise InputError(f"{what}: no such file or folder; expected detections, or what `logotal train` wrote")
        if annotations is None:
            raise InputError("detections need the truth to be scored against; name it with --annotations FILE")
        truth = annotations if isinstance(annotations, Annotations) else read_annotations(annotations)
        truth = ignore_labels(widen_points(truth, widen), ignored_labels)
        timelines = read_detections(Path(what), truth.labels) if isinstance(what, str | Path) else list(what)
        detected = Detected(timelines, truth, "generic", split or "")
        found = score(detected, protocol, split, threshold, point=None, fps=fps, overlaps=True)
    else:
        folder, on_hub = find_run(what)
        if ignored_labels or widen:
            raise InputError("ignored labels and widened points are for a detection file; a run has its own")
        if isinstance(annotations, Annotations):
            raise InputError(f"{folder}: a run reads its annotations from a file; name the file")
        detected = detect_split(
            on_hub or folder,
            annotations=None if annotations is None else Path(annotations),
            features=features,
            split=split,
            video_scores=video_scores,
            precision=precision,
            progress=progress,
            say=say,
        )
        _say_if_few(detected, folder, say)
        digest, point = weights_digest(folder), Run(folder).operating_point()
        found = score(_with_rate(detected, folder), protocol, detected.split, threshold, point, weights=digest, fps=fps)
        if save is None and on_hub is None:
            keep(folder, found)
    if save is not None:
        found.save(save, overwrite=overwrite)
    return found


def _is_on_hub(what: str | Path) -> bool:
    """Whether what is no path here is the name of a model; of missing detections it could be the path."""
    return hub_name(what) is not None and not str(what).endswith((".json", ".json.gz"))


def _say_if_few(detected: Detected, folder: Path, say: Say) -> None:
    """Says of a project that its split holds too few actions for numbers that mean much."""
    count = sum(len(video.actions) for video in detected.annotations.split(detected.split))
    if count < FEW and (project := project_of(folder)) is not None:
        say(
            f"{amount(count, 'action')} to be found: another choice of videos may score ten points more or less; "
            f"`{command('folds', project)}` scores all that is labelled"
        )


def keep(folder: Path, found: Evaluation) -> None:
    """Writes an evaluation into the folder of its run: the detections, what was left out, the numbers, the card."""
    files = detected_files(found.detected, folder / DETECTIONS, folder / LEFT_OUT_OF_EVALUATION)
    write_together(files | {folder / EVALUATION: found.to_bytes()})  # numbers never stand beside others' detections
    write_model_card(Run(folder))


def last_evaluation(
    run: str | Path,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    split: str | None = None,
    progress: Progress = silent,
    say: Say = silent,
) -> Evaluation:
    """The evaluation in the folder of a run; made now where there is none by its present weights and on this split.

    Of the run of a project that has learned from all labelled videos, it is that of the project's folds.

    Args:
        run: a run folder, or a project folder with one.
        annotations: another place of the truth than the run was trained with.
        features: another place of the features, where it has to detect now.
        split: another split than that of the last evaluation.
        progress: callback(videos done, videos in all).
        say: callback(sentence).

    Raises:
        InputError: the annotations are not where they were, or the files of the evaluation are not what they were.
    """
    folder = run_folder(run)
    learned, data = read_learned(folder), Run(folder).config().data
    if learned is not None:
        data = data.model_copy(update={"hold_out": 0.0})
    if learns_from(data, split or data.evaluation_split):
        project = project_of(folder)
        if project is not None and (project / FOLDS / DETECTIONS).is_file():
            return _of_folds(project, folder, data.protocol, say)
    kept = _kept(folder)
    protocol, detected_split, digest = data.protocol, data.evaluation_split, None
    if kept is not None:
        protocol, detected_split, digest = kept.protocol.name, kept.protocol.split, kept.weights
    # A run that somebody passed on without its weights still has its detections.
    current = digest == weights_digest(folder) if (folder / WEIGHTS).is_file() else (folder / DETECTIONS).is_file()
    if not current or (kept is not None and split not in (None, detected_split)):
        return evaluate(folder, annotations, features=features, split=split, progress=progress, say=say)
    split = split or detected_split
    say(f"detections: {folder / DETECTIONS}; `logotal evaluate {folder}` makes them anew")
    if annotations is None:
        if data.annotations is None:
            raise InputError(f"{folder}: does not say where its annotations are; name them with --annotations FILE")
        try:
            annotations = find_annotations(data.annotations, data.features)
        except InputError as error:
            raise InputError(f"{error}; say where they are now with --annotations FILE") from error
    truth, unscored = scorable(arrange(read_annotations(annotations), data), split, learned, say)
    timelines = read_detections(folder / DETECTIONS, truth.labels)
    detected = Detected(timelines, truth, protocol, split, left_out=unscored)
    detected, fps = _with_rate(detected, folder), None if kept is None else kept.fps
    return score(detected, None, split, None, Run(folder).operating_point(), weights=digest, fps=fps)


def _of_folds(project: Path, folder: Path, protocol: str, say: Say) -> Evaluation:
    """The evaluation of what the folds of a project detect, shown as its run would show it."""
    say(f"detections: {project / FOLDS / DETECTIONS}, by networks that have not learned from what they look at")
    truth, timelines = read_folds(project)
    split = next(iter(truth.videos.values())).split if truth.videos else ""
    detected = _with_rate(Detected(timelines, truth, protocol, split, by_folds=True), folder)
    return score(detected, None, split, None, Run(folder).operating_point())


def weights_digest(folder: Path) -> str | None:
    """The sha256 of the weights of a run; None where there are none."""
    path = folder / WEIGHTS
    return hashlib.sha256(read_raw(path)).hexdigest() if is_there(path) else None


def _kept(folder: Path) -> SavedEvaluation | None:
    """The evaluation in a run folder; None where there is none."""
    path = folder / EVALUATION
    if not (is_there(path) and is_there(folder / DETECTIONS)):
        return None
    return read_saved_evaluation(path, cure=f"run `logotal evaluate {folder}`")


def _with_rate(detected: Detected, folder: Path) -> Detected:
    """The detections of a run, whose recipe says the frame rate of videos of which nothing else does."""
    rate = Run(folder).config().data.fps
    videos = {
        name: video if video.fps else replace(video, fps=rate) for name, video in detected.annotations.videos.items()
    }
    return replace(detected, annotations=replace(detected.annotations, videos=videos))
