"""Detection in videos, or in their features, by a whole run, an exported model or a model on the hub."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.extraction.shard import find_shard
from logotal.files.remote import address, entries
from logotal.files.whole import is_folder
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.inference.any_predictor import AnyPredictor
from logotal.inference.lengths import Wanted
from logotal.inference.operating_point import UNFITTED
from logotal.places import is_project, run_folder
from logotal.project.folder import open_project
from logotal.project.video_files import find_video_files
from logotal.ranges import check_range
from logotal.runs.learned import read_learned
from logotal.runs.load import load
from logotal.runs.parts import About, Parts, model_of
from logotal.timeline import Timeline
from logotal.video.files import SUFFIXES, find_videos, is_hidden, walk
from logotal.words import command, few


@dataclass(frozen=True)
class Detections:
    """The timelines that were found, by input, and a sentence for each input that failed.

    >>> found = Detections({Path("a.mp4"): Timeline("a")}, {Path("b.mp4"): "b.mp4: no such file"})
    >>> [timeline.video for timeline in found], list(found.failed.values())
    (['a'], ['b.mp4: no such file'])

    `truths` are the annotated timelines of the same videos, where they are known; `labels_from` says what gave the
    actions their labels where that was not the network; `learned` are the videos that the model has learned from, or
    from others of their group: how well it does there says nothing about new ones; `model` is OWNER/NAME@COMMIT where
    the model is on the Hugging Face hub; `missing` are the inputs of which nothing is kept, where what is found is
    kept: other processes are at them, or have joined what was found.
    """

    timelines: Mapping[Path, Timeline]
    failed: Mapping[Path, str] = field(default_factory=dict)
    truths: Mapping[str, Timeline] = field(default_factory=dict)
    labels_from: str | None = None
    learned: tuple[str, ...] = ()
    model: str | None = None
    missing: tuple[Path, ...] = ()

    def __iter__(self) -> Iterator[Timeline]:
        return iter(self.timelines.values())

    def __len__(self) -> int:
        return len(self.timelines)

    def __str__(self) -> str:
        lines = []
        for timeline in self:
            mark = " (learned from)" if timeline.video in self.learned else ""
            lines.append(f"{timeline.video}{mark}: {len(timeline)} actions")
            for action in timeline:
                who = "" if action.subject is None else f"  {action.subject}"
                end = f" s{'':12}" if action.is_moment else f" - {action.end:9.2f} s"
                times = f"{action.start:9.2f}{end}"
                lines.append(f"  {times}  {action.score:.3f}  {action.label}{who}")
        return "\n".join(lines)

    def to_json(self) -> list[dict[str, Any]]:
        """The timelines in types that JSON has; `subject` only where somebody acts, `model` only of one on the hub."""
        model = {} if self.model is None else {"model": self.model}
        return [
            {
                "video": timeline.video,
                **model,
                "duration": timeline.duration,
                "learned_from": timeline.video in self.learned,
                "actions": [
                    {name: value for name, value in asdict(action).items() if value is not None} for action in timeline
                ],
            }
            for timeline in self
        ]


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
    across_labels: bool | None = None,
    min_duration: Wanted = None,
    merge_gap: Wanted = None,
    everything: bool = False,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
    keep: str | Path | None = None,
    shard: str | None = None,
    check: Callable[[Sequence[Path]], object] = silent,
    progress: Progress = silent,
    say: Say = silent,
) -> Detections:
    """Finds actions in videos or in their features; an input that fails does not stop the others.

    Args:
        inputs: video files, feature files (.npy of shape (T, C)), folders of either; or one project folder: what its
            model was not trained on.
        model: a run folder or a project folder, OWNER/NAME or OWNER/NAME@REVISION on the hub, or an exported model
            (.onnx); a project's own if absent.
        fps: frame rate of features, where neither they nor the model nor the annotations say it.
        duration: length of the video in seconds; no action ends later.
        annotations: ActivityNet JSON with frame rates and durations, and with the truth to draw beside what is found.
        video_scores: external class scores per video, for a class-agnostic model.
        weights: the backbone's weights, for videos; by stream where it has several.
        threshold: lowest score that is shown; those of the model's operating point if absent.
        max_overlap: part of an action that may lie within a better one of its label; the operating point's if absent.
        across_labels: actions of other labels count as overlaps too, or do not; as the operating point says if absent.
        min_duration: seconds that an action lasts at least: of all labels, or of those that it names (`{"run": 2}`);
            those of the operating point if absent.
        merge_gap: actions of a label that lie closer than so many seconds are one, in the same way.
        everything: all that the model found, with its own scores.
        best: how many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: what runs an exported model: onnxruntime or openvino.
        precision: arithmetic of the network: auto, fp32 or bf16.
        keep: a folder in which what is found in a video is kept at once: the same call goes on after a kill. What
            another model found, or in another file, is not taken over. Nobody removes the folder.
        shard: NUMBER/COUNT, as 3/8: detects in the third of eight parts of the videos alone, for machines that share
            `keep`; `auto` in an array of SLURM, `auto/COUNT` in an indexed job of Kubernetes. All is given once the
            others have kept theirs.
        check: callback(files), before the work begins: raises where its results could not be used.
        progress: callback(videos done, videos in all).
        say: callback(sentence): where labels come from, which threshold holds, what the model has learned from.

    Raises:
        InputError: there is no such input or model, or an option is not as expected.
    """
    check_range("--fps", fps, above=0)
    check_range("--duration", duration, above=0)
    check_range("--best", best, least=1, whole=True)
    share = None if shard is None else find_shard(shard)
    if share is not None and keep is None:
        raise InputError("--shard: processes share what they find beside a file; name it with --save (Python: keep)")
    places = [Path(inputs)] if isinstance(inputs, str | Path) else [Path(each) for each in inputs]
    players: dict[str, Path] = {}
    names: dict[Path, str] = {}
    if len(places) == 1 and is_project(places[0]):
        model = model or places[0]
        names, players, truth = _of_project(places[0], model)
        files = list(names)
        annotations = annotations or truth
    else:
        files = list(_files(places))
    if model is None:
        raise InputError(_no_model(places))
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
    if predictor.pipeline.on_hub is not None:
        say(f"model: {predictor.pipeline.on_hub}")
    if labels_from is not None:
        say(labels_from)
    if point is UNFITTED and threshold is None and not everything:
        cut = f"shows actions of score {point.threshold:g} or more; choose what suits it: logotal thresholds RUN"
        say(f"{model} has no operating point: {cut}, or take --threshold, or --everything")

    def show(timeline: Timeline) -> Timeline:
        if not everything:
            timeline = predictor.pipeline.shown(
                timeline,
                threshold=threshold,
                max_overlap=max_overlap,
                across_labels=across_labels,
                min_duration=min_duration,
                merge_gap=merge_gap,
            )
        return timeline if best is None else timeline.best(best)

    show(Timeline("nothing"))  # an option that is wrong is wrong before the work too
    known = read_annotations(annotations).videos if annotations is not None else {}
    videos = {path: _about(path, names, predictor, known, fps=fps, duration=duration) for path in files}
    mine = {path: about for path, about in videos.items() if share is None or share.holds(about.name)}
    parts = None if keep is None else Parts(Path(keep), model_of(model, predictor, runtime, everything=everything))
    with nullcontext() if parts is None else parts.open(videos):
        found, failed = _detect(mine, partial(predictor.find, everything=everything), show, parts, progress=progress)
    missing: tuple[Path, ...] = ()
    if parts is not None:
        parts.report(say)
        wanted = {path: about for path, about in videos.items() if share is not None or path not in failed}
        found, missing = parts.join(wanted, mine, show, say)
    shown = {path: _with_file(timeline, path, players) for path, timeline in found.items()}
    seen = {timeline.video for timeline in found.values()}
    truths = {name: Timeline(name, video.actions, video.duration) for name, video in known.items() if name in seen}
    learned = _learned_from(model, seen, known, say)
    return Detections(shown, failed, truths, labels_from, learned, predictor.pipeline.on_hub, missing)


def _learned_from(
    model: str | Path, names: Collection[str], known: Mapping[str, VideoTruth], say: Say
) -> tuple[str, ...]:
    """The videos of these names that a model has learned from, as far as it says."""
    learned = read_learned(run_folder(model))
    found = () if learned is None else learned.among([known.get(name, VideoTruth(name, "")) for name in sorted(names)])
    if found:
        say(f"the model has learned from {few(found)}: how well it does there says nothing about new videos")
    return found


def _about(
    path: Path,
    names: Mapping[Path, str],
    predictor: AnyPredictor,
    known: Mapping[str, VideoTruth],
    *,
    fps: float | None,
    duration: float | None,
) -> About:
    """What is known of a video by the options and the annotations."""
    name = names.get(path, path.stem.removeprefix(predictor.config.data.file_prefix))
    truth = known.get(name)
    if truth is None:
        return About(name, fps, duration)
    return About(name, truth.fps if fps is None else fps, truth.duration if duration is None else duration)


def _detect(
    videos: Mapping[Path, About],
    find: Callable[..., Timeline],
    show: Callable[[Timeline], Timeline],
    parts: Parts | None,
    *,
    progress: Progress,
) -> tuple[dict[Path, Timeline], dict[Path, str]]:
    """What is shown of each video, unless what is found is kept in parts; a sentence for each that failed."""
    found: dict[Path, Timeline] = {}
    failed: dict[Path, str] = {}
    for done, (path, about) in enumerate(videos.items()):
        advance, timeline = partial(_part, progress, done, len(videos)), None
        try:
            part = None if parts is None else parts.of(path, about)
            if parts is None or part is None or not parts.has(part):
                timeline = find(path, **asdict(about), progress=advance)
        except (InputError, OSError) as error:
            failed[path] = str(error) if address(path) in str(error) else f"{address(path)}: {error}"
        else:  # a part that cannot be written is no fault of its video, and ends the work
            if timeline is not None and part is not None:
                part.write(timeline)
            elif timeline is not None:
                found[path] = show(timeline)
        progress(done + 1, len(videos))
    return found, failed


def _part(progress: Progress, done: int, total: int, frames: int, about: int) -> None:
    """Reports the part of a video that is done besides the whole ones."""
    progress(done + (min(frames / about, 1.0) if about else 0.0), total)


def _with_file(timeline: Timeline, path: Path, players: Mapping[str, Path]) -> Timeline:
    """The timeline with the place of its video, where that is known."""
    return replace(timeline, file=players.get(timeline.video) if path.suffix == ".npy" else path)


def _of_project(project: Path, model: str | Path) -> tuple[dict[Path, str], dict[str, Path], Path]:
    """What a model was not trained on of a project, with ids; where its videos lie; and the annotations.

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
    names = {features[name] if features[name].is_file() else labelled[name]: name for name in held_back}
    known = {path.resolve(): name for name, path in labelled.items()}
    if any(path.suffix.lower() in SUFFIXES for path in walk(project)):
        others = (file for file in find_video_files(project, known) if file.path.resolve() not in known)
        names |= {file.path: file.id for file in others}
    if not names:
        raise InputError(
            f"{project}: its model was trained on all of its videos; name others: "
            f"`{command('detect', 'NEW_VIDEO', '--model', model)}`"
        )
    return names, {name: labelled[name] for name in held_back}, found.annotations


def _no_model(inputs: Sequence[Path]) -> str:
    """What is missing, and for a folder of videos the way to a model of its own."""
    wanted = "expected --model RUN, a run folder, a project folder or an exported model, found none"
    if len(inputs) == 1 and inputs[0].is_dir():
        return f"{wanted}; to train one on the videos and labels in {inputs[0]}: `{command('init', inputs[0])}`"
    return wanted


def _files(inputs: Sequence[Path]) -> Iterator[Path]:
    if not inputs:
        raise InputError("expected videos, feature files, or folders of them, found none")
    for path in inputs:
        held = entries(path) if is_folder(path) else []
        yield from [file for file in held if file.suffix == ".npy" and not is_hidden(file)] or find_videos([path])
