"""Reliability: whether of the detections with a score of 0.8 four in five are right, before and after calibration."""

from dataclasses import dataclass

import numpy as np

from logotal.evaluation.detections import Bools, Floats, Ints
from logotal.report.charts.lines import Series, line_chart
from logotal.report.sheet import Section, paragraph, table

BINS = 10
LEAST = 5
"""Bins with fewer detections are in the table alone: their shares say little."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Scores in bins of equal width: how many (BINS,), their mean, and the share that is right; nan in an empty bin."""

    counts: Ints
    mean_score: Floats
    share_right: Floats

    @property
    def error(self) -> float:
        """The expected calibration error: how far score and share are apart, on average over detections; nan of none.

        Naeini et al., AAAI 2015, in bins of equal width.
        """
        filled = self.counts > 0
        if not filled.any():
            return float("nan")
        apart = np.abs(self.mean_score - self.share_right)[filled]
        return float(np.average(apart, weights=self.counts[filled]))


def reliability(score: Floats, right: Bools) -> Reliability:
    """Scores (N,) between 0 and 1 held against which of them are right (N,)."""
    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    sums = [np.bincount(place, weights=values, minlength=BINS) for values in (score, right.astype(np.float64))]
    means = [np.divide(total, counts, out=np.full(BINS, np.nan), where=counts > 0) for total in sums]
    return Reliability(counts, *means)


def reliability_section(raw: Floats, calibrated: Floats, right: Bools, shown: Bools) -> Section:
    """The diagram of all N detections, and numbers also of those that are shown, with raw and calibrated scores."""
    before, after = reliability(raw, right), reliability(calibrated, right)
    lines = [Series("as it should be", [0.0, 1.0], [0.0, 1.0])]
    lines += [_line("before calibration", before), _line("after calibration", after)]
    chart = line_chart(
        lines,
        title="Reliability",
        x_label="score (mean of a bin)",
        y_label="share that is right",
        y_range=(0, 1),
        markers=True,
    )
    rows = [["detections", "number", "before", "after"]]
    for name, of in (("all that remain without overlaps", np.ones_like(shown)), ("those that are shown", shown)):
        errors = [100 * reliability(score[of], right[of]).error for score in (raw, calibrated)]
        rows.append([name, str(int(of.sum())), *(f"{error:.1f}" for error in errors)])
    words = (
        "A calibrated score says how often such a detection is right. The expected calibration error is how far the "
        "two are apart, on average over all detections. Most detections have low scores and are wrong; "
        "that is easy to predict, so the error of those that are shown says more. Drawn are bins with at least "
        f"{LEAST} detections."
    )
    captions = "Expected calibration error in points", f"Scores in {BINS} bins: detections, and how many are right"
    return Section(
        "What scores mean",
        [paragraph(words), chart, table(rows, caption=captions[0]), table(_bins(before, after), caption=captions[1])],
    )


def _line(name: str, of: Reliability) -> Series:
    filled = of.counts >= LEAST
    return Series(name, of.mean_score[filled].tolist(), of.share_right[filled].tolist())


def _bins(before: Reliability, after: Reliability) -> list[list[str]]:
    rows = [["score", "before: number", "mean score", "right", "after: number", "mean score", "right"]]
    for place in range(BINS):
        row = [f"{place / BINS:g} to {(place + 1) / BINS:g}"]
        for of in (before, after):
            row += [str(of.counts[place]), _share(of.mean_score[place]), _share(of.share_right[place])]
        rows.append(row)
    return rows


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"
