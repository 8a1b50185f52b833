"""`logotal detect`: videos, or their features, become timelines in any format."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

import logotal
from logotal.backbones.download import weights_by_stream
from logotal.commands.console import note, out, print_json, progress_bar
from logotal.errors import InputError
from logotal.formats.comma_separated import formulas
from logotal.inference.lengths import parse_wanted
from logotal.places import is_project
from logotal.words import few

if TYPE_CHECKING:
    from logotal.timeline import Timeline


def detect(
    *inputs: Path,
    model: str | None = None,
    save: Path | None = None,
    annotated_video: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    playable: Annotated[bool, Parameter(negative="")] = False,
    safe_csv: Annotated[bool, Parameter(negative="")] = False,
    fps: float | None = None,
    duration: float | None = None,
    annotations: Path | None = None,
    video_scores: Path | None = None,
    weights: tuple[str, ...] = (),
    threshold: float | None = None,
    max_overlap: float | None = None,
    across_labels: Annotated[bool, Parameter(negative="")] = False,
    min_duration: tuple[str, ...] = (),
    merge_gap: tuple[str, ...] = (),
    everything: Annotated[bool, Parameter(negative="")] = False,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
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
        playable: Write a small copy of each video, which any browser plays, into PAGE_videos beside the page.
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
        min_duration: Seconds that an action lasts at least: SECONDS, or LABEL=SECONDS and the option again for another
            label; those of the operating point if absent.
        merge_gap: Actions of a label that lie closer than so many seconds are one: SECONDS, or LABEL=SECONDS and the
            option again for another label; those of the operating point if absent.
        everything: All that the model found, hundreds of actions a video with its own scores: what `evaluate` scores.
        best: How many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: What runs a model that was exported: onnxruntime, or openvino.
        precision: Arithmetic of the network: auto, fp32 or bf16; that of the run, or fp32 for an exported model.
        overwrite: Let --save and --annotated-video replace other files that are not read here; copies of them stay.
        safe_csv: In a .csv, put an apostrophe before names that a spreadsheet takes for formulas (= + - @).
        json: Print the actions as JSON.
    """
    from logotal.report.save import save_timelines  # noqa: PLC0415 - loaded when the command runs

    project = len(inputs) == 1 and is_project(inputs[0])  # whose videos have ids, whatever their files are called
    if save is None and annotated_video is None and project:
        save = inputs[0] / "timelines.html"
    read = [path for path in (*inputs, annotations, video_scores) if path is not None]
    if playable and save is None:
        raise InputError("--playable writes the videos of a page; name the page with --save PAGE.html")
    with progress_bar("detecting") as progress:
        found = logotal.detect(
            inputs,
            model,
            fps=fps,
            duration=duration,
            annotations=annotations,
            video_scores=video_scores,
            weights=weights_by_stream(weights),
            threshold=threshold,
            max_overlap=max_overlap,
            across_labels=across_labels,
            min_duration=parse_wanted(min_duration, "--min-duration"),
            merge_gap=parse_wanted(merge_gap, "--merge-gap"),
            everything=everything,
            best=best,
            device=device,
            runtime=runtime,
            precision=precision,
            check=lambda files: _check(
                files, read, save, annotated_video, project=project, playable=playable, overwrite=overwrite
            ),
            progress=progress,
            say=note,
        )
    timelines = list(found)
    if save is not None and timelines:
        with progress_bar("copying videos") as progress:
            save_timelines(
                timelines,
                save,
                truths=found.truths,
                labels_from=found.labels_from,
                learned=found.learned,
                playable=playable,
                safe_csv=safe_csv,
                overwrite=overwrite,
                progress=progress,
                say=note,
            )
        if not safe_csv and save.name.lower().endswith((".csv", ".csv.gz")) and (named := formulas(timelines)):
            note(f"{save}: a spreadsheet takes {few(named)} for formulas; --safe-csv writes them as text")
        note(f"{sum(map(len, timelines))} actions in {len(timelines)} videos: {save}")
    if annotated_video is not None and timelines:
        _draw(next(iter(found.timelines)), timelines[0], annotated_video, overwrite=overwrite)
    if json:
        print_json([_as_json(timeline, learned=timeline.video in found.learned) for timeline in timelines])
    elif save is None and annotated_video is None:
        _print(timelines, found.learned)
    for message in found.failed.values():
        note(f"failed: {message}")
    if found.failed:
        sys.exit(1)


def _check(
    files: Sequence[Path],
    named: Sequence[Path],
    save: Path | None,
    annotated_video: Path | None,
    *,
    project: bool,
    playable: bool,
    overwrite: bool,
) -> None:
    """Refuses before the work what could not be written after it."""
    from logotal.report.save import check_timelines_target  # noqa: PLC0415 - loaded when the command runs

    inputs = [*named, *files, *(file.with_suffix(".json") for file in files)]
    if save is not None:
        check_timelines_target(save, inputs, playable=playable, overwrite=overwrite)
    stems: dict[str, Path] = {}
    for file in files if save is not None and not project else ():  # a project's videos have ids
        if (other := stems.setdefault(file.stem, file)) is not file:
            raise InputError(f"{other} and {file} would both be {file.stem} in {save}; detect in one at a time")
    if annotated_video is not None and (len(files) != 1 or files[0].suffix == ".npy"):
        raise InputError(f"--annotated-video draws on one video file, found {len(files)} inputs like {files[0]}")
    if annotated_video is not None:
        from logotal.files.target import check_target  # noqa: PLC0415
        from logotal.report.overlay import ANNOTATED  # noqa: PLC0415 - draws, where that is wanted

        check_target(annotated_video, ANNOTATED, inputs=inputs, overwrite=overwrite)


def _draw(video: Path, timeline: "Timeline", target: Path, *, overwrite: bool) -> None:
    """Writes a copy of a video with its timeline drawn in."""
    from logotal.report.overlay import write_annotated_video  # noqa: PLC0415 - loaded when it is wanted

    with progress_bar("drawing frames") as progress:
        write_annotated_video(video, timeline, target, overwrite=overwrite, progress=progress)
    note(f"annotated video: {target}")


def _as_json(timeline: "Timeline", *, learned: bool) -> dict[str, object]:
    """A timeline in types that JSON has; `subject` only where somebody acts."""
    actions = [{name: value for name, value in asdict(action).items() if value is not None} for action in timeline]
    return {"video": timeline.video, "duration": timeline.duration, "learned_from": learned, "actions": actions}


def _print(timelines: Sequence["Timeline"], learned: Collection[str]) -> None:
    """Prints timelines, an action a line."""
    for timeline in timelines:
        mark = " (learned from)" if timeline.video in learned else ""
        out.print(f"{timeline.video}{mark}: {len(timeline)} actions", markup=False)
        for action in timeline:
            who = "" if action.subject is None else f"  {action.subject}"
            times = f"{action.start:9.2f} - {action.end:9.2f} s"
            out.print(f"  {times}  {action.score:.3f}  {action.label}{who}", markup=False)
