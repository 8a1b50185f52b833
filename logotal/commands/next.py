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
    save: Annotated[Path | None, Parameter(alias="-o")] = None,
    playable: Annotated[bool, Parameter(negative="")] = False,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Say which videos to label next, where to begin in each, and why.

    The model looks at every video of the project that is not labelled; features are made once.

    Args:
        project: A project folder with a trained model.
        run: Another run than the project's own.
        count: Videos to print.
        json: Print all of them as JSON instead.
        save: A page (.html) that lists them beside the videos; each leads to its place.
        playable: Write a small copy of each video, which any browser plays, into PAGE_videos beside the page.
        overwrite: Let --save replace a file that is no page of ours; a copy of it stays.
    """
    check_range("--count", count, least=1, whole=True)
    with progress_bar("looking") as progress:
        if save is None:
            found = logotal.next_to_label(project, run, progress=progress, say=note)
        else:
            from logotal.report.next_page import write_next_page  # noqa: PLC0415 - loaded when the command runs

            found = write_next_page(
                project, run, save, playable=playable, overwrite=overwrite, progress=progress, say=note
            )
    if json:
        print_json(found.to_json())
        return
    print_tables(found.tables(count))
    if (more := len(found.stretches) - count) > 0:
        note(f"{amount(more, 'further video')}: --count {len(found.stretches)}")
