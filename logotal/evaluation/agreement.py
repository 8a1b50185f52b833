"""How well two people, or two versions of their labels, agree: what is the best that a detector can be measured by.

Actions are matched within a video and a label, each to one other at most and as many as can be, if their tIoU reaches a
threshold; two moments match within a tolerance. F1 is 2 matched / (actions of A + actions of B) and does not depend on
who is A. Cohen's kappa looks at each moment of the videos that both annotated: do both say that the label happens
there? It is 1 for full agreement and 0 for what chance alone would give. Kappa of all labels compares the sets of
labels at each moment. Moments are not sampled: kappa is that of frames of any rate, as the rate grows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from logotal.errors import InputError
from logotal.evaluation.tiou import tiou_of
from logotal.tables import Table
from logotal.timeline import Action, Timeline
from logotal.words import few, percent


@dataclass(frozen=True)
class LabelAgreement:
    """How well two annotators agree about one label, or about all.

    `first` and `second` are the numbers of their actions, `matched` the pairs; `tiou` is the mean tIoU of these, and
    `boundary` the mean distance of their starts and ends in seconds (both nan without pairs), `kappa` nan where neither
    or both always see the label.
    """

    label: str
    first: int
    second: int
    matched: int
    tiou: float
    boundary: float
    kappa: float

    @property
    def f1(self) -> float:
        """2 matched / (first + second); nan where there are none."""
        total = self.first + self.second
        return 2 * self.matched / total if total else float("nan")


@dataclass(frozen=True)
class Agreement:
    """How well two annotators agree: per label, and in all over the videos that both annotated.

    `only_first` and `only_second` are the videos that one of them has; they do not count. `without_duration` are
    videos of unknown length; they are taken to end with their last action.
    """

    tiou: float
    labels: tuple[LabelAgreement, ...]
    whole: LabelAgreement
    videos: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    without_duration: tuple[str, ...]

    def tables(self) -> list[Table]:
        """The table of all labels, the most common first, and of all together."""
        header = ["label", "A", "B", "matched", f"F1@{self.tiou:g}", "tIoU", "boundary s", "kappa"]
        rows = [_row(each) for each in (*self.labels, self.whole)]
        return [Table([header, *rows], title="agreement")]

    def notes(self) -> list[str]:
        """Sentences about what does not count."""
        found = (
            ("videos only in A, not counted", self.only_first),
            ("videos only in B, not counted", self.only_second),
            ("videos without a known length, taken to end with their last action (kappa)", self.without_duration),
        )
        return [f"{what}: {few(names)}" for what, names in found if names]

    def to_json(self) -> dict[str, Any]:
        """Everything, in types that JSON has; null for what has no value."""
        return {
            "tiou": self.tiou,
            "videos": list(self.videos),
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "without_duration": list(self.without_duration),
            "labels": {each.label: _json(each) for each in self.labels},
            "all": _json(self.whole),
        }


def agreement(
    first: Iterable[Timeline], second: Iterable[Timeline], *, tiou: float = 0.5, tolerance: float = 0.5
) -> Agreement:
    """How well two sets of timelines agree, video by video.

    >>> ann, bob = (Timeline("match", (Action(1, end, "serve"),), duration=10) for end in (3, 2.5))
    >>> found = agreement([ann], [bob])
    >>> found.whole.f1, round(found.whole.kappa, 3)
    (1.0, 0.828)

    Args:
        first: one timeline per video.
        second: the same of the other annotator.
        tiou: from which on two actions are the same.
        tolerance: seconds within which two moments are the same.

    Raises:
        InputError: a set has two timelines of a video, or no video is in both.
    """
    if not 0 < tiou <= 1:
        raise InputError(f"expected a tIoU above 0 and up to 1, found {tiou:g}")
    mine, theirs = _by_video(first), _by_video(second)
    videos = tuple(name for name in mine if name in theirs)
    if not videos:
        raise InputError(
            f"no video is in both: one has {few(list(mine)) or 'none'}, the other {few(list(theirs)) or 'none'}"
        )
    pairs = [(mine[name], theirs[name]) for name in videos]
    counts = Counter(action.label for pair in pairs for timeline in pair for action in timeline)
    labels = [_agreement(label, pairs, tiou, tolerance) for label in sorted(counts, key=lambda x: (-counts[x], x))]
    return Agreement(
        tiou,
        tuple(labels),
        _whole(labels, pairs),
        videos,
        tuple(name for name in mine if name not in theirs),
        tuple(name for name in theirs if name not in mine),
        tuple(a.video for a, b in pairs if a.duration is None and b.duration is None),
    )


Pair = tuple[Timeline, Timeline]


def _by_video(timelines: Iterable[Timeline]) -> dict[str, Timeline]:
    found: dict[str, Timeline] = {}
    for timeline in timelines:
        if timeline.video in found:
            raise InputError(f"expected one timeline per video, found two of {timeline.video!r}; join their actions")
        found[timeline.video] = timeline
    return found


def _agreement(label: str, pairs: Sequence[Pair], tiou: float, tolerance: float) -> LabelAgreement:
    kept = [tuple(tuple(action for action in each if action.label == label) for each in pair) for pair in pairs]
    matched = [pair for a, b in kept for pair in _matched(a, b, tiou, tolerance)]
    return LabelAgreement(
        label,
        sum(len(a) for a, _ in kept),
        sum(len(b) for _, b in kept),
        len(matched),
        _mean([overlap for _, _, overlap in matched]),
        _mean([_boundary(a, b) for a, b, _ in matched]),
        _kappa(_times(pairs, lambda labels: frozenset(labels & {label}))),
    )


def _whole(labels: Sequence[LabelAgreement], pairs: Sequence[Pair]) -> LabelAgreement:
    matched = sum(each.matched for each in labels)
    tiou, boundary = (
        sum(value * each.matched for each, value in zip(labels, values, strict=True) if each.matched)
        / (matched or float("nan"))
        for values in ([each.tiou for each in labels], [each.boundary for each in labels])
    )
    first, second = sum(each.first for each in labels), sum(each.second for each in labels)
    return LabelAgreement("all", first, second, matched, tiou, boundary, _kappa(_times(pairs, frozenset)))


def _matched(
    first: Sequence[Action], second: Sequence[Action], tiou: float, tolerance: float
) -> list[tuple[Action, Action, float]]:
    """As many pairs as can be, and of these the ones with the highest tIoU."""
    if not first or not second:
        return []
    overlaps = np.array([[_overlap(a, b, tolerance) for b in second] for a in first])
    # A pair that counts is worth more than all overlaps together.
    worth = np.where(overlaps >= tiou, overlaps + min(overlaps.shape) + 1, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(first[i], second[k], float(overlaps[i, k])) for i, k in zip(rows, columns, strict=True) if worth[i, k] > 0]


def _overlap(a: Action, b: Action, tolerance: float) -> float:
    if a.start == a.end and b.start == b.end:
        return 1.0 if abs(a.start - b.start) <= tolerance else 0.0
    return tiou_of(a, b)


def _boundary(a: Action, b: Action) -> float:
    return (abs(a.start - b.start) + abs(a.end - b.end)) / 2


def _times(pairs: Sequence[Pair], category: Any) -> Mapping[tuple[frozenset[str], frozenset[str]], float]:
    """The seconds for which A says one thing and B another; `category` makes something of the labels at a moment."""
    seconds: dict[tuple[frozenset[str], frozenset[str]], float] = {}
    for a, b in pairs:
        last = max((action.end for each in (a, b) for action in each), default=0.0)
        end = max(a.duration or b.duration or last, last)
        cuts = sorted({0.0, end, *(time for each in (a, b) for action in each for time in (action.start, action.end))})
        cuts = [time for time in cuts if 0 <= time <= end]
        for before, behind in pairwise(cuts):
            middle = (before + behind) / 2
            said = tuple(category({x.label for x in each if x.start <= middle < x.end}) for each in (a, b))
            key = (said[0], said[1])
            seconds[key] = seconds.get(key, 0.0) + behind - before
    return seconds


def _kappa(seconds: Mapping[tuple[frozenset[str], frozenset[str]], float]) -> float:
    """Cohen's kappa, (observed - chance) / (1 - chance); nan where chance alone agrees always."""
    total = sum(seconds.values())
    if not total:
        return float("nan")
    observed = sum(value for (a, b), value in seconds.items() if a == b) / total
    mine, theirs = Counter[frozenset[str]](), Counter[frozenset[str]]()
    for (a, b), value in seconds.items():
        mine[a] += value  # type: ignore[assignment] # seconds, not whole numbers
        theirs[b] += value  # type: ignore[assignment]
    chance = sum(mine[each] * theirs[each] for each in mine) / total**2
    return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else float("nan")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _row(each: LabelAgreement) -> list[str]:
    numbers = [str(each.first), str(each.second), str(each.matched), percent(each.f1, 1), percent(each.tiou, 1)]
    rest = (each.boundary, each.kappa)
    return [each.label, *numbers, *("-" if np.isnan(value) else f"{value:.2f}" for value in rest)]


def _json(each: LabelAgreement) -> dict[str, Any]:
    values = {"f1": each.f1, "tiou": each.tiou, "boundary": each.boundary, "kappa": each.kappa}
    counts = {"first": each.first, "second": each.second, "matched": each.matched}
    return counts | {name: None if np.isnan(value) else value for name, value in values.items()}
