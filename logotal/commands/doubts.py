"""`logotal doubts`: which labels of a project may be wrong."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, print_json, print_tables
from logotal.words import amount


def doubts(project: Path, *, most: int = 20, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Say which labels to look at again, the strongest doubt first.

    Networks that have not learned from a video have looked at it (`logotal folds`). Where they are sure of an action
    that nobody labelled, find nothing where something is labelled, or see another label, the labels may be wrong; so
    may those of a video in which nothing is labelled and much is found, or whose times fit when they are shifted or
    multiplied.

    Args:
        project: A project folder with folds.
        most: Doubts to print.
        json: Print all doubts as JSON instead.
    """
    found = logotal.doubts(project)
    if json:
        print_json(found.to_json())
        return
    print_tables(found.tables(most))
    if len(found.doubts) > most:
        note(f"{amount(len(found.doubts) - most, 'weaker doubt')} more: --most {len(found.doubts)}")
