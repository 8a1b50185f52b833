"""How each label fares: how much there was of it, what of it is found, and what it is taken for."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from logotal.evaluation.segment_f1 import LabelF1, segment_f1
from logotal.evaluation.tiou import tiou_of
from logotal.formats.annotations import VideoTruth
from logotal.tables import Table
from logotal.timeline import Action, Timeline
from logotal.words import amount, percent

NEAR = 0.3
"""tIoU from which on a detection of another label means the same action."""
NOT_LEARNED = 0.3
"""F1 below which a label was not learned."""
PLENTY = 100
"""Actions of a label beyond which more of them are not the first advice."""


@dataclass(frozen=True)
class LabelFate:
    """One label: its counts, in how many `videos` its actions are, and which other labels missed ones look like."""

    score: LabelF1
    videos: int
    taken_for: tuple[tuple[str, int], ...]

    @property
    def missed(self) -> int:
        """Actions that are not found."""
        return self.score.truths - self.score.hits

    @property
    def false(self) -> int:
        """Detections that are wrong."""
        return self.score.detections - self.score.hits

    @property
    def amount(self) -> str:
        """How much there was to learn from."""
        return f"{amount(self.score.truths, 'action')} in {amount(self.videos, 'video')}"


def fates(
    videos: Sequence[VideoTruth], shown: Iterable[Timeline], labels: Sequence[str], tiou: float
) -> tuple[LabelFate, ...]:
    """How each label fares that has an action, the most common first.

    Args:
        videos: the truth.
        shown: what is shown of the detections.
        labels: all labels.
        tiou: from which on a detection is right.
    """
    shown = tuple(shown)
    lines = {line.video: line for line in shown}
    where, mistaken = dict[str, set[str]](), dict[str, Counter[str]]()
    for video in videos:
        for action in video.actions:
            where.setdefault(action.label, set()).add(video.id)
            if video.id in lines and (other := _taken_for(action, lines[video.id])):
                mistaken.setdefault(action.label, Counter())[other] += 1
    scores = (one for one in segment_f1(videos, shown, labels, tiou).labels if one.truths)
    found = (
        LabelFate(one, len(where[one.label]), tuple(mistaken.get(one.label, Counter()).most_common())) for one in scores
    )
    return tuple(sorted(found, key=lambda fate: (-fate.score.truths, fate.score.label)))


def _taken_for(action: Action, line: Timeline) -> str | None:
    """The label of the surest detection that means an action, if it is another one."""
    near = [each for each in line if tiou_of(action, each) >= NEAR]
    best = max(near, key=lambda each: each.score, default=action)
    return None if best.label == action.label or any(each.label == action.label for each in near) else best.label


def fates_table(found: Sequence[LabelFate], title: str) -> Table:
    """A row for each label."""
    header = ["label", "mostly taken for", "videos", "actions", "found", "false", "F1"]
    rows = [
        [
            fate.score.label,
            ", ".join(f"{label} ({count})" for label, count in fate.taken_for[:2]),
            *map(str, (fate.videos, fate.score.truths, fate.score.hits, fate.false)),
            percent(fate.score.f1, 1),
        ]
        for fate in found
    ]
    return Table([header, *rows], title, words=2)


def advice(found: Sequence[LabelFate]) -> list[str]:
    """Which labels were not learned, and what would help most."""
    if not found:
        return []
    failed = [fate for fate in found if math.isnan(fate.score.f1) or fate.score.f1 < NOT_LEARNED]
    said = [f"{fate.score.label}: {fate.amount}, not learned (F1 {percent(fate.score.f1, 0)})" for fate in failed]
    worst = max(found, key=lambda fate: fate.missed + fate.false)
    errors = f"{worst.missed} missed, {worst.false} false"
    if not worst.missed + worst.false:
        return said
    mistaken = worst.taken_for[0] if worst.taken_for else ("", 0)
    if 3 * mistaken[1] > worst.missed:
        cure = f"{mistaken[1]} of them look like {mistaken[0]}: look whether the two labels are told apart everywhere"
    elif worst.score.truths < PLENTY:
        cure = f"label more of it, in other videos than now ({worst.amount})"
    else:
        cure = "look at what is missed and what is false"
    return [*said, f"what would help most: {worst.score.label} has most errors ({errors}); {cure}"]


def to_json(found: Sequence[LabelFate]) -> dict[str, Any]:
    """The counts, in types that JSON has."""
    return {
        fate.score.label: {
            "videos": fate.videos,
            "actions": fate.score.truths,
            "found": fate.score.hits,
            "false": fate.false,
            "F1": None if math.isnan(fate.score.f1) else fate.score.f1,
            "taken_for": dict(fate.taken_for),
        }
        for fate in found
    }
