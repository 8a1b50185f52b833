"""`logotal doubts`: which labels of a project may be wrong."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, print_json, print_tables, progress_bar
from logotal.words import amount


def doubts(
    project: Path,
    *,
    most: int = 20,
    json: Annotated[bool, Parameter(negative="")] = False,
    save: Annotated[Path | None, Parameter(alias="-o")] = None,
    playable: Annotated[bool, Parameter(negative="")] = False,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Say which labels to look at again, the strongest doubt first.

    Networks that have not learned from a video have looked at it (`logotal folds`). Where they are sure of an action
    that nobody labelled, find nothing where something is labelled, or see another label, the labels may be wrong; so
    may those of a video in which nothing is labelled and much is found, or whose times fit when they are shifted or
    multiplied.

    Args:
        project: A project folder with folds.
        most: Doubts to print.
        json: Print all doubts as JSON instead.
        save: A page (.html) that lists the doubts beside the videos; each leads to its place.
        playable: Write a small copy of each video, which any browser plays, into PAGE_videos beside the page.
        overwrite: Let --save replace a file that is no page of ours; a copy of it stays.
    """
    if save is None:
        found = logotal.doubts(project)
    else:
        from logotal.report.doubts_page import write_doubts_page  # noqa: PLC0415 - loaded when the command runs

        with progress_bar("copying") as progress:
            found = write_doubts_page(
                project, save, playable=playable, overwrite=overwrite, progress=progress, say=note
            )
    if json:
        print_json(found.to_json())
        return
    print_tables(found.tables(most))
    if len(found.doubts) > most:
        note(f"{amount(len(found.doubts) - most, 'weaker doubt')} more: --most {len(found.doubts)}")
