"""`logotal diagnose`: what is wrong with the detections of a run, or of anyone, in tables and on a page."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, print_json, print_tables, progress_bar
from logotal.errors import InputError
from logotal.places import run_folder


def diagnose(
    what: Path,
    *,
    annotations: Path | None = None,
    protocol: str | None = None,
    split: str | None = None,
    tiou: float = 0.5,
    bins: str | None = None,
    save: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Say which errors a run, or a detection file, makes, what curing them would bring, and which actions it misses.

    The error diagnosis of DETAD (Alwassel et al., ECCV 2018). Prints tables and writes a page with charts.

    Args:
        what: A run folder, or detections as ActivityNet JSON (.json or .json.gz).
        annotations: The truth, as ActivityNet JSON; a run knows its own.
        protocol: thumos14, thumos14-opentad, activitynet13, activitynet13-opentad, sbhar, generic; a run has its own.
        split: The split to look at, where the protocol does not say.
        tiou: The overlap from which a detection counts as right.
        bins: How actions are sorted by size: thumos, activitynet, or quantiles; by the protocol if absent.
        save: Where to write the page; diagnosis.html in the run folder, or here. All numbers go beside it as JSON.
        overwrite: Let --save replace files that are no diagnosis and are not read here; copies of them stay.
        json: Print all numbers as JSON instead.
    """
    from logotal.report.diagnosis_page import (  # noqa: PLC0415 - loaded when the command runs
        check_diagnosis_page,
        write_diagnosis_page,
    )
    from logotal.runs.diagnose import diagnose as find_errors  # noqa: PLC0415

    if save is not None and save.suffix != ".html":
        raise InputError(f"--save must name a page, NAME.html, found {save}")
    folder = run_folder(what)
    page = save or (folder / "diagnosis.html" if folder.is_dir() else Path("diagnosis.html"))
    check_diagnosis_page(page, [what, *([annotations] if annotations else [])], overwrite=overwrite)
    with progress_bar("detecting") as progress:
        found = find_errors(
            what, annotations, protocol=protocol, split=split, tiou=tiou, bins=bins, progress=progress, say=note
        )
    if json:
        print_json(found.to_json())
    else:
        print_tables(found.tables())
    for sentence in found.notes():
        note(sentence)
    title = f"Diagnosis of {folder.resolve().name}"
    numbers = write_diagnosis_page(found, page, title, overwrite=overwrite)
    note(f"page: {page}\nall numbers: {numbers}")
