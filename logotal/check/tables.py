"""What a report of `check` shows: sentences with their places, and tables of lengths, levels and labels."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from logotal.check.report import Report, SplitReport
from logotal.config import Config
from logotal.tables import Table
from logotal.words import share

BLOCKS = " ▏▎▍▌▋▊▉█"
QUANTILES = {"shortest": 0.0, "1 %": 0.01, "10 %": 0.1, "median": 0.5, "90 %": 0.9, "99 %": 0.99, "longest": 1.0}


def report_tables(report: Report, config: Config) -> list[Table]:
    """The tables of a report: splits, lengths of actions, and the levels that answer for them."""
    splits = [split for split in report.splits if len(split.seconds)]
    tables = [_splits(report.splits)] if report.splits else []
    tables += [_lengths(splits), _histogram(splits)] if splits else []
    tables += [_levels(splits, config)] if any(split.reach is not None for split in splits) else []
    return tables


def balances(report: Report) -> list[str]:
    """A sentence for each split: its most and its least common labels."""
    return [f"{split.name}: {_balance(split)}" for split in report.splits if len(split.seconds)]


def _splits(splits: Sequence[SplitReport]) -> Table:
    rows = [["split", "videos", "with features", "hours", "actions", "labels", "over window"]]
    for split in splits:
        features = "-" if split.with_features is None else f"{split.with_features:,}"
        hours = "-" if split.hours is None else f"{split.hours:.1f}"
        longer = "-" if split.reach is None else share(split.reach.longer_than_window, split.reach.videos)
        counts = [f"{len(split.seconds):,}", f"{len(split.labels):,}"]
        rows.append([split.name, f"{split.videos:,}", features, hours, *counts, longer])
    return Table(rows)


def _lengths(splits: Sequence[SplitReport]) -> Table:
    """Quantiles of the lengths of actions, in seconds and in grid steps."""
    rows = [["length of actions", *QUANTILES]]
    for split in splits:
        columns = [("seconds", split.seconds)]
        if split.reach is not None and len(split.reach.steps):
            columns.append(("grid steps", split.reach.steps))
        for unit, lengths in columns:
            rows.append(
                [f"{split.name}, {unit}", *map(_number, np.quantile(lengths, list(QUANTILES.values())).tolist())]
            )
    return Table(rows)


def _histogram(splits: Sequence[SplitReport], width: int = 24) -> Table:
    """Shares of actions between 1, 2, 5, 10, ... seconds, a bar for each split."""
    lengths = [split.seconds.tolist() for split in splits]
    edges = _edges(sorted(x for each in lengths for x in each))
    shares = [[sum(low <= x < high for x in each) / len(each) for low, high in pairwise(edges)] for each in lengths]
    tallest = max(max(each) for each in shares)
    rows = [["seconds", *(f"{split.name:<{width + 5}}" for split in splits)]]
    for row, (low, high) in enumerate(pairwise(edges)):
        name = f"from {low:g}" if high == float("inf") else f"{low:g}-{high:g}" if low else f"below {high:g}"
        bars = [
            f"{_bar(each[row] / tallest, width):<{width}} {f'{each[row]:.0%}' if each[row] else '':>4}"
            for each in shares
        ]
        rows.append([name, *bars])
    return Table(rows, words=len(rows[0]))


def _edges(ordered: Sequence[float], most: int = 9) -> list[float]:
    """Borders of at most so many bins that hold all lengths, in which the extreme 0.5 % may share one."""
    series = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
    low, high = ordered[len(ordered) // 200], ordered[-1 - len(ordered) // 200]
    inner = [edge for edge in series if low < edge <= high] or [max(high, 1e-3)]
    while len(inner) > most - 1:
        inner = inner[1:]
    return [0.0, *inner, float("inf")]


def _bar(share: float, width: int) -> str:
    whole, eighths = divmod(round(share * width * 8), 8)
    return BLOCKS[8] * whole + BLOCKS[eighths].strip()


def _levels(splits: Sequence[SplitReport], config: Config) -> Table:
    """The share of actions that each level answers for."""
    reaches = [(split.name, split.reach) for split in splits if split.reach is not None and len(split.reach.steps)]
    rows = [["actions answered by", "farther boundary", *(name for name, _ in reaches)]]
    for level, (low, high) in enumerate(config.model.regression_ranges):
        boundary = f"{low:g}-{high:g} steps" if high < float("inf") else f"from {low:g} steps"
        shares = [share(each.per_level[level], len(each.steps)) for _, each in reaches]
        rows.append([f"level {level}, stride {config.model.strides[level]}", boundary, *shares])
    rows.append(["no level", "", *(share(len(each.unanswered), len(each.steps)) for _, each in reaches)])
    rows.append(["too long for the head", "", *(share(len(each.too_long), len(each.steps)) for _, each in reaches)])
    return Table(rows)


def _balance(split: SplitReport, shown: int = 3) -> str:
    """The most and the least common labels of a split."""
    counts = list(split.labels.items())
    if len(counts) <= 2 * shown:
        return f"actions per label: {_counted(counts)}"
    ratio = counts[0][1] / counts[-1][1]
    common, rare = _counted(counts[:shown]), _counted(counts[-shown:])
    return f"most common labels {common}; rarest {rare} ({ratio:.1f} times fewer)"


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{label} {count:,}" for label, count in counts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
