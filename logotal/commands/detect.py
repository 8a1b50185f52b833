"""`logotal detect`: features of any videos become timelines, in any format."""

import sys
from collections.abc import Iterator
from pathlib import Path

from logotal.commands.console import note, out, progress_bar
from logotal.errors import InputError


def detect(
    *inputs: Path,
    model: Path | str,
    save: Path | None = None,
    fps: float | None = None,
    duration: float | None = None,
    annotations: Path | None = None,
    video_scores: Path | None = None,
    threshold: float = 0.0,
    best: int | None = None,
    device: str | None = None,
) -> None:
    """Find actions in videos whose features were extracted, and print them or write them to a file.

    Args:
        inputs: Feature files (.npy of shape (T, C)), or folders of them.
        model: A run folder, or OWNER/NAME on the Hugging Face hub.
        save: Where to write the timelines: .json, .csv, .vtt, .srt or .html (a page to look at).
        fps: Frame rate of the videos, where neither the model nor the annotations say it.
        duration: Length of the video in seconds; no action ends later.
        annotations: ActivityNet JSON with frame rates and durations; the page draws its actions beside ours.
        video_scores: External class scores per video, for a class-agnostic model.
        threshold: Lowest score that is kept.
        best: How many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
    """
    from logotal.data.annotations import read_annotations  # noqa: PLC0415 - loaded when the command runs
    from logotal.data.formats import check_suffix, write_timelines  # noqa: PLC0415
    from logotal.inference.predictor import load  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415

    if save is not None:
        check_suffix(save)  # before the work, not after it
    files = list(_files(inputs))
    predictor = load(model, device=device, video_scores=video_scores)
    known = read_annotations(annotations).videos if annotations is not None else {}
    timelines, failed = [], []
    with progress_bar("detecting", len(files)) as advance:
        for path in files:
            video = path.stem.removeprefix(predictor.config.data.file_prefix)
            truth = known.get(video)
            try:
                timeline = predictor.detect(
                    path,
                    fps=fps if fps is not None or truth is None else truth.fps,
                    duration=duration if duration is not None or truth is None else truth.duration,
                )
                timeline = timeline.above(threshold)
                timelines.append(timeline if best is None else timeline.best(best))
            except InputError as error:
                failed.append(str(error))
            advance(1)
    if save is not None and timelines:
        drawn = {t.video: known[t.video] for t in timelines if t.video in known}
        truths = {video: Timeline(video, truth.actions, truth.duration) for video, truth in drawn.items()}
        write_timelines(timelines, save, truths=truths)
        note(f"{sum(map(len, timelines))} actions in {len(timelines)} videos: {save}")
    elif timelines:
        _print(timelines)
    for message in failed:
        note(f"failed: {message}")
    if failed:
        sys.exit(1)


def _files(inputs: tuple[Path, ...]) -> Iterator[Path]:
    if not inputs:
        raise InputError("expected feature files or folders of them, found none")
    for path in inputs:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        if path.is_dir():
            found = sorted(path.glob("*.npy"))
            if not found:
                raise InputError(f"{path}: no .npy files in this folder")
            yield from found
        else:
            yield path


def _print(timelines: list) -> None:  # type: ignore[type-arg]
    for timeline in timelines:
        out.print(f"{timeline.video}: {len(timeline)} actions", markup=False)
        for action in timeline:
            out.print(f"  {action.start:9.2f} - {action.end:9.2f} s  {action.score:.3f}  {action.label}", markup=False)
