"""`logotal evaluate`: the numbers of a run, or of anyone's detections, by a named protocol."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from logotal.commands.console import note, out
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.evaluation.result import Result


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
    save: Path | None = None,
) -> None:
    """Score a run folder, or a detection file, and print mAP per tIoU, recall@kx and AR@AN in percent.

    Args:
        what: A run folder, a project folder, or detections as ActivityNet JSON (.json or .json.gz).
        annotations: The truth, as ActivityNet JSON; a run knows its own.
        features: Another place of the features than the run was trained with.
        protocol: thumos14, thumos14-opentad, activitynet13, activitynet13-opentad, sbhar, generic; a run has its own.
        split: The split to score, where the protocol does not say.
        video_scores: External class scores per video, for a class-agnostic run.
        precision: Arithmetic of a run's network: auto, fp32 or bf16; its own if absent.
        per_label: Also print average precision for every label.
        save: Where to write all numbers as JSON; evaluation.json in the run folder if absent.
    """
    from logotal.commands.detections import detect_run  # noqa: PLC0415 - loaded when the command runs
    from logotal.data.annotations import read_annotations  # noqa: PLC0415
    from logotal.evaluation.detections import read_detections  # noqa: PLC0415
    from logotal.evaluation.protocols import evaluate as score  # noqa: PLC0415
    from logotal.evaluation.protocols import find_protocol  # noqa: PLC0415
    from logotal.project.folder import run_folder  # noqa: PLC0415

    what = run_folder(what)
    if what.is_dir():
        timelines, truth, own_protocol, split = detect_run(
            what,
            annotations=annotations,
            features=features,
            split=split,
            video_scores=video_scores,
            precision=precision,
        )
        rules = find_protocol(protocol or own_protocol)
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
        save_result(result, save)


def save_result(result: "Result", path: Path) -> None:
    """Writes all numbers of an evaluation as JSON."""
    from logotal.files import write_whole  # noqa: PLC0415

    write_whole(path, (json.dumps(result.to_json(), indent=1) + "\n").encode())
    note(f"all numbers: {path}")


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
