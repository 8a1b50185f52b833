"""`logotal evaluate`: the numbers of a run, or of anyone's detections, by a named protocol."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, note_all, out, print_json, print_tables, progress_bar
from logotal.places import EVALUATION, LEFT_OUT_OF_EVALUATION, run_folder

if TYPE_CHECKING:
    from logotal.runs.evaluation import Evaluation


def evaluate(
    what: str,
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
    fps: float | None = None,
    save: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Score a run folder, or a detection file: mAP per tIoU, recall@kx, AR@AN, and F1 of what would be shown.

    Args:
        what: A run folder, a project folder, detections as ActivityNet JSON (.json or .json.gz), or OWNER/NAME on the
            Hugging Face hub, with --annotations and --features; its numbers are kept with --save alone.
        annotations: The truth, as ActivityNet JSON; a run knows its own.
        features: Another place of the features than the run was trained with.
        protocol: thumos14, thumos14-opentad, activitynet13, activitynet13-opentad, sbhar, hacs, epic-kitchens100,
            multithumos, generic, segmentation, spotting, spotting-starts, events, events-dcase; a run has its own.
        split: The split to score, where the protocol does not say.
        video_scores: External class scores per video, for a class-agnostic run.
        precision: Arithmetic of a run's network: auto, fp32 or bf16; its own if absent.
        per_label: Also print average precision and F1 for every label.
        threshold: Score from which actions count for F1; the operating point of the run if absent.
        ignored_labels: Labels that are no class, for a detection file: what lies there is neither right nor wrong.
        widen_points: Seconds that truths without length get, for a detection file.
        fps: Frames a second of all videos, for segmentation; as annotated, or of the run, if absent.
        save: Where to write all numbers as JSON; in a run folder if absent, which otherwise stays as it is.
        overwrite: Let --save replace a file that is no evaluation and is not read here; a copy of it stays.
        json: Print all numbers as JSON instead.
    """
    with progress_bar("detecting") as progress:
        found = logotal.evaluate(
            what,
            annotations,
            features=features,
            protocol=protocol,
            split=split,
            video_scores=video_scores,
            precision=precision,
            threshold=threshold,
            ignored_labels=ignored_labels,
            widen=widen_points,
            fps=fps,
            save=save,
            overwrite=overwrite,
            progress=progress,
            say=note,
        )
    folder = run_folder(what)
    written = save or (folder / EVALUATION if folder.is_dir() else None)
    left_out = list(found.detected.left_out)
    rest = folder / LEFT_OUT_OF_EVALUATION if save is None else save
    note_all(left_out, heading=f"{len(left_out)} items are missing or odd:", rest_in=str(rest))
    if json:
        print_json(found.to_json())
    else:
        show(found, per_label=per_label)
    if written is not None:
        note(f"all numbers: {written}")


def show(found: "Evaluation", *, per_label: bool = False) -> None:
    """Prints the numbers of an evaluation, and what did not enter them."""
    print_tables(found.tables(per_label=per_label))
    for name, line in found.result.lines().items():
        out.print(f"mAP {name}: {line}", markup=False)
    for sentence in found.notes():
        note(sentence)
    note(f"evaluated in {found.seconds:.2f} s")
