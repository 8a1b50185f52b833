"""Precision, recall and F1 of the actions that are shown, at one tIoU: what a user meets, where mAP looks at rankings.

Detections are matched as for average precision: by falling score over all videos each takes the free truth of its
video and label with the highest tIoU, and is right if that reaches the threshold. Every detection counts, whatever its
score, so they have to be cut before. As in the protocols, annotated actions without length and duplicates do not count.

A detection that takes no truth and lies mostly in what the annotations ignore (`logotal.evaluation.ignored`) is neither
right nor wrong: it does not count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from logotal.errors import InputError
from logotal.evaluation.average_precision import match
from logotal.evaluation.detections import Bools, Floats, Ints, Segments, columns
from logotal.evaluation.ignored import mostly_ignored
from logotal.evaluation.truth import sift
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Timeline
from logotal.words import percent


@dataclass(frozen=True)
class LabelF1:
    """What was right of one label, or of all together: numbers of truths, of detections, and of those that hit."""

    label: str
    truths: int
    detections: int
    hits: int

    @property
    def precision(self) -> float:
        """The share of the detections that are right; nan without detections."""
        return self.hits / self.detections if self.detections else float("nan")

    @property
    def recall(self) -> float:
        """The share of the truths that are found; nan without truth."""
        return self.hits / self.truths if self.truths else float("nan")

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 2 hits / (truths + detections); nan without either."""
        return 2 * self.hits / (self.truths + self.detections) if self.truths + self.detections else float("nan")


@dataclass(frozen=True)
class SegmentF1:
    """Precision, recall and F1 per label and over all.

    >>> found = SegmentF1(0.5, (LabelF1("jump", 4, 2, 2), LabelF1("run", 2, 4, 1)))
    >>> found.micro.precision, round(found.macro_f1, 3)
    (0.5, 0.5)
    """

    tiou: float
    labels: tuple[LabelF1, ...]

    @property
    def micro(self) -> LabelF1:
        """All labels together: every action counts the same, so frequent labels rule."""
        return LabelF1(
            "all together",
            sum(one.truths for one in self.labels),
            sum(one.detections for one in self.labels),
            sum(one.hits for one in self.labels),
        )

    @property
    def macro_precision(self) -> float:
        """The mean precision of the labels that have a truth; of one without detections it counts as 0."""
        return self._mean([one.precision for one in self._with_truth])

    @property
    def macro_recall(self) -> float:
        """The mean recall of the labels that have a truth."""
        return self._mean([one.recall for one in self._with_truth])

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that have a truth: every label counts the same."""
        return self._mean([one.f1 for one in self._with_truth])

    def to_json(self) -> dict[str, Any]:
        """All of it as fractions, in types that JSON has; null where a share is of nothing."""
        rows = {one.label: one for one in self.labels}
        return {
            "tIoU": self.tiou,
            "all": _label_json(self.micro),
            "mean": {"precision": self.macro_precision, "recall": self.macro_recall, "F1": self.macro_f1},
            "labels": {name: _label_json(one) for name, one in rows.items()},
        }

    @property
    def _with_truth(self) -> list[LabelF1]:
        return [one for one in self.labels if one.truths]

    @staticmethod
    def _mean(values: Sequence[float]) -> float:
        return float(np.nan_to_num(values).mean()) if values else float("nan")


def _label_json(one: LabelF1) -> dict[str, Any]:
    shares = {"precision": one.precision, "recall": one.recall, "F1": one.f1}
    counts = {"truths": one.truths, "shown": one.detections, "right": one.hits}
    return counts | {name: None if np.isnan(share) else share for name, share in shares.items()}


def segment_f1(
    truths: Iterable[VideoTruth], timelines: Iterable[Timeline], labels: Sequence[str], tiou: float = 0.5
) -> SegmentF1:
    """Precision, recall and F1 of all actions in the timelines.

    Detections and truths of labels that are not among `labels`, and detections in videos without a truth of theirs,
    do not count; a video without a timeline counts with all its truths missed.

    Raises:
        InputError: a tIoU that is none, a video with two timelines, or a detection that is not finite.
    """
    judged = judge(Compared.of(truths, timelines, labels), tiou)
    detections = np.bincount(judged.label, minlength=len(labels))
    hits = np.bincount(judged.label[judged.right], minlength=len(labels))
    counts = zip(labels, judged.truth_counts.tolist(), detections.tolist(), hits.tolist(), strict=True)
    return SegmentF1(tiou, tuple(LabelF1(*row) for row in counts))


def f1_rows(found: SegmentF1, *, per_label: bool = True) -> list[list[str]]:
    """Rows for printing, a header first: per label, of all together, and the mean of the labels, in percent."""
    rows = [["label", "truths", "shown", "right", "precision", "recall", "F1"]]
    micro = found.micro
    for one in (*found.labels, micro) if per_label else (micro,):
        shares = (percent(x, 1) for x in (one.precision, one.recall, one.f1))
        rows.append([one.label, str(one.truths), str(one.detections), str(one.hits), *shares])
    macro = (percent(x, 1) for x in (found.macro_precision, found.macro_recall, found.macro_f1))
    return [*rows, ["mean of labels", "", "", "", *macro]]


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared: truths and detections as columns, and which of those lie mostly in ignored spans (N,).

    The detections are in the order of `Segments.ranked`, in which they choose.
    """

    truth: Segments
    predictions: Segments
    ignored: Bools
    num_labels: int

    @classmethod
    def of(cls, truths: Iterable[VideoTruth], timelines: Iterable[Timeline], labels: Sequence[str]) -> "Compared":
        """The columns of the videos in `truths`.

        Raises:
            InputError: a video with two timelines, or a detection that is not finite.
        """
        truths, timelines = list(truths), list(timelines)
        names = [video.id for video in truths]
        for of, what in ((names, "entry"), ([timeline.video for timeline in timelines], "timeline")):
            if len(set(of)) < len(of):
                twice = next(name for name in of if of.count(name) > 1)
                raise InputError(f"video {twice!r}: expected one {what}, found two; join or remove one")
        counted = [
            Timeline(video.id, sift(video.actions, duplicate_tolerance=1e-3, minimum_duration=1e-3).kept)
            for video in truths
        ]
        truth, predictions = columns(counted, names, labels), columns(timelines, names, labels)
        truth = truth.take(truth.label >= 0)
        predictions = predictions.take((predictions.video >= 0) & (predictions.label >= 0)).ranked
        return cls(truth, predictions, mostly_ignored(predictions, [video.ignored for video in truths]), len(labels))

    def only(self, rows: Bools) -> "Compared":
        """The same with some of the detections."""
        return Compared(self.truth, self.predictions.take(rows), self.ignored[rows], self.num_labels)


@dataclass(frozen=True, eq=False)
class Judged:
    """The N detections that count, by label and then falling score, and how many truths each label has.

    `label` (N,), `score` (N,), `right` (N,) whether it took a truth, `truth_counts` (number of labels,).
    """

    label: Ints
    score: Floats
    right: Bools
    truth_counts: Ints


def judge(compared: Compared, tiou: float) -> Judged:
    """Which detections are right.

    Raises:
        InputError: a tIoU that is not above 0 and at most 1.
    """
    if not 0 < tiou <= 1:
        raise InputError(f"tIoU must be above 0 and at most 1, found {tiou:g}")
    ranked = compared.predictions
    right = match(compared.truth, ranked, [tiou])[0] >= 0
    counts = right | ~compared.ignored
    truth_counts = np.bincount(compared.truth.label, minlength=compared.num_labels)
    return Judged(ranked.label[counts], ranked.score[counts], right[counts], truth_counts)
