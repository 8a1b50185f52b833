"""`logotal detect`: videos, or their features, become timelines in any format."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from logotal.commands.console import note, progress_bar
from logotal.commands.extract import weights_by_stream
from logotal.commands.timelines import draw_found, print_found, write_found
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.data.annotations import VideoTruth
    from logotal.timeline import Timeline


def detect(
    *inputs: Path,
    model: str | Path | None = None,  # a string first: `load` tells a folder from OWNER/NAME on the hub
    save: Path | None = None,
    annotated_video: Path | None = None,
    fps: float | None = None,
    duration: float | None = None,
    annotations: Path | None = None,
    video_scores: Path | None = None,
    weights: tuple[str, ...] = (),
    threshold: float | None = None,
    max_overlap: float | None = None,
    across_labels: Annotated[bool, Parameter(negative="")] = False,
    everything: Annotated[bool, Parameter(negative="")] = False,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
) -> None:
    """Find actions in videos, and print them or write them to a file.

    Videos are turned into features as those of the training were; give the features (see `logotal extract`) where a
    video is looked at more than once.

    Args:
        inputs: Video files, feature files (.npy of shape (T, C)), or folders of either; or one project folder: what its
            model was not trained on, onto the page timelines.html.
        model: A run folder or a project folder, OWNER/NAME on the Hugging Face hub, or what `logotal export` wrote
            (.onnx); a project's own if absent.
        save: Where to write the timelines; the suffix says how: .json, .csv, .vtt, .srt, .eaf (ELAN), .otio,
            .txt (Audacity), .via.csv, .labelstudio.json, .fiftyone.json, or .html, a page to look at.
        annotated_video: Where to write a copy of the video with its timeline drawn in: .mp4, .mov, .mkv or .ts.
        fps: Frame rate of features, where neither they nor the model nor the annotations say it.
        duration: Length of the video in seconds; no action ends later.
        annotations: ActivityNet JSON with frame rates and durations; the page draws its actions beside ours.
        video_scores: External class scores per video, for a class-agnostic model.
        weights: The backbone's weights, for videos: FILE, or https://...#sha256=HASH, or rgb=FILE and flow=FILE;
            the fetched ones if absent.
        threshold: Lowest score that is shown; those of the model's operating point if absent (`logotal thresholds`).
        max_overlap: Part of an action, 0 to 1, that may lie within a better one of its label; that of the operating
            point if absent.
        across_labels: Actions of other labels count as overlaps too; with --max-overlap 0 there is one at a time.
        everything: All that the model found, hundreds of actions a video with its own scores: what `evaluate` scores.
        best: How many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: What runs a model that was exported: onnxruntime, or openvino.
        precision: Arithmetic of the network: auto, fp32 or bf16; that of the run, or fp32 for an exported model.
    """
    from logotal.data.annotations import read_annotations  # noqa: PLC0415 - loaded when the command runs
    from logotal.inference.operating_point import UNFITTED  # noqa: PLC0415
    from logotal.project.folder import is_project  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415

    players: dict[str, Path] = {}
    if len(inputs) == 1 and is_project(inputs[0]):
        project = inputs[0]
        files, players, truth = _of_project(project)
        model, annotations = model or project, annotations or truth
        save = save or (None if annotated_video else project / "timelines.html")
    else:
        files = list(_files(inputs))
    if model is None:
        raise InputError("expected --model RUN, a run folder, a project folder or an exported model, found none")
    _check_targets(files, save, annotated_video)
    predictor = _open(
        model,
        runtime,
        precision=precision,
        video_scores=video_scores,
        device=device,
        backbone_weights=weights_by_stream(weights),
    )
    labels_from, point = predictor.surroundings.labels_from, predictor.surroundings.operating_point
    if labels_from is not None:
        note(labels_from)
    if point is UNFITTED and threshold is None and not everything:
        cut = f"shows actions of score {point.threshold:g} or more; choose what suits it: logotal thresholds RUN"
        note(f"{model} has no operating point: {cut}, or take --threshold, or --everything")

    def show(timeline: "Timeline") -> "Timeline":
        if not everything:
            timeline = point.apply(timeline, threshold=threshold, max_overlap=max_overlap, across_labels=across_labels)
        return timeline if best is None else timeline.best(best)

    show(Timeline("nothing"))  # an option that is wrong is wrong before the work too
    known = read_annotations(annotations).videos if annotations is not None else {}
    found, failed = _detect(files, predictor, show, known, fps=fps, duration=duration)
    if save is not None and found:
        actions = {name: video.actions for name, video in known.items()}
        write_found(found, save, known=actions, players=players, labels_from=labels_from)
        note(f"{sum(map(len, found.values()))} actions in {len(found)} videos: {save}")
    elif found and annotated_video is None:
        print_found(found)
    if annotated_video is not None and found:
        draw_found(files[0], found[files[0]], annotated_video)
    for message in failed:
        note(f"failed: {message}")
    if failed:
        sys.exit(1)


def _open(model: str | Path, runtime: str, *, precision: str | None, video_scores: Path | None, **more: Any) -> Any:
    """The predictor of a run, or of an exported model."""
    if str(model).endswith(".onnx"):
        from logotal.inference.onnx import OnnxPredictor  # noqa: PLC0415 - without torch

        return OnnxPredictor(model, runtime=runtime, precision=precision or "fp32", video_scores=video_scores)
    from logotal.inference.predictor import load  # noqa: PLC0415

    return load(model, precision=precision, video_scores=video_scores, **more)


def _detect(
    files: "Sequence[Path]",
    predictor: Any,
    show: "Callable[[Timeline], Timeline]",
    known: "Mapping[str, VideoTruth]",
    *,
    fps: float | None,
    duration: float | None,
) -> "tuple[dict[Path, Timeline], list[str]]":
    """The timeline of each file, as shown, and a sentence for each file that failed."""
    from logotal.extraction.videos import VideoShare  # noqa: PLC0415

    found: dict[Path, Timeline] = {}
    failed = []
    with progress_bar("detecting", len(files)) as advance:
        for path in files:
            share = VideoShare(advance)
            truth = known.get(path.stem.removeprefix(predictor.config.data.file_prefix))
            try:
                timeline = predictor.detect(
                    path,
                    fps=fps if fps is not None or truth is None else truth.fps,
                    duration=duration if duration is not None or truth is None else truth.duration,
                    everything=True,
                    progress=share.tell,
                )
                found[path] = show(timeline)
            except (InputError, OSError) as error:
                failed.append(str(error))
            share.finish()
    return found, failed


def _of_project(project: Path) -> tuple[list[Path], dict[str, Path], Path]:
    """What a project's model was not trained on, where the videos of these features lie, and the annotations.

    These are the videos of the evaluation split, by their features where they are extracted, and those without labels.
    """
    from logotal.data.annotations import read_annotations  # noqa: PLC0415
    from logotal.extraction.videos import SUFFIXES  # noqa: PLC0415
    from logotal.project.folder import open_project  # noqa: PLC0415
    from logotal.project.video_files import walk  # noqa: PLC0415

    found = open_project(project)
    labelled, truth = found.videos, read_annotations(found.annotations)
    held_back = [name for name, video in truth.videos.items() if video.split == found.data.evaluation_split]
    features = {name: found.features / f"{name}.npy" for name in held_back}
    files = [features[name] if features[name].is_file() else labelled[name] for name in held_back]
    used = {path.resolve() for path in labelled.values()}
    files += [path for path in walk(project) if path.suffix.lower() in SUFFIXES and path.resolve() not in used]
    if not files:
        raise InputError(f"{project}: its model was trained on all of its videos; name others, and --model {project}")
    return files, {name: labelled[name] for name in held_back}, found.annotations


def _check_targets(files: list[Path], save: Path | None, annotated_video: Path | None) -> None:
    """Refuses before the work what would fail after it."""
    from logotal.data.formats import check_suffix  # noqa: PLC0415
    from logotal.files import check_writable  # noqa: PLC0415

    if save is not None:
        check_suffix(save)
        named: dict[str, Path] = {}
        for file in files:
            if (other := named.setdefault(file.stem, file)) is not file:
                raise InputError(f"{other} and {file} would both be {file.stem} in {save}; detect in one at a time")
    if annotated_video is not None and (len(files) != 1 or files[0].suffix == ".npy"):
        raise InputError(f"--annotated-video draws on one video file, found {len(files)} inputs like {files[0]}")
    for target in filter(None, (save, annotated_video)):
        check_writable(target)


def _files(inputs: tuple[Path, ...]) -> Iterator[Path]:
    from logotal.extraction.videos import find_videos, is_hidden  # noqa: PLC0415

    if not inputs:
        raise InputError("expected videos, feature files, or folders of them, found none")
    for path in inputs:
        features = sorted(p for p in path.glob("*.npy") if not is_hidden(p)) if path.is_dir() else []
        yield from features or find_videos([path])
