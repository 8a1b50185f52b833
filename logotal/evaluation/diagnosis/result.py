"""What a diagnosis found: the numbers, as tables and as JSON."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from logotal.evaluation.detections import Floats
from logotal.evaluation.diagnosis.characteristics import Characteristic
from logotal.evaluation.diagnosis.false_positives import ERRORS, OUTCOMES, FalsePositives
from logotal.evaluation.result import Result
from logotal.tables import Table
from logotal.words import percent

Rows = list[list[str]]


@dataclass(frozen=True, eq=False)
class Breakdown:
    """The B bins of a characteristic: their average mAP_N (B,) and the share of truths missed (B,), nan if empty."""

    characteristic: Characteristic
    average: Floats
    missed: Floats


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """The error diagnosis of one set of detections, as fractions.

    `tiou` is the threshold of the profiles, `average_name` the mean over tIoU that averages are over (the first of
    the protocol). `normalizer` is N, the truths per label on average; `normalized` (T, C) is AP_N at the protocol's
    tIoU, nan for a label without truth. `missed` is the share of all truths that is missed.
    """

    result: Result
    tiou: float
    average_name: str
    normalizer: float
    normalized: Floats
    false_positives: FalsePositives
    breakdowns: tuple[Breakdown, ...]
    missed: float

    @property
    def mean_normalized(self) -> dict[float, float]:
        """The mAP_N at each tIoU of the protocol: the mean over the labels that have a truth."""
        means = self.normalized[:, self.result.truth_counts > 0].mean(axis=1)
        return dict(zip(self.result.protocol.tious, means.tolist(), strict=True))

    @property
    def average(self) -> float:
        """The average mAP_N of all detections."""
        tious = self.result.protocol.averages[self.average_name]
        return float(np.mean([self.mean_normalized[tiou] for tiou in tious]))

    def tables(self) -> list[Table]:
        """All numbers in words: means, what the best detections are, what curing errors brings, what is missed."""
        result, tiou = self.result, f"{self.tiou:g}"
        header, *rows = self.profile_table()
        return [
            Table(self.mean_table(), f"{result.protocol.name}, split {result.split}: {result.protocol.description}"),
            Table(
                [[name.replace(" ", "\n") for name in header], *rows],  # many columns: their words are stacked
                f"the top kG detections at tIoU {tiou}, in % (G: the actions of a label)",
            ),
            Table(self.gain_table(), f"what average mAP_N {self.average_name} gains, in points"),
            Table(
                self.truth_table(),
                f"average mAP_N {self.average_name}, and actions missed at tIoU {tiou}, in %",
                words=3,
            ),
        ]

    def mean_table(self) -> Rows:
        """Rows for printing, a header first: mAP and mAP_N at each tIoU of the average, and their mean, in percent."""
        tious = self.result.protocol.averages[self.average_name]
        plain, normalized = self.result.mean_average_precision, self.mean_normalized
        rows = [["tIoU", "mAP", "mAP_N"]]
        rows += [[f"{tiou:g}", percent(plain[tiou]), percent(normalized[tiou])] for tiou in tious]
        return [*rows, [self.average_name, percent(self.result.averages[self.average_name]), percent(self.average)]]

    def profile_table(self) -> Rows:
        """Rows for printing, a header first: the outcomes of the top kG detections in percent."""
        rows = [["top", *OUTCOMES]]
        for multiple, shares in enumerate(self.false_positives.shares, start=1):
            rows.append([f"{multiple}G", *(percent(share, 1) for share in shares)])
        return rows

    def gain_table(self) -> Rows:
        """Rows for printing, a header first: what the average mAP_N rises by without one type of error."""
        gains = [[error, percent(gain)] for error, gain in zip(ERRORS, self.false_positives.gains, strict=True)]
        return [["without", "mAP_N gains"], *gains]

    def truth_table(self) -> Rows:
        """Rows for printing, a header first: per bin the number of truths, average mAP_N and the share missed."""
        total = str(int(self.result.truth_counts.sum()))
        rows = [["truths by", "", "", "truths", "mAP_N", "missed"]]
        rows.append(["all", "", "", total, percent(self.average), percent(self.missed, 1)])
        for part in self.breakdowns:
            of = part.characteristic
            for index, size in enumerate(of.sizes):
                name = of.name if index == 0 else ""
                values = [percent(part.average[index]), percent(part.missed[index], 1)]
                rows.append([name, size, of.ranges[index], str(of.counts[index]), *values])
        return rows

    def notes(self) -> list[str]:
        """A sentence for everything left out of the numbers."""
        unknown = [
            f"annotated actions left out of {part.characteristic.name}, the length of their video is not known: {count}"
            for part in self.breakdowns
            if (count := int((part.characteristic.bin < 0).sum()))
        ]
        if not any(part.characteristic.name == "coverage" for part in self.breakdowns):
            unknown.append("no coverage: the annotations do not have the duration of any video")
        return [*self.result.notes(), *unknown]

    def to_json(self) -> dict[str, Any]:
        """Everything, as fractions, in types that JSON has; null for what has no value."""
        errors = self.false_positives
        return {
            "protocol": self.result.to_json()["protocol"],
            "counts": self.result.to_json()["counts"],
            "tIoU": self.tiou,
            "average_over": self.average_name,
            "truths_per_label": self.normalizer,
            "average_mAP": self.result.averages[self.average_name],
            "average_mAP_N": self.average,
            "mAP_N": {f"{tiou:g}": value for tiou, value in self.mean_normalized.items()},
            "labels": {
                label: [_number(value) for value in self.normalized[:, index]]
                for index, label in enumerate(self.result.labels)
            },
            "false_positives": {
                "counts_of_slices": [dict(zip(OUTCOMES, row.tolist(), strict=True)) for row in errors.counts],
                "shares_of_top": [_keyed(row) for row in errors.shares],
                "average_mAP_N_of_top": errors.average,
                "gains": dict(zip(ERRORS, errors.gains.tolist(), strict=True)),
            },
            "missed": self.missed,
            "characteristics": {part.characteristic.name: _breakdown_json(part) for part in self.breakdowns},
        }


def _breakdown_json(part: Breakdown) -> list[dict[str, Any]]:
    of = part.characteristic
    return [
        {
            "size": size,
            "range": of.ranges[index],
            "truths": int(of.counts[index]),
            "average_mAP_N": _number(part.average[index]),
            "missed": _number(part.missed[index]),
        }
        for index, size in enumerate(of.sizes)
    ]


def _keyed(shares: Floats) -> dict[str, float | None]:
    return dict(zip(OUTCOMES, map(_number, shares), strict=True))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
