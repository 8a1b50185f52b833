"""`logotal report`: a page about a run."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out, progress_bar


def report(
    run: Path,
    *,
    save: Annotated[Path | None, Parameter(alias="-o")] = None,
    annotations: Path | None = None,
    features: Path | None = None,
    worst: int = 3,
    score: float | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Write a page about a run: curves of its training, its numbers, its classes, its best and worst videos.

    A run that has not been evaluated is evaluated first; of one whose training has not finished, the page has the
    curves so far. Of a project with folds, the numbers are those of the folds, and the page lists labels in doubt.

    Args:
        run: A run folder, or a project folder.
        save: The page; report.html in the run folder if absent.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features, for a run that has not been evaluated.
        worst: How many of the worst videos to draw, and of the best.
        score: Draws predictions from this score on; from where F1 is highest if absent.
        overwrite: Let --save replace a file that is no page of ours and is not read here; a copy of it stays.
    """
    from logotal.report.run_page import write_run_page  # noqa: PLC0415 - loaded when the command runs

    with progress_bar("detecting") as progress:
        page = write_run_page(
            run,
            save,
            annotations=annotations,
            features=features,
            videos=worst,
            score=score,
            overwrite=overwrite,
            progress=progress,
            say=note,
        )
    out.print(f"written: {page}", markup=False)
