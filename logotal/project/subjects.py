"""Who acts in a project: whether labels are the classes, or each label of each subject is one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from logotal.errors import InputError, did_you_mean
from logotal.formats.annotations import VideoTruth
from logotal.places import RECIPE
from logotal.project.earlier import Earlier
from logotal.words import amount, few

TOGETHER, LANES = "together", "lanes"


def subjects_of(wanted: str | None, earlier: Earlier | None, out: Path) -> str:
    """What subjects are to be in training; an update has what the recipe says.

    Raises:
        InputError: there is no such choice, or the recipe says another.
    """
    if wanted not in (None, TOGETHER, LANES):
        raise InputError(f"--subjects: no choice {wanted!r}; {did_you_mean(wanted, (TOGETHER, LANES))}")
    named = earlier.data.subjects if earlier and earlier.data else None
    if wanted and named and wanted != named:
        raise InputError(
            f"--subjects {wanted}: {out / RECIPE} says {named!r}, and an update leaves it as it is; change "
            "data.subjects there, or start over with --overwrite"
        )
    return wanted or named or TOGETHER


def subject_notes(videos: Sequence[VideoTruth], subjects: str) -> Iterator[str]:
    """Who acts, and what that means for the classes.

    Raises:
        InputError: each subject is to have its lane, and nobody says who acts.
    """
    actions = [action for video in videos for action in video.actions]
    counts = Counter(action.subject for action in actions if action.subject is not None)
    if not counts:
        if subjects == LANES:
            raise InputError(
                "--subjects lanes: no action says who acts; name the column with --columns subject=HEADER, or train "
                "with --subjects together"
            )
        return
    names = few([name for name, _ in counts.most_common()])
    told = f"{amount(counts.total(), 'action')} of {len(actions):,} say who acts: {names}"
    if subjects == TOGETHER:
        yield f"{told}; classes are the labels of all together, --subjects lanes makes one of each label and subject"
        return
    classes = {(action.label, action.subject) for action in actions}
    rest = len(actions) - counts.total()
    yield f"{told}; each label of each subject is a class, {len(classes)} in all"
    if rest:
        yield f"{amount(rest, 'action')} without a subject: their labels are classes of their own"
