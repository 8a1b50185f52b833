"""`logotal thresholds`: chooses the operating point of a run on videos that it has not learned from."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out, print_json, print_tables, progress_bar
from logotal.errors import InputError
from logotal.places import OPERATING_POINT, run_folder


def thresholds(
    run: Path,
    *,
    split: str | None = None,
    annotations: Path | None = None,
    features: Path | None = None,
    tiou: float = 0.5,
    video_scores: Path | None = None,
    save: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Choose from which score on a run's actions are shown: calibrated scores, and the threshold with the best F1.

    Writes operating_point.json into the run folder, and a page with what precision, recall and scores are worth.

    Args:
        run: A run folder, or a project folder with one.
        split: The videos to choose on; those that were held out of the training (data.hold_out) if absent.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features.
        tiou: The overlap from which a detection counts as right.
        video_scores: External class scores per video, for a class-agnostic run.
        save: Where to write the page; thresholds.html in the run folder if absent.
        overwrite: Let --save replace a file that is no page of ours and is not read here; a copy of it stays.
        json: Print all numbers as JSON instead.
    """
    from logotal.files.target import check_target  # noqa: PLC0415 - loaded when the command runs
    from logotal.report.operating_page import write_operating_page  # noqa: PLC0415 - loaded when the command runs
    from logotal.report.sheet import PAGE  # noqa: PLC0415
    from logotal.runs.thresholds import thresholds as choose  # noqa: PLC0415

    if save is not None and save.suffix != ".html":
        raise InputError(f"--save must name a page, NAME.html, found {save}")
    folder = run_folder(run)
    save = save or folder / "thresholds.html"
    check_target(save, PAGE, inputs=filter(None, (annotations, video_scores)), overwrite=overwrite)
    with progress_bar("detecting") as progress:
        chosen = choose(
            run,
            split=split,
            annotations=annotations,
            features=features,
            tiou=tiou,
            video_scores=video_scores,
            progress=progress,
            say=note,
        )
    title = f"Thresholds of {'/'.join(folder.resolve().parts[-2:])}"
    write_operating_page(chosen, save, title, overwrite=overwrite)
    if json:
        print_json(chosen.to_json())
    else:
        print_tables(chosen.tables())
        for sentence in chosen.sentences():
            out.print(sentence, markup=False)
    for sentence in chosen.point.notes:
        note(sentence)
    note(f"page: {save}\noperating point: {folder / OPERATING_POINT}")
