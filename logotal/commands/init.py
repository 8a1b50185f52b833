"""`logotal init`: videos and labels to a project."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from logotal.commands.console import note, note_all, out, print_tables, progress_bar

if TYPE_CHECKING:
    from logotal.project.create import ProjectSummary

Files = Annotated[tuple[Path, ...], Parameter(consume_multiple=True, negative="", show_default=False)]
Words = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="", show_default=False)]


def init(
    folder: Path,
    *,
    labels: Files = (),
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    group: str | None = None,
    groups: Path | None = None,
    columns: Words = (),
    unit: str | None = None,
    tier: Words = (),
    attribute: str | None = None,
    annotator: str | None = None,
    background: Words = (),
    prefix: str | None = None,
    split_labels: Annotated[bool, Parameter(negative="")] = False,
    held_back: float | None = None,
    seed: int = 0,
    backbone: str | None = None,
    fast: Annotated[bool, Parameter(negative="")] = False,
    accurate: Annotated[bool, Parameter(negative="")] = False,
    unlabelled_are_empty: Annotated[bool, Parameter(negative="")] = False,
    subjects: str | None = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Make a project of your own videos and labels, or update it: annotations.json and recipe.yaml.

    Labels may be tables of any tool, or files of ELAN, VIA, Label Studio, BORIS, CVAT, Praat and twenty others: see
    docs/labels.md. What cannot be known is asked for, what cannot be used is named, and nothing is lost in silence.
    What is said about the labels here is kept in the project. The same videos and labels give the same project, but for
    how features are made, which depends on how fast this machine is.

    Where the folder holds a project, it is updated: videos keep their splits, new ones are assigned, recipe.yaml and
    your edits of splits, groups and ignored spans stay, and what changed is listed.

    Args:
        folder: The videos, in folders as you like, and their labels.
        labels: Label files or folders of them, where they do not lie with the videos. Subtitles and plain text count
            only where they are named here.
        out: Folder for the project; that of the videos if absent.
        group: Column of a table that says which videos belong together (person, match, day): no split tears them apart.
        groups: Table with the columns video and group.
        columns: Columns of tables by what they hold, as label=verb start=t0; numbers where a table has no header.
        unit: Of times that say none: frames, frames@25 (counted at 25 a second), ms, s or timecode.
        tier: The tiers, tracks or groups of columns that hold the actions.
        attribute: The attribute of a segment that is its label.
        annotator: Whose annotations count where several people annotated the same.
        background: Labels that mean that nothing happens.
        prefix: What the names of videos begin with in the labels but not on the disk, or the other way round.
        split_labels: A cell with several labels, as "jump, run", is an action of each.
        held_back: Part of the videos that is not trained on, to evaluate with; 0.2 if nothing was said before.
        seed: Gives another split.
        backbone: The network that is to make the features, see `logotal weights list`; if absent, the most accurate
            that this machine, measured for some seconds, runs in ten minutes, or faster than the videos last.
        fast: Features are to be made in the fastest way there is.
        accurate: Features are to be made in the most accurate way, however long it takes.
        unlabelled_are_empty: Videos that no label file names hold no action, and are background.
        subjects: Where labels say who acts: together (labels are the classes), or lanes (each label of each subject is
            a class of its own); together if nothing was said before.
        overwrite: Start over, splits, recipe and all; copies of the two files stay beside them, as .bak.
    """
    from logotal.formats.options import Options, columns_of  # noqa: PLC0415 - loaded when the command runs
    from logotal.project.create import create  # noqa: PLC0415

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
    with progress_bar("looking at videos") as progress:
        summary = create(
            folder,
            labels=labels,
            out=out,
            options=options,
            group=group,
            groups=groups,
            held_back=held_back,
            seed=seed,
            backbone=backbone,
            fast=fast,
            accurate=accurate,
            unlabelled_are_empty=unlabelled_are_empty,
            subjects=subjects,
            overwrite=overwrite,
            progress=progress,
        )
    show(summary)


def show(summary: "ProjectSummary") -> None:
    """Prints what was read and used, what was left out and why, and what to do next."""
    from logotal.project.next_steps import next_steps  # noqa: PLC0415 - loaded when the command runs
    from logotal.project.summary import labels, reasons, sources  # noqa: PLC0415

    print_tables([sources(summary), labels(summary)])
    out.print()
    used = summary.read - len(summary.left_out)
    out.print(f"{summary.read:,} actions read, {used:,} used, {len(summary.left_out):,} left out", markup=False)
    note_all(reasons(summary), heading="left out:", rest_in="the label files")
    note_all(
        [str(path) for path in summary.unlabelled], heading="videos without labels, not used:", rest_in="the folder"
    )
    note_all(list(summary.passed_over), heading="files that hold no labels:", rest_in="the folder")
    for sentence in summary.notes:
        note(f"note: {sentence}")
    for sentence in summary.changes.sentences():
        out.print(f"changed: {sentence}", markup=False)
    state = "unchanged" if not summary.written else "updated, recipe.yaml kept" if summary.updated else "made"
    out.print(f"\n{summary.folder / 'annotations.json'} and {summary.folder / 'recipe.yaml'}: {state}", markup=False)
    out.print("now:", markup=False)
    for step in next_steps(summary.folder, [video.id for video in summary.videos]):
        out.print(f"  {step}", markup=False)
