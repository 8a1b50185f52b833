"""Detection in videos, or in their features, by a whole run, an exported model or a model on the hub."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.inference.operating_point import UNFITTED
from logotal.places import is_project, run_folder
from logotal.project.folder import open_project
from logotal.ranges import check_range
from logotal.runs.learned import read_learned
from logotal.runs.load import AnyPredictor, load
from logotal.timeline import Timeline
from logotal.video.files import SUFFIXES, find_videos, is_hidden, walk


@dataclass(frozen=True)
class Detections:
    """The timelines that were found, by input, and a sentence for each input that failed.

    >>> found = Detections({Path("a.mp4"): Timeline("a")}, {Path("b.mp4"): "b.mp4: no such file"})
    >>> [timeline.video for timeline in found], list(found.failed.values())
    (['a'], ['b.mp4: no such file'])

    `truths` are the annotated timelines of the same videos, where they are known; `labels_from` says what gave the
    actions their labels where that was not the network.
    """

    timelines: Mapping[Path, Timeline]
    failed: Mapping[Path, str] = field(default_factory=dict)
    truths: Mapping[str, Timeline] = field(default_factory=dict)
    labels_from: str | None = None

    def __iter__(self) -> Iterator[Timeline]:
        return iter(self.timelines.values())

    def __len__(self) -> int:
        return len(self.timelines)


def detect(
    inputs: str | Path | Sequence[str | Path],
    model: str | Path | None = None,
    *,
    fps: float | None = None,
    duration: float | None = None,
    annotations: Path | None = None,
    video_scores: Path | None = None,
    weights: str | Path | Mapping[str, str | Path] | None = None,
    threshold: float | None = None,
    max_overlap: float | None = None,
    across_labels: bool = False,
    everything: bool = False,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
    check: Callable[[Sequence[Path]], object] = silent,
    progress: Progress = silent,
    say: Say = silent,
) -> Detections:
    """Finds actions in videos or in their features; an input that fails does not stop the others.

    Args:
        inputs: video files, feature files (.npy of shape (T, C)), folders of either; or one project folder: what its
            model was not trained on.
        model: a run folder or a project folder, OWNER/NAME on the hub, or an exported model (.onnx); a project's own
            if absent.
        fps: frame rate of features, where neither they nor the model nor the annotations say it.
        duration: length of the video in seconds; no action ends later.
        annotations: ActivityNet JSON with frame rates and durations, and with the truth to draw beside what is found.
        video_scores: external class scores per video, for a class-agnostic model.
        weights: the backbone's weights, for videos; by stream where it has several.
        threshold: lowest score that is shown; those of the model's operating point if absent.
        max_overlap: part of an action that may lie within a better one of its label; the operating point's if absent.
        across_labels: actions of other labels count as overlaps too.
        everything: all that the model found, with its own scores.
        best: how many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: what runs an exported model: onnxruntime or openvino.
        precision: arithmetic of the network: auto, fp32 or bf16.
        check: callback(files), before the work begins: raises where its results could not be used.
        progress: callback(videos done, videos in all).
        say: callback(sentence): where labels come from, which threshold holds.

    Raises:
        InputError: there is no such input or model, or an option is not as expected.
    """
    check_range("--fps", fps, above=0)
    check_range("--duration", duration, above=0)
    check_range("--best", best, least=1, whole=True)
    places = [Path(inputs)] if isinstance(inputs, str | Path) else [Path(each) for each in inputs]
    players: dict[str, Path] = {}
    if len(places) == 1 and is_project(places[0]):
        model = model or places[0]
        files, players, truth = _of_project(places[0], model)
        annotations = annotations or truth
    else:
        files = list(_files(places))
    if model is None:
        raise InputError("expected --model RUN, a run folder, a project folder or an exported model, found none")
    check(files)
    predictor = load(
        model,
        precision=precision,
        video_scores=video_scores,
        device=device,
        backbone_weights=weights,
        runtime=runtime,
    )
    labels_from, point = predictor.pipeline.labels_from, predictor.pipeline.operating_point
    if labels_from is not None:
        say(labels_from)
    if point is UNFITTED and threshold is None and not everything:
        cut = f"shows actions of score {point.threshold:g} or more; choose what suits it: logotal thresholds RUN"
        say(f"{model} has no operating point: {cut}, or take --threshold, or --everything")

    def show(timeline: Timeline) -> Timeline:
        if not everything:
            timeline = point.apply(timeline, threshold=threshold, max_overlap=max_overlap, across_labels=across_labels)
        return timeline if best is None else timeline.best(best)

    show(Timeline("nothing"))  # an option that is wrong is wrong before the work too
    known = read_annotations(annotations).videos if annotations is not None else {}
    found, failed = _detect(files, predictor, known, fps=fps, duration=duration, progress=progress)
    shown = {path: _with_file(show(timeline), path, players) for path, timeline in found.items()}
    names = {timeline.video for timeline in found.values()}
    truths = {name: Timeline(name, video.actions, video.duration) for name, video in known.items() if name in names}
    return Detections(shown, failed, truths, labels_from)


def _detect(
    files: Sequence[Path],
    predictor: AnyPredictor,
    known: Mapping[str, VideoTruth],
    *,
    fps: float | None,
    duration: float | None,
    progress: Progress,
) -> tuple[dict[Path, Timeline], dict[Path, str]]:
    """All that is found in each file, and a sentence for each file that failed."""
    found: dict[Path, Timeline] = {}
    failed: dict[Path, str] = {}
    for done, path in enumerate(files):
        truth = known.get(path.stem.removeprefix(predictor.config.data.file_prefix))
        try:
            found[path] = predictor.detect(
                path,
                fps=fps if fps is not None or truth is None else truth.fps,
                duration=duration if duration is not None or truth is None else truth.duration,
                everything=True,
                progress=partial(_part, progress, done, len(files)),
            )
        except (InputError, OSError) as error:
            failed[path] = str(error)
        progress(done + 1, len(files))
    return found, failed


def _part(progress: Progress, done: int, total: int, frames: int, about: int) -> None:
    """Reports the part of a video that is done besides the whole ones."""
    progress(done + (min(frames / about, 1.0) if about else 0.0), total)


def _with_file(timeline: Timeline, path: Path, players: Mapping[str, Path]) -> Timeline:
    """The timeline with the place of its video, where that is known."""
    return replace(timeline, file=players.get(timeline.video) if path.suffix == ".npy" else path)


def _of_project(project: Path, model: str | Path) -> tuple[list[Path], dict[str, Path], Path]:
    """What a model was not trained on of a project, where the videos of these features lie, and the annotations.

    These are annotated videos, by their features where they are extracted, and videos without labels.
    """
    found = open_project(project)
    labelled, truth = found.videos, read_annotations(found.annotations)
    learned = read_learned(run_folder(model))
    held_back = [
        name
        for name, video in truth.videos.items()
        if (video.split == found.data.evaluation_split if learned is None else learned.reason(video) is None)
    ]
    features = {name: found.features / f"{name}.npy" for name in held_back}
    files = [features[name] if features[name].is_file() else labelled[name] for name in held_back]
    used = {path.resolve() for path in labelled.values()}
    files += [path for path in walk(project) if path.suffix.lower() in SUFFIXES and path.resolve() not in used]
    if not files:
        raise InputError(f"{project}: its model was trained on all of its videos; name others, and --model {project}")
    return files, {name: labelled[name] for name in held_back}, found.annotations


def _files(inputs: Sequence[Path]) -> Iterator[Path]:
    if not inputs:
        raise InputError("expected videos, feature files, or folders of them, found none")
    for path in inputs:
        features = sorted(p for p in path.glob("*.npy") if not is_hidden(p)) if path.is_dir() else []
        yield from features or find_videos([path])
