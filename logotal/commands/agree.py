"""`logotal agree`: how well two people, or two versions of their labels, agree."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, print_json, print_tables

Words = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="", show_default=False)]


def agree(
    first: Path,
    second: Path | None = None,
    *,
    annotators: Words = (),
    tiou: float = 0.5,
    tolerance: float = 0.5,
    columns: Words = (),
    unit: str | None = None,
    tier: Words = (),
    attribute: str | None = None,
    annotator: str | None = None,
    background: Words = (),
    prefix: str | None = None,
    split_labels: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Say how well two label files agree: F1 of actions matched by tIoU and Cohen's kappa, per label and in all.

    The files may be of two people or two versions of one, in any form that `logotal init` reads, each in another.

    Args:
        first: A label file.
        second: The other one; absent where `--annotators` names two people of one file.
        annotators: Two names: whose annotations count in the first file and in the second.
        tiou: The overlap from which two actions are the same.
        tolerance: Seconds within which two events without length are the same.
        columns: Columns of tables by what they hold, as label=verb start=t0; numbers where a table has no header.
        unit: Of times that say none: frames@25 (counted at 25 a second), ms, s or timecode.
        tier: The tiers, tracks or groups of columns that hold the actions.
        attribute: The attribute of a segment that is its label.
        annotator: Whose annotations count where several people annotated the same, in both files.
        background: Labels that mean that nothing happens.
        prefix: What the names of videos begin with in one file but not in the other.
        split_labels: A cell with several labels, as "jump, run", is an action of each.
        json: Print all numbers as JSON instead.
    """
    from logotal.formats.options import Options, columns_of  # noqa: PLC0415 - loaded when the command runs
    from logotal.project.agree import agree as compare  # noqa: PLC0415

    options = Options(
        columns=columns_of(columns),
        unit=unit,
        tier=tier,
        attribute=attribute,
        annotator=annotator,
        background=background,
        prefix=prefix,
        split_labels=split_labels,
    )
    found = compare(first, second, annotators=annotators, options=options, tiou=tiou, tolerance=tolerance)
    if json:
        print_json(found.to_json())
    else:
        print_tables(found.tables())
    for sentence in found.notes():
        note(sentence)
