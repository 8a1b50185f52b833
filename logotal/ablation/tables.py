"""The numbers of a table: mean and deviation over runs, and the paired difference to the first row.

Row by row the same seeds decide initial weights, order and crops, and the same folds are held out, so that differences
are taken run by run: what a seed or a fold does to all rows alike is not in their error.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from logotal.ablation.costs import Cost
from logotal.report.charts.text import short_number

MISSING = "-"

Scores = Mapping[str, Mapping[str, float]]
"""Percent by measure, for each run ("seed0", "fold1-seed0") that is finished."""


@dataclass(frozen=True)
class Line:
    """A row: the paper's numbers by measure where the protocol is the paper's, ours by run, and the network's cost."""

    name: str
    scores: Scores
    paper: Mapping[str, float] = field(default_factory=dict)
    cost: Cost | None = None


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean and the sample standard deviation (n - 1); one value has none.

    >>> mean_and_deviation([1.0, 3.0])
    (2.0, 1.4142135623730951)
    """
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def paired_difference(scores: Scores, first: Scores, measure: str) -> tuple[float, float | None, int] | None:
    """The mean difference over the runs of both, its standard error, and their number; None if they share none.

    The error is that of the mean of the differences: their sample standard deviation over the root of their number.
    """
    differences = [scores[run][measure] - first[run][measure] for run in sorted(scores.keys() & first.keys())]
    if not differences:
        return None
    mean, deviation = mean_and_deviation(differences)
    return mean, None if deviation is None else deviation / math.sqrt(len(differences)), len(differences)


def cells(lines: Sequence[Line], measures: Sequence[str], *, comparable: bool = False) -> list[list[str]]:
    """A table as text, its header first.

    The paper's numbers have columns of their own; an empty one where it has some for the table under other protocols
    only (`comparable`).
    """
    published = [measure for measure in measures if any(measure in line.paper for line in lines)]
    empty = comparable and not published
    header = ["paper"] if empty else []
    for measure in measures:
        header += [f"paper {measure}"] if measure in published else []
        header += [f"ours {measure}", "difference"]
    rows = [["", *header, "runs", "parameters (M)", "GMACs", "ms"]]
    for line in lines:
        row = [MISSING] if empty else []
        for measure in measures:
            row += [_paper(line, measure)] if measure in published else []
            row += [_ours(line, measure), MISSING if line is lines[0] else _difference(line, lines[0], measure)]
        rows.append([line.name, *row, str(len(line.scores)), *_cost(line.cost)])
    return rows


def _paper(line: Line, measure: str) -> str:
    return f"{line.paper[measure]:.1f}" if measure in line.paper else MISSING


def _ours(line: Line, measure: str) -> str:
    if not line.scores:
        return MISSING
    mean, deviation = mean_and_deviation([scores[measure] for scores in line.scores.values()])
    return f"{mean:.2f}" if deviation is None else f"{mean:.2f} ± {deviation:.2f}"


def _difference(line: Line, first: Line, measure: str) -> str:
    found = paired_difference(line.scores, first.scores, measure)
    if found is None:
        return MISSING
    mean, error, count = found
    text = f"{mean:+.2f}" if error is None else f"{mean:+.2f} ± {error:.2f}"
    return text if count == len(line.scores) else f"{text} ({count} runs)"


def _cost(cost: Cost | None) -> list[str]:
    if cost is None:
        return [MISSING] * 3
    return [short_number(cost.parameters / 1e6), short_number(cost.macs / 1e9), short_number(cost.milliseconds)]
