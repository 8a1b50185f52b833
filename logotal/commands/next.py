"""`logotal next`: what to label next."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, print_json, print_tables, progress_bar
from logotal.ranges import check_range
from logotal.words import amount


def next(
    project: Path,
    *,
    run: Path | None = None,
    count: int = 20,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Say which videos to label next, where to begin in each, and why.

    The model looks at every video of the project that is not labelled; features are made once.

    Args:
        project: A project folder with a trained model.
        run: Another run than the project's own.
        count: Videos to print.
        json: Print all of them as JSON instead.
    """
    check_range("--count", count, least=1, whole=True)
    with progress_bar("looking") as progress:
        found = logotal.next_to_label(project, run, progress=progress, say=note)
    if json:
        print_json(found.to_json())
        return
    print_tables(found.tables(count))
    if (more := len(found.stretches) - count) > 0:
        note(f"{amount(more, 'further video')}: --count {len(found.stretches)}")
