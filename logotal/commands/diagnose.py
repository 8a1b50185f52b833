"""`logotal diagnose`: what is wrong with the detections of a run, or of anyone, in tables and on a page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from logotal.commands.console import note, out, table
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.evaluation.diagnosis import Diagnosis


def diagnose(
    what: Path,
    *,
    annotations: Path | None = None,
    protocol: str | None = None,
    split: str | None = None,
    tiou: float = 0.5,
    bins: str | None = None,
    save: Path | None = None,
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
    """
    from logotal.evaluation.detections import read_detections  # noqa: PLC0415
    from logotal.evaluation.diagnosis import diagnose as find_errors  # noqa: PLC0415
    from logotal.evaluation.diagnosis.characteristics import find_bins  # noqa: PLC0415
    from logotal.evaluation.protocols import find_protocol  # noqa: PLC0415
    from logotal.formats.annotations import read_annotations  # noqa: PLC0415
    from logotal.places import run_folder  # noqa: PLC0415
    from logotal.runs.detections import detections_of_run  # noqa: PLC0415 - loaded when the command runs

    what = run_folder(what)
    page = _page(save, what)
    if what.is_dir():
        timelines, truth, own_protocol, split, _ = detections_of_run(what, annotations=annotations, split=split)
        protocol = protocol or own_protocol
    elif annotations is None:
        raise InputError("detections need the truth to be held against; name it with --annotations FILE")
    else:
        truth = read_annotations(annotations)
        timelines = read_detections(what, truth.labels)
    rules = find_protocol(protocol or "generic")
    found = find_errors(truth, timelines, rules, split, tiou=tiou, bins=find_bins(bins, rules.name))
    show(found)
    _write(found, page, f"Diagnosis of {what.resolve().name}")


def _page(save: Path | None, what: Path) -> Path:
    if save is None:
        return what / "diagnosis.html" if what.is_dir() else Path("diagnosis.html")
    if save.suffix != ".html":
        raise InputError(f"--save must name a page, NAME.html, found {save}")
    return save


def show(found: "Diagnosis") -> None:
    """Prints a diagnosis, and what did not enter it."""
    result, tiou = found.result, f"{found.tiou:g}"
    out.print(f"{result.protocol.name}, split {result.split}: {result.protocol.description}", markup=False)
    out.print(table(found.mean_table()))
    out.print()
    out.print(f"the top kG detections at tIoU {tiou}, in % (G: the actions of a label)", markup=False)
    header, *rows = found.profile_table()
    out.print(table([[name.replace(" ", "\n") for name in header], *rows]))  # many columns: their words are stacked
    out.print()
    out.print(f"what average mAP_N {found.average_name} gains, in points", markup=False)
    out.print(table(found.gain_table()))
    out.print()
    out.print(f"average mAP_N {found.average_name}, and actions missed at tIoU {tiou}, in %", markup=False)
    out.print(table(found.truth_table(), left=3))
    for sentence in found.notes():
        note(sentence)


def _write(found: "Diagnosis", page: Path, title: str) -> None:
    from logotal.files.whole import write_whole  # noqa: PLC0415
    from logotal.report.diagnosis_page import diagnosis_page  # noqa: PLC0415

    numbers = page.with_suffix(".json")
    write_whole(page, diagnosis_page(found, title).encode())
    write_whole(numbers, (json.dumps(found.to_json(), indent=1, allow_nan=False) + "\n").encode())
    note(f"page: {page}\nall numbers: {numbers}")
