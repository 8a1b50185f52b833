"""Fits what an operating point leaves out as too short and joins as pieces of one action, per label.

What is tried follows from what people annotated, and can never take away or join annotated actions: parts of the
shortest annotated duration of the label, and of the smallest annotated gap between two of its actions. Nothing (0) is
among it, and is taken unless another choice raises the F1 of the label beyond noise: by more than twice the standard
error of the gain over the groups of videos (jackknife: the gain without one group after the other). A label with few
actions, or with actions in few groups of videos, proves nothing and gets nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from logotal.data.splits import group_of
from logotal.evaluation.average_precision import match
from logotal.evaluation.detections import Floats, Ints
from logotal.evaluation.segment_f1 import Compared
from logotal.evaluation.truth import sift
from logotal.formats.annotations import VideoTruth
from logotal.inference.lengths import joined, without_short
from logotal.timeline import SAME, Timeline

FEW = 10
"""With fewer actions than this, a label gets nothing of its own: neither lengths nor a threshold."""
FEW_GROUPS = 3
"""With actions in fewer groups of videos than this, a label has no lengths of its own."""
PARTS = (0.0, 0.5, 1.0)
"""What is tried, in parts of the shortest annotated duration and of the smallest annotated gap."""
SURE = 2.0
"""Standard errors by which F1 has to rise."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """Seconds by label: the `shortest` durations and the `gap` within which actions are joined; empty where none."""

    shortest: dict[str, float]
    gap: dict[str, float]


def fit_lengths(
    truths: Sequence[VideoTruth],
    shown: Sequence[Timeline],
    labels: Sequence[str],
    *,
    learned: Sequence[VideoTruth] = (),
    tiou: float = 0.5,
) -> Lengths:
    """The shortest durations and gaps that raise F1 on these videos beyond noise.

    Args:
        truths: the videos, which the model should not have learned from.
        shown: what is shown of them without any.
        labels: of the model.
        learned: the videos that the model has learned from: they say too how short actions and gaps are, and nothing
            else of them counts.
        tiou: from which overlap with the truth a detection is right.
    """
    most = _annotated((*truths, *learned))
    groups = sorted({group_of(video) for video in truths})
    counts = {}
    for parts in product(PARTS, PARTS):  # parts of the gap and of the duration
        lengths = _lengths(most, labels, dict.fromkeys(labels, parts))
        kept = [_applied(timeline, lengths) for timeline in shown]
        counts[parts] = _counts(truths, kept, labels, groups, tiou)
    chosen = {label: _chosen({parts: each[i] for parts, each in counts.items()}) for i, label in enumerate(labels)}
    return _lengths(most, labels, chosen)


def _annotated(videos: Sequence[VideoTruth]) -> Lengths:
    """The shortest duration and the smallest gap of each label; no gap where its actions touch or never follow."""
    durations: dict[str, list[float]] = {}
    gaps: dict[str, list[float]] = {}
    for video in videos:
        kept = sift(video.actions, duplicate_tolerance=SAME, minimum_duration=SAME).kept
        of: dict[str, list[tuple[float, float]]] = {}
        for action in kept:
            durations.setdefault(action.label, []).append(action.duration)
            of.setdefault(action.label, []).append((action.start, action.end))
        for label, spans in of.items():
            spans.sort()
            gaps.setdefault(label, []).extend(round(b[0] - a[1], 6) for a, b in pairwise(spans))
    smallest = {label: min(each) for label, each in gaps.items() if each}
    return Lengths(
        {label: min(each) for label, each in durations.items()}, {k: v for k, v in smallest.items() if v > 0}
    )


def _lengths(most: Lengths, labels: Sequence[str], parts: dict[str, tuple[float, float]]) -> Lengths:
    """Parts of the lengths that are possible at most, by label: of the gap, of the duration."""
    gap = {label: parts[label][0] * most.gap.get(label, 0.0) for label in labels}
    shortest = {label: parts[label][1] * most.shortest.get(label, 0.0) for label in labels}
    return Lengths(*({label: round(value, 6) for label, value in of.items() if value} for of in (shortest, gap)))


def _applied(timeline: Timeline, lengths: Lengths) -> Timeline:
    actions = without_short(joined(timeline, lengths.gap), lengths.shortest)
    return Timeline(timeline.video, tuple(actions))


def _counts(
    truths: Sequence[VideoTruth],
    shown: Sequence[Timeline],
    labels: Sequence[str],
    groups: Sequence[tuple[str, str]],
    tiou: float,
) -> Ints:
    """What is right, shown and true (labels, groups, 3)."""
    compared = Compared.of(truths, shown, labels)
    predictions, number = compared.predictions, {group: i for i, group in enumerate(groups)}
    group_numbers = np.array([number[group_of(video)] for video in truths], np.int64)
    right = match(compared.truth, predictions, [tiou])[0] >= 0
    found = np.zeros((len(labels), len(groups), 3), np.int64)
    rows = ((predictions, right), (predictions, right | ~compared.ignored), (compared.truth, None))
    for column, (segments, mask) in enumerate(rows):
        of = segments if mask is None else segments.take(mask)
        np.add.at(found[:, :, column], (of.label, group_numbers[of.video]), 1)
    return found


def _chosen(counts: dict[tuple[float, float], Ints]) -> tuple[float, float]:
    """The parts of gap and duration with the highest F1 of a label, of those that beat nothing beyond noise."""
    nothing = (0.0, 0.0)
    before = counts[nothing]
    if before[:, 2].sum() < FEW or (before[:, 2] > 0).sum() < FEW_GROUPS:
        return nothing
    best, best_gain = nothing, 0.0
    for parts, after in counts.items():
        gain = float(_f1(after.sum(axis=0)) - _f1(before.sum(axis=0)))
        # Each row is the label without one group.
        without = _f1(after.sum(axis=0) - after) - _f1(before.sum(axis=0) - before)
        error = np.sqrt((len(without) - 1) * np.var(without))
        if gain > max(best_gain + 1e-9, SURE * error):
            best, best_gain = parts, gain
    return best


def _f1(counts: Ints) -> Floats:
    """F1 of counts (..., 3) of right, shown and true actions; 0 without any."""
    found: Floats = 2 * counts[..., 0] / np.maximum(counts[..., 1] + counts[..., 2], 1)
    return found
