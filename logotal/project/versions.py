"""Two label files that describe the same actions of a video differently: two coders, or two versions of one file."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.label_file import said
from logotal.timeline import Action

OVERLAP = 0.3
"""The tIoU from which on two actions of one label are descriptions of one."""


def check_versions(video: str, sources: Mapping[Path, Sequence[Action]]) -> None:
    """Makes sure that the files with labels of a video say different things, or the same.

    Files with other labels or subjects complete each other, and so do files about other parts of the video. Files that
    share an action and differ in what else they say with the labels that both use contradict each other. An action of
    nobody may be that of anybody.

    Raises:
        InputError: the two files, an action that they describe differently, and how to choose.
    """
    for (first, mine), (second, theirs) in combinations(sources.items(), 2):
        ours, others = _shared(mine, theirs), _shared(theirs, mine)
        lonely = [*_without_twin(ours, others), *_without_twin(others, ours)]
        if not lonely or not any(_overlap(a, b) >= OVERLAP for a in ours for b in others if _alike(a, b)):
            continue
        raise InputError(
            f"video {video!r}: {first} and {second} describe the same actions differently, {_example(ours, others)}; "
            f"choose one: --labels {first} (`logotal agree {first} {second}` says how well they agree)"
        )


def _shared(actions: Iterable[Action], others: Iterable[Action]) -> list[Action]:
    """The actions with a label and a subject that may be found among the others too."""
    kinds = {(action.label, action.subject): action for action in others}.values()
    return [action for action in actions if any(_alike(action, kind) for kind in kinds)]


def _alike(a: Action, b: Action) -> bool:
    """Whether two actions may be the same one, but for their times."""
    return a.label == b.label and (a.subject == b.subject or None in (a.subject, b.subject))


def _without_twin(actions: Iterable[Action], others: Sequence[Action]) -> list[Action]:
    return [a for a in actions if not any(a.repeats(b, 0.01) for b in others)]


def _overlap(a: Action, b: Action) -> float:
    """The tIoU of two actions; 1 for two moments that are the same."""
    if a.coincides(b):
        return 1.0
    shared = min(a.end, b.end) - max(a.start, b.start)
    whole = max(a.end, b.end) - min(a.start, b.start)
    return max(shared, 0.0) / whole if whole > 0 else 0.0


def _example(ours: Sequence[Action], others: Sequence[Action]) -> str:
    pairs = [(a, b) for a in ours for b in others if _alike(a, b) and not a.repeats(b, 0.01)]
    best = max(pairs, key=lambda pair: _overlap(*pair), default=None)
    if best is not None and _overlap(*best) >= OVERLAP:
        who = (
            ""
            if best[0].subject == best[1].subject
            else f" by {best[1].subject!r}"
            if best[1].subject
            else " by nobody"
        )
        return f"as {said(best[0])} and{who} {best[1].start:g}-{best[1].end:g} s"
    lonely = [*_without_twin(ours, others), *_without_twin(others, ours)]
    return f"and only one of them says {said(lonely[0])}"
