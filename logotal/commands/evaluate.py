"""`logotal evaluate`: the numbers of a run, or of anyone's detections, by a named protocol."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from logotal.commands.console import note, note_all, out, progress_bar
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.data.annotations import Annotations
    from logotal.evaluation.result import Result
    from logotal.timeline import Timeline


def evaluate(
    what: Path,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    protocol: str | None = None,
    split: str | None = None,
    video_scores: Path | None = None,
    per_label: bool = False,
    save: Path | None = None,
) -> None:
    """Score a run folder, or a detection file, and print mAP per tIoU, recall@kx and AR@AN in percent.

    Args:
        what: A run folder, or detections as ActivityNet JSON (.json or .json.gz).
        annotations: The truth, as ActivityNet JSON; a run knows its own.
        features: Another place of the features than the run was trained with.
        protocol: thumos14, thumos14-opentad, activitynet13, activitynet13-opentad, sbhar, generic; a run has its own.
        split: The split to score, where the protocol does not say.
        video_scores: External class scores per video, for a class-agnostic run.
        per_label: Also print average precision for every label.
        save: Where to write all numbers as JSON; evaluation.json in the run folder if absent.
    """
    from logotal.data.annotations import read_annotations  # noqa: PLC0415 - loaded when the command runs
    from logotal.evaluation.detections import read_detections  # noqa: PLC0415
    from logotal.evaluation.protocols import evaluate as score  # noqa: PLC0415
    from logotal.evaluation.protocols import find_protocol  # noqa: PLC0415

    if what.is_dir():
        timelines, truth, own_protocol, own_split = _detect(what, annotations, features, split, video_scores)
        rules, split = find_protocol(protocol or own_protocol), split or own_split
        save = save or what / "evaluation.json"
    else:
        if annotations is None:
            raise InputError("detections need the truth to be scored against; name it with --annotations FILE")
        rules, truth = find_protocol(protocol or "generic"), read_annotations(annotations)
        timelines = read_detections(what, truth.labels)
    started = time.perf_counter()
    result = score(truth, timelines, rules, split)
    seconds = time.perf_counter() - started
    show(result, per_label=per_label)
    out.print(f"evaluated in {seconds:.2f} s", markup=False)
    if save is not None:
        from logotal.files import write_whole  # noqa: PLC0415

        write_whole(save, (json.dumps(result.to_json(), indent=1) + "\n").encode())
        note(f"all numbers: {save}")


def _detect(
    folder: Path, annotations: Path | None, features: Path | None, split: str | None, video_scores: Path | None
) -> "tuple[list[Timeline], Annotations, str, str]":
    from logotal.data.dataset import WholeVideos  # noqa: PLC0415
    from logotal.data.feature_recipe import check_feature_recipe  # noqa: PLC0415
    from logotal.data.formats import write_timelines  # noqa: PLC0415
    from logotal.data.selection import open_source, select  # noqa: PLC0415
    from logotal.inference.predictor import load  # noqa: PLC0415

    predictor = load(folder, video_scores=video_scores)
    data = predictor.config.data
    given = {"annotations": annotations, "features": features, "evaluation_split": split}
    data = data.model_copy(update={key: value for key, value in given.items() if value is not None})
    source = open_source(data, predictor.config.model.input_channels)
    check_feature_recipe(source.features.folder, predictor.feature_recipe, run=str(folder))
    chosen = select(source, data.evaluation_split, data, predictor.labels)
    report = folder / "left_out_evaluation.txt"
    report.write_text("".join(f"{sentence}\n" for sentence in chosen.left_out))
    note_all(list(chosen.left_out), heading=f"{len(chosen.left_out)} items are missing or odd:", rest_in=str(report))
    dataset = WholeVideos(chosen.videos, source.features, data, predictor.label_index)
    with progress_bar("detecting", len(dataset)) as advance:
        timelines = predictor.detect_dataset(dataset, advance)
    write_timelines(timelines, folder / "detections.json")
    return timelines, source.annotations, data.protocol, data.evaluation_split


def show(result: "Result", *, per_label: bool = False) -> None:
    """Prints the numbers of an evaluation, and what did not enter them."""
    out.print(f"{result.protocol.name}, split {result.split}: {result.protocol.description}", markup=False)
    out.print(_table([list(row) for row in zip(*result.table(), strict=True)]))  # a row per tIoU fits any terminal
    if proposals := result.proposal_table():
        out.print(_table(proposals))
    if per_label:
        rows, averages = result.label_table(), len(result.averages)
        out.print(_table([row[:3] + row[-averages:] for row in rows]))
    for name, line in result.lines().items():
        out.print(f"mAP {name}: {line}", markup=False)
    for sentence in result.notes():
        note(sentence)


def _table(rows: list[list[str]]) -> Table:
    table = Table(*rows[0], box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows[1:]:
        table.add_row(*row)
    return table
