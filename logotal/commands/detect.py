"""`logotal detect`: videos, or their features, become timelines in any format."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.backbones.download import weights_by_stream
from logotal.commands.console import note, out, print_json, progress_bar
from logotal.inference.lengths import parse_wanted
from logotal.places import is_project


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
    across_labels: bool | None = None,
    min_duration: tuple[str, ...] = (),
    merge_gap: tuple[str, ...] = (),
    everything: Annotated[bool, Parameter(negative="")] = False,
    best: int | None = None,
    device: str | None = None,
    runtime: str = "onnxruntime",
    precision: str | None = None,
    shard: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Find actions in videos, and print them or write them to a file.

    Videos are turned into features as those of the training were; give the features (see `logotal extract`) where a
    video is looked at more than once.

    Args:
        inputs: Video files, feature files (.npy of shape (T, C)), or folders of either; or one project folder: what its
            model was not trained on, onto the page timelines.html.
        model: A run folder or a project folder, OWNER/NAME or OWNER/NAME@REVISION on the Hugging Face hub, or what
            `logotal export` wrote (.onnx); a project's own if absent.
        save: Where to write the timelines; the suffix says how: .json, .csv, .vtt, .srt, .eaf (ELAN), .otio,
            .txt (Audacity), .via.csv, .labelstudio.json, .fiftyone.json, or .html, a page to look at. Until it is
            written, what is found in each video is kept in .FILE.parts: after a kill, the same command goes on.
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
        across_labels: Actions of other labels count as overlaps too, or do not; as the operating point says if
            absent. With --max-overlap 0 there is then one at a time.
        min_duration: Seconds that an action lasts at least: SECONDS, or LABEL=SECONDS and the option again for another
            label; those of the operating point if absent.
        merge_gap: Actions of a label that lie closer than so many seconds are one: SECONDS, or LABEL=SECONDS and the
            option again for another label; those of the operating point if absent.
        everything: All that the model found, hundreds of actions a video with its own scores: what `evaluate` scores.
        best: How many actions to keep per video.
        device: cpu, cuda, ...; the GPU if there is one.
        runtime: What runs a model that was exported: onnxruntime, or openvino.
        precision: Arithmetic of the network: auto, fp32 or bf16; that of the run, or fp32 for an exported model.
        shard: NUMBER/COUNT, as 3/8: the third of eight parts of the videos, for machines that share a folder; `auto` in
            an array of SLURM, `auto/COUNT` in an indexed job of Kubernetes. The last to finish writes --save.
        overwrite: Let --save and --annotated-video replace other files that are not read here; copies of them stay.
        safe_csv: In a .csv, put an apostrophe before names that a spreadsheet takes for formulas (= + - @).
        json: Print the actions as JSON.
    """
    from logotal.report.outputs import Outputs  # noqa: PLC0415 - loaded when the command runs

    project = len(inputs) == 1 and is_project(inputs[0])  # whose videos have ids, whatever their files are called
    if save is None and annotated_video is None and project:
        save = inputs[0] / "timelines.html"
    outputs = Outputs(save, annotated_video, playable=playable, safe_csv=safe_csv, overwrite=overwrite)
    read = [path for path in (*inputs, annotations, video_scores) if path is not None]
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
            keep=outputs.parts,
            shard=shard,
            check=partial(outputs.check, read=read, named=project),
            progress=progress,
            say=note,
        )
    with progress_bar("writing") as progress:
        outputs.write(found, progress=progress, say=note)
    if json:
        print_json(found.to_json())
    elif save is None and annotated_video is None and len(found):
        out.print(str(found), markup=False)
    for message in found.failed.values():
        note(f"failed: {message}")
    if found.failed or (found.missing and shard is None):
        sys.exit(1)
