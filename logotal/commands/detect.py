"""`logotal detect`: videos, or their features, become timelines in any format."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from logotal.commands.console import note, out, progress_bar
from logotal.commands.extract import weights_by_stream
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.timeline import Action, Timeline


def detect(
    *inputs: Path,
    model: Path | str,
    save: Path | None = None,
    annotated_video: Path | None = None,
    fps: float | None = None,
    duration: float | None = None,
    annotations: Path | None = None,
    video_scores: Path | None = None,
    weights: tuple[str, ...] = (),
    threshold: float = 0.0,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
) -> None:
    """Find actions in videos, and print them or write them to a file.

    Videos are turned into features as those of the training were; give the features (see `logotal extract`) where a
    video is looked at more than once.

    Args:
        inputs: Video files, feature files (.npy of shape (T, C)), or folders of either.
        model: A run folder, OWNER/NAME on the Hugging Face hub, or what `logotal export` wrote (.onnx).
        save: Where to write the timelines; the suffix says how: .json, .csv, .vtt, .srt, .eaf (ELAN), .otio,
            .txt (Audacity), .via.csv, .labelstudio.json, .fiftyone.json, or .html, a page to look at.
        annotated_video: Where to write a copy of the video with its timeline drawn in: .mp4, .mov, .mkv or .ts.
        fps: Frame rate of features, where neither they nor the model nor the annotations say it.
        duration: Length of the video in seconds; no action ends later.
        annotations: ActivityNet JSON with frame rates and durations; the page draws its actions beside ours.
        video_scores: External class scores per video, for a class-agnostic model.
        weights: The backbone's weights, for videos: FILE, or https://...#sha256=HASH, or rgb=FILE and flow=FILE;
            the fetched ones if absent.
        threshold: Lowest score that is kept.
        best: How many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: What runs a model that was exported: onnxruntime, or openvino.
        precision: Arithmetic of the network: auto, fp32 or bf16; that of the run, or fp32 for an exported model.
    """
    from logotal.data.annotations import read_annotations  # noqa: PLC0415 - loaded when the command runs
    from logotal.data.formats import check_suffix  # noqa: PLC0415
    from logotal.extraction.videos import VideoShare  # noqa: PLC0415

    if save is not None:
        check_suffix(save)  # before the work, not after it
    files = list(_files(inputs))
    if annotated_video is not None and (len(files) != 1 or files[0].suffix == ".npy"):
        raise InputError(f"--annotated-video draws on one video file, found {len(files)} inputs like {files[0]}")
    predictor: Any
    if str(model).endswith(".onnx"):
        from logotal.inference.onnx import OnnxPredictor  # noqa: PLC0415 - without torch

        predictor = OnnxPredictor(model, runtime=runtime, precision=precision or "fp32", video_scores=video_scores)
    else:
        from logotal.inference.predictor import load  # noqa: PLC0415

        predictor = load(
            model,
            device=device,
            precision=precision,
            video_scores=video_scores,
            backbone_weights=weights_by_stream(weights),
        )
    known = read_annotations(annotations).videos if annotations is not None else {}
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
                    progress=share.tell,
                ).above(threshold)
                found[path] = timeline if best is None else timeline.best(best)
            except InputError as error:
                failed.append(str(error))
            share.finish()
    if save is not None and found:
        _write(found, save, {name: truth.actions for name, truth in known.items()})
        note(f"{sum(map(len, found.values()))} actions in {len(found)} videos: {save}")
    elif found and annotated_video is None:
        _print(list(found.values()))
    if annotated_video is not None and found:
        _draw(files[0], found[files[0]], annotated_video)
    for message in failed:
        note(f"failed: {message}")
    if failed:
        sys.exit(1)


def _files(inputs: tuple[Path, ...]) -> Iterator[Path]:
    from logotal.extraction.videos import find_videos  # noqa: PLC0415

    if not inputs:
        raise InputError("expected videos, feature files, or folders of them, found none")
    for path in inputs:
        features = sorted(path.glob("*.npy")) if path.is_dir() else []
        yield from features or find_videos([path])


def _write(found: "dict[Path, Timeline]", save: Path, known: "dict[str, tuple[Action, ...]]") -> None:
    from logotal.data.formats import write_timelines  # noqa: PLC0415
    from logotal.files import write_whole  # noqa: PLC0415
    from logotal.report.page import timeline_page  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415

    timelines = list(found.values())
    truths = {t.video: Timeline(t.video, known[t.video], t.duration) for t in timelines if t.video in known}
    if save.suffix != ".html":
        write_timelines(timelines, save, truths=truths)
        return
    folder = save.resolve().parent
    players = {
        timeline.video: quote(Path(os.path.relpath(path.resolve(), folder)).as_posix())
        for path, timeline in found.items()
        if path.suffix != ".npy"
    }
    write_whole(save, timeline_page(timelines, truths=truths, videos=players).encode())


def _draw(video: Path, timeline: "Timeline", target: Path) -> None:
    from logotal.report.overlay import write_annotated_video  # noqa: PLC0415

    with progress_bar("drawing frames", None) as advance:
        write_annotated_video(video, timeline, target, progress=lambda done, total: advance(1, total))
    note(f"annotated video: {target}")


def _print(timelines: "list[Timeline]") -> None:
    for timeline in timelines:
        out.print(f"{timeline.video}: {len(timeline)} actions", markup=False)
        for action in timeline:
            out.print(f"  {action.start:9.2f} - {action.end:9.2f} s  {action.score:.3f}  {action.label}", markup=False)
