"""`logotal evaluate`: the numbers of a run, or of anyone's detections, by a named protocol."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out, table
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.evaluation.result import Result
    from logotal.evaluation.segment_f1 import SegmentF1
    from logotal.formats.annotations import Annotations
    from logotal.inference.operating_point import OperatingPoint
    from logotal.timeline import Timeline


def evaluate(
    what: Path,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    protocol: str | None = None,
    split: str | None = None,
    video_scores: Path | None = None,
    precision: str | None = None,
    per_label: bool = False,
    threshold: float | None = None,
    ignored_labels: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    widen_points: float = 0.0,
    save: Path | None = None,
) -> None:
    """Score a run folder, or a detection file: mAP per tIoU, recall@kx, AR@AN, and F1 of what would be shown.

    Args:
        what: A run folder, a project folder, or detections as ActivityNet JSON (.json or .json.gz).
        annotations: The truth, as ActivityNet JSON; a run knows its own.
        features: Another place of the features than the run was trained with.
        protocol: thumos14, thumos14-opentad, activitynet13, activitynet13-opentad, sbhar, generic; a run has its own.
        split: The split to score, where the protocol does not say.
        video_scores: External class scores per video, for a class-agnostic run.
        precision: Arithmetic of a run's network: auto, fp32 or bf16; its own if absent.
        per_label: Also print average precision and F1 for every label.
        threshold: Score from which actions count for F1; the operating point of the run if absent.
        ignored_labels: Labels that are no class, for a detection file: what lies there is neither right nor wrong.
        widen_points: Seconds that truths without length get, for a detection file.
        save: Where to write all numbers as JSON; evaluation.json in the run folder if absent.
    """
    from logotal.data.arrange import ignore_labels  # noqa: PLC0415
    from logotal.data.arrange import widen_points as widen_points_of  # noqa: PLC0415
    from logotal.evaluation.detections import read_detections  # noqa: PLC0415
    from logotal.evaluation.evaluate import evaluate as score  # noqa: PLC0415
    from logotal.evaluation.protocols import find_protocol  # noqa: PLC0415
    from logotal.evaluation.segment_f1 import f1_rows  # noqa: PLC0415
    from logotal.formats.annotations import read_annotations  # noqa: PLC0415
    from logotal.places import run_folder  # noqa: PLC0415
    from logotal.runs.detections import detect_run  # noqa: PLC0415 - loaded when the command runs
    from logotal.runs.folder import Run  # noqa: PLC0415

    what, labels_from, point = run_folder(what), None, None
    if what.is_dir():
        if ignored_labels or widen_points:
            raise InputError("--ignored-labels and --widen-points are for a detection file; a run has its own")
        timelines, truth, own_protocol, split, labels_from = detect_run(
            what,
            annotations=annotations,
            features=features,
            split=split,
            video_scores=video_scores,
            precision=precision,
        )
        rules = find_protocol(protocol or own_protocol)
        save, point = save or what / "evaluation.json", Run(what).operating_point()
    else:
        if annotations is None:
            raise InputError("detections need the truth to be scored against; name it with --annotations FILE")
        rules = find_protocol(protocol or "generic")
        truth = ignore_labels(widen_points_of(read_annotations(annotations), widen_points), ignored_labels)
        timelines = read_detections(what, truth.labels)
    started = time.perf_counter()
    result = score(truth, timelines, rules, split)
    seconds = time.perf_counter() - started
    show(result, per_label=per_label)
    out.print(f"evaluated in {seconds:.2f} s", markup=False)
    shown = _what_is_shown(truth, timelines, result, point, threshold)
    out.print(table(f1_rows(shown, per_label=per_label)))
    if save is not None:
        save_result(result, save, labels_from, shown)


def _what_is_shown(
    truth: "Annotations",
    timelines: "list[Timeline]",
    result: "Result",
    point: "OperatingPoint | None",
    threshold: float | None,
) -> "SegmentF1":
    """Precision, recall and F1 at tIoU 0.5 of what `logotal detect` would show; says by which rule."""
    from logotal.evaluation.segment_f1 import segment_f1  # noqa: PLC0415
    from logotal.inference.operating_point import UNFITTED  # noqa: PLC0415

    videos = [video for video in truth.split(result.split) if video.id not in result.protocol.excluded_videos]
    names, rule = {video.id for video in videos}, point or UNFITTED
    shown = [rule.apply(timeline, threshold=threshold) for timeline in timelines if timeline.video in names]
    cut = "the thresholds of the run" if point is not None else f"actions of score {UNFITTED.threshold:g} or more"
    cut = cut if threshold is None else f"actions of score {threshold:g} or more"
    overlap = f"overlapping by {100 * rule.max_overlap:g} % at most"
    out.print(f"\nas shown by `logotal detect` ({cut}, {overlap}), in percent at tIoU 0.5:", markup=False)
    return segment_f1(videos, shown, truth.labels)


def save_result(result: "Result", path: Path, labels_from: str | None = None, shown: "SegmentF1 | None" = None) -> None:
    """Writes all numbers of an evaluation as JSON; in a run folder, they come into the model card too."""
    from logotal.files.whole import write_whole  # noqa: PLC0415

    content = result.to_json() | ({"labels_from": labels_from} if labels_from is not None else {})
    if shown is not None:
        content |= {"shown": shown.to_json()}
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
    note(f"all numbers: {path}")
    if path.name == "evaluation.json" and (path.parent / "config.yaml").is_file():
        from logotal.runs.folder import Run  # noqa: PLC0415
        from logotal.runs.model_card import write_model_card  # noqa: PLC0415

        write_model_card(Run(path.parent))


def show(result: "Result", *, per_label: bool = False) -> None:
    """Prints the numbers of an evaluation, and what did not enter them."""
    out.print(f"{result.protocol.name}, split {result.split}: {result.protocol.description}", markup=False)
    out.print(table([list(row) for row in zip(*result.table(), strict=True)]))  # a row per tIoU fits any terminal
    if proposals := result.proposal_table():
        out.print(table(proposals))
    if per_label:
        rows, averages = result.label_table(), len(result.averages)
        out.print(table([row[:3] + row[-averages:] for row in rows]))
    for name, line in result.lines().items():
        out.print(f"mAP {name}: {line}", markup=False)
    for sentence in result.notes():
        note(sentence)
