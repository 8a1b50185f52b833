"""`logotal report`: a page about a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out

if TYPE_CHECKING:
    from logotal.report.run_page import Evaluation
    from logotal.runs.folder import Run


def report(
    run: Path,
    *,
    save: Annotated[Path | None, Parameter(alias="-o")] = None,
    annotations: Path | None = None,
    features: Path | None = None,
    worst: int = 3,
    score: float | None = None,
) -> None:
    """Write a page about a run: curves of its training, its numbers, its classes, its best and worst videos.

    A run that has not been evaluated is evaluated first; of one whose training has not finished, the page has the
    curves so far.

    Args:
        run: A run folder.
        save: The page; report.html in the run folder if absent.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features, for a run that has not been evaluated.
        worst: How many of the worst videos to draw, and of the best.
        score: Draws predictions from this score on; from where F1 is highest if absent.
    """
    from logotal.files.whole import write_whole  # noqa: PLC0415 - loaded when the command runs
    from logotal.places import run_folder  # noqa: PLC0415
    from logotal.report.run_page import run_page  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    run = run_folder(run)
    of = Run(run)
    of.config()  # a folder that is no run should fail before anything is computed
    evaluation = None
    if (run / "model.safetensors").is_file():
        evaluation = _evaluation(of, annotations, features)
    else:
        note(f"{run}: training has not finished; the page shows the curves so far")
    save = save or run / "report.html"
    write_whole(save, run_page(of, evaluation, videos=worst, score=score).encode())
    out.print(f"written: {save}", markup=False)


def _evaluation(run: "Run", annotations: Path | None, features: Path | None) -> "Evaluation":
    """What the run scores: by its detections where it has some, else as `logotal evaluate` does."""
    from logotal.commands.evaluate import save_result  # noqa: PLC0415
    from logotal.evaluation.protocols import find_protocol  # noqa: PLC0415
    from logotal.report.run_page import evaluate_timelines  # noqa: PLC0415
    from logotal.runs.detections import detections_of_run  # noqa: PLC0415

    found = detections_of_run(run.folder, annotations=annotations, features=features)
    evaluation = evaluate_timelines(found.annotations, found.timelines, find_protocol(found.protocol), found.split)
    if not (run.folder / "evaluation.json").is_file():
        save_result(evaluation.result, run.folder / "evaluation.json", found.labels_from)
    return evaluation
