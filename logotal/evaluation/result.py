"""What an evaluation found: the numbers, what they rest on, and what was left out of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from logotal.evaluation.detections import Floats, Ints
from logotal.timeline import Action
from logotal.words import percent

if TYPE_CHECKING:
    from logotal.evaluation.protocols import Protocol


@dataclass(frozen=True)
class Coverage:
    """Which videos and actions the numbers rest on, and all that was left out of them, by name.

    `excluded` are the videos of the split that the protocol leaves out; `duplicates`, `degenerate` and `outside` (of
    the video) the annotated actions that do not count, with their video; `cut` those that count as they are though
    their video ends before them; `without_detections` the scored videos in which nothing was detected; `not_in_split`
    (detections per video) the detections that are not scored, `unknown_labels` (detections per label) those that count
    for AR@AN alone; `in_ignored` the number of those that lie in ignored spans and take no truth.
    """

    videos: int
    excluded: tuple[str, ...]
    duplicates: tuple[tuple[str, Action], ...]
    degenerate: tuple[tuple[str, Action], ...]
    outside: tuple[tuple[str, Action], ...]
    cut: tuple[tuple[str, Action], ...]
    without_detections: tuple[str, ...]
    not_in_split: Mapping[str, int]
    unknown_labels: Mapping[str, int]
    in_ignored: int


@dataclass(frozen=True, eq=False)
class Result:
    """The numbers of one evaluation, as fractions; T thresholds (`protocol.tious`), K multiples, C labels.

    `average_precision` (T, C) and `recall` (T, K, C) are nan for a label without truth; `average_recall` is AR by
    AN; `truth_counts` and `prediction_counts` (C,) are what was scored per label.
    """

    protocol: "Protocol"
    split: str
    labels: tuple[str, ...]
    average_precision: Floats
    recall: Floats
    average_recall: Mapping[int, float]
    area_under_curve: float | None
    truth_counts: Ints
    prediction_counts: Ints
    coverage: Coverage

    @property
    def mean_average_precision(self) -> dict[float, float]:
        """The mAP at each tIoU: the mean over the labels that have a truth."""
        return dict(zip(self.protocol.tious, self._mean(self.average_precision), strict=True))

    @property
    def averages(self) -> dict[str, float]:
        """The means of mAP over tIoU that the protocol names."""
        return self._averages(self.mean_average_precision)

    @property
    def has_truth(self) -> bool:
        """Whether any action counted; where none has length, only a measure of a neighbouring field says something."""
        return bool(self.truth_counts.any())

    def mean_recall(self, multiple: int) -> dict[float, float]:
        """Recall@kx at each tIoU for one of the protocol's multiples: the mean over the labels with a truth."""
        column = self.recall[:, self.protocol.recall_multiples.index(multiple)]
        return dict(zip(self.protocol.tious, self._mean(column), strict=True))

    def lines(self) -> dict[str, str]:
        """Per average, mAP at its tIoUs and their mean in percent, as papers print it.

        `{"0.3:0.7": "82.13 77.80 70.95 59.40 43.88  66.83"}`
        """
        at = self.mean_average_precision
        if not self.has_truth:
            return {}
        return {
            name: " ".join(percent(at[tiou]) for tiou in tious) + f"  {percent(self.averages[name])}"
            for name, tious in self.protocol.averages.items()
        }

    def table(self) -> list[list[str]]:
        """Rows for printing, a header first: mAP and recall@kx per tIoU and on average, in percent."""
        rows = [("mAP", self.mean_average_precision)]
        rows += [(f"recall@{k}x", self.mean_recall(k)) for k in self.protocol.recall_multiples]
        header = ["tIoU", *(f"{tiou:g}" for tiou in self.protocol.tious), *self.protocol.averages]
        return [header] + [
            [name, *map(percent, values.values()), *map(percent, self._averages(values).values())]
            for name, values in rows
        ]

    def label_table(self) -> list[list[str]]:
        """Rows for printing, a header first: per label the counts and the AP per tIoU and on average, in percent."""
        tious = self.protocol.tious
        rows = [["label", "truths", "detections", *(f"{tiou:g}" for tiou in tious), *self.protocol.averages]]
        for index, label in enumerate(self.labels):
            values = dict(zip(tious, self.average_precision[:, index].tolist(), strict=True))
            counts = [str(self.truth_counts[index]), str(self.prediction_counts[index])]
            shown = [*values.values(), *self._averages(values).values()]
            rows.append([label, *counts, *map(percent, shown)])
        return rows

    def proposal_table(self) -> list[list[str]]:
        """Rows for printing, a header first: AR@AN and AUC over tIoU 0.5:0.95 in percent; empty if not computed."""
        if self.area_under_curve is None:
            return []
        header = [*(f"AR@{number}" for number in self.average_recall), "AUC"]
        return [header, [*map(percent, self.average_recall.values()), percent(self.area_under_curve)]]

    def notes(self, shown: int = 10) -> list[str]:
        """A sentence for everything left out of the numbers; at most `shown` names each (`to_json` has all)."""
        coverage = self.coverage
        unknown = [f"{label} ({count} times)" for label, count in coverage.unknown_labels.items()]
        found = (
            ("scored videos without any detection, their actions count as missed", coverage.without_detections),
            ("videos with detections that are not scored in this split", coverage.not_in_split),
            ("detected labels that the annotations do not have, which count for AR@AN alone", unknown),
            ("videos of the split that the protocol excludes", coverage.excluded),
            ("annotated actions dropped as duplicates", [_place(*item) for item in coverage.duplicates]),
            ("annotated actions dropped as too short", [_place(*item) for item in coverage.degenerate]),
            ("annotated actions dropped as outside their video", [_place(*item) for item in coverage.outside]),
            (
                "annotated actions that end after their video, counted as they are",
                [_place(*item) for item in coverage.cut],
            ),
        )
        notes = [f"{what}: {len(names)} ({_listed(names, shown)})" for what, names in found if names]
        if coverage.in_ignored:
            notes.append(f"detections in ignored spans, neither right nor wrong: {coverage.in_ignored}")
        return notes

    def to_json(self) -> dict[str, Any]:
        """Everything, as fractions and full lists, in types that JSON has; null for a label without truth."""
        protocol, coverage = self.protocol, self.coverage
        numbers = {
            "mAP": _keyed(self.mean_average_precision),
            "average_mAP": self.averages,
            "recall": {f"{k}x": _keyed(self.mean_recall(k)) for k in protocol.recall_multiples},
            "average_recall": {str(number): value for number, value in self.average_recall.items()},
            "area_under_curve": self.area_under_curve,
        }
        return {
            "protocol": {
                "name": protocol.name,
                "description": protocol.description,
                "split": self.split,
                "excluded_videos": sorted(protocol.excluded_videos),
                "duplicate_tolerance": protocol.duplicate_tolerance,
                "minimum_duration": protocol.minimum_duration,
                "inside_video": protocol.inside_video,
            },
            "counts": {
                "videos": coverage.videos,
                "truths": int(self.truth_counts.sum()),
                "predictions": int(self.prediction_counts.sum()),
            },
            **(numbers if self.has_truth else {}),
            "labels": {label: self._label_json(index) for index, label in enumerate(self.labels)},
            "excluded": list(coverage.excluded),
            "duplicates": [_action_json(*item) for item in coverage.duplicates],
            "degenerate": [_action_json(*item) for item in coverage.degenerate],
            "outside": [_action_json(*item) for item in coverage.outside],
            "cut": [_action_json(*item) for item in coverage.cut],
            "without_detections": list(coverage.without_detections),
            "not_in_split": dict(coverage.not_in_split),
            "unknown_labels": dict(coverage.unknown_labels),
            "in_ignored": coverage.in_ignored,
        }

    def _label_json(self, index: int) -> dict[str, Any]:
        values = dict(zip(self.protocol.tious, self.average_precision[:, index].tolist(), strict=True))
        return {
            "truths": int(self.truth_counts[index]),
            "predictions": int(self.prediction_counts[index]),
            "AP": _keyed(values) if self.truth_counts[index] else None,
        }

    def _mean(self, values: Floats) -> list[float]:
        counted = self.truth_counts > 0
        means: list[float] = values[:, counted].mean(axis=1).tolist() if counted.any() else [np.nan] * len(values)
        return means

    def _averages(self, values: Mapping[float, float]) -> dict[str, float]:
        return {
            name: float(np.mean([values[tiou] for tiou in tious])) for name, tious in self.protocol.averages.items()
        }


def _keyed(values: Mapping[float, float]) -> dict[str, float]:
    return {f"{tiou:g}": value for tiou, value in values.items()}


def _place(video: str, action: Action) -> str:
    return f"{video} {action.label!r} {action.start:g} to {action.end:g} s"


def _action_json(video: str, action: Action) -> dict[str, Any]:
    return {"video": video, "label": action.label, "segment": [action.start, action.end]}


def _listed(names: Iterable[str], shown: int) -> str:
    names = list(names)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
