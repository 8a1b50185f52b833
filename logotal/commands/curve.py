"""`logotal curve`: how many labels are enough."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, print_json, print_tables, progress_bar


def curve(
    project: Path,
    *,
    preset: str | None = None,
    folds: int = 5,
    draws: int = 3,
    save: Annotated[Path | None, Parameter(alias="-o")] = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Train on an eighth, a quarter, a half and all labels, and say what the next hour of labelling may bring.

    All are scored on the same videos, by cross-validation. What is trained already stays, so that the same command goes
    on where it was stopped.

    Args:
        project: A project folder with its features (`logotal init`, `logotal extract`).
        preset: Another network, as for `train`; linear takes seconds.
        folds: Parts of the labelled videos, in whole groups.
        draws: How often each part is drawn.
        save: A page (.html) with the curve; curve/curve.html in the project if absent.
        overwrite: Let --save replace a file that is no page of ours; a copy of it stays.
        json: Print all numbers as JSON instead.
    """
    from logotal.files.target import check_target  # noqa: PLC0415 - loaded when the command runs
    from logotal.places import CURVE  # noqa: PLC0415
    from logotal.report.curve_page import write_curve_page  # noqa: PLC0415
    from logotal.report.sheet import PAGE  # noqa: PLC0415

    place = save or project / CURVE / "curve.html"
    if save is not None:
        check_target(save, PAGE, overwrite=overwrite)
    with progress_bar("training") as progress:
        found = logotal.curve(project, preset=preset, folds=folds, draws=draws, progress=progress, say=note)
    write_curve_page(found, place, f"How many labels are enough: {project.resolve().name}", overwrite=overwrite)
    if json:
        print_json(found.to_json())
    else:
        print_tables(found.tables())
    for sentence in found.sentences():
        note(sentence)
    note(f"written: {place}")
