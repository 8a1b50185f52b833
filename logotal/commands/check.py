"""`logotal check`: what is odd in a data set, in plain sentences, before anybody trains on it."""

import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from logotal.commands.console import err, out, progress_bar, table
from logotal.commands.train import given
from logotal.config import Config, DataConfig, ModelConfig, TrainingConfig
from logotal.recipes import read_recipe
from logotal.words import amount, share

if TYPE_CHECKING:
    from logotal.check import Report, SplitReport
    from logotal.check.finding import Finding

BLOCKS = " ▏▎▍▌▋▊▉█"
QUANTILES = {"shortest": 0.0, "1 %": 0.01, "10 %": 0.1, "median": 0.5, "90 %": 0.9, "99 %": 0.99, "longest": 1.0}
ERRORS_NAMED = 8  # each has its own cure
MARKS = {"error": ("✗", "red"), "warning": ("!", "yellow"), "note": ("·", "dim")}


def check(
    recipe: str,
    *,
    names: int = 2,
    model: ModelConfig | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
) -> None:
    """Say in plain sentences what is odd in a data set, and what the model of a recipe can make of it.

    Ends with status 1 if something stops training or evaluation. Without --data.features it checks the annotations.
    Every setting of the recipe can be given as an option; the recipe's own value holds unless you give one.

    Args:
        recipe: Name of a recipe that ships (see `logotal recipes`), or a .yaml file.
        names: How many places to name for each sentence.
        model: The network.
        data: Where annotations and features are, and how windows are cut.
        training: Only the assignment of points matters here.
    """
    from logotal.check import check as check_data  # noqa: PLC0415 - torch is loaded only now
    from logotal.check import silent  # noqa: PLC0415

    config = read_recipe(recipe, given(model=model, data=data, training=training))
    report = check_data(config, progress_bar if err.is_terminal else silent)
    show(report, config, recipe, names=names)
    if report.count("error"):
        sys.exit(1)


def show(report: "Report", config: Config, recipe: str, *, names: int) -> None:
    """Prints a report: the headline, the sentences, then the numbers."""
    _headline(report, recipe)
    for finding in report.findings:
        _sentence(finding, names)
    for sentence in report.unchecked:
        out.print(f"? not checked: {sentence}", markup=False, style="cyan")
    splits = [split for split in report.splits if len(split.seconds)]
    tables = [_splits(report.splits)] if report.splits else []
    tables += [_lengths(splits), _histogram(splits)] if splits else []
    tables += [_levels(splits, config)] if any(split.reach is not None for split in splits) else []
    for each in tables:
        out.print()
        out.print(each)
    if splits:
        out.print()
    for split in splits:
        out.print(f"{split.name}: {_balance(split)}", markup=False)


def _headline(report: "Report", recipe: str) -> None:
    counts = {severity: report.count(severity) for severity in ("error", "warning")}
    said = " and ".join(amount(n, word) for word, n in counts.items() if n) or "nothing is wrong"
    worst = "red" if counts["error"] else "yellow" if counts["warning"] else "green"
    out.print(f"{report.annotations.name} with {Path(recipe).name}: {said}", style=f"bold {worst}", markup=False)


def _sentence(finding: "Finding", names: int) -> None:
    mark, style = MARKS[finding.severity]
    out.print(f"{mark} {finding.sentence}", style=style, markup=False)
    if finding.severity == "note":
        return
    shown = max(names, ERRORS_NAMED) if finding.severity == "error" else names
    for place in finding.places[:shown]:
        out.print(f"    {place}", markup=False)
    if len(finding.places) > shown:
        out.print(f"    and {len(finding.places) - shown:,} more; --names N names N", style="dim")


def _splits(splits: Sequence["SplitReport"]) -> Table:
    rows = [["split", "videos", "with features", "hours", "actions", "labels", "over window"]]
    for split in splits:
        features = "-" if split.with_features is None else f"{split.with_features:,}"
        hours = "-" if split.hours is None else f"{split.hours:.1f}"
        longer = "-" if split.reach is None else share(split.reach.longer_than_window, split.reach.videos)
        counts = [f"{len(split.seconds):,}", f"{len(split.labels):,}"]
        rows.append([split.name, f"{split.videos:,}", features, hours, *counts, longer])
    return table(rows)


def _lengths(splits: Sequence["SplitReport"]) -> Table:
    """Quantiles of the lengths of actions, in seconds and in grid steps."""
    from numpy import quantile  # noqa: PLC0415

    rows = [["length of actions", *QUANTILES]]
    for split in splits:
        columns = [("seconds", split.seconds)]
        if split.reach is not None and len(split.reach.steps):
            columns.append(("grid steps", split.reach.steps))
        for unit, lengths in columns:
            rows.append([f"{split.name}, {unit}", *map(_number, quantile(lengths, list(QUANTILES.values())).tolist())])
    return table(rows)


def _histogram(splits: Sequence["SplitReport"], width: int = 24) -> Table:
    """Shares of actions between 1, 2, 5, 10, ... seconds, a bar for each split."""
    lengths = [split.seconds.tolist() for split in splits]
    edges = _edges(sorted(x for each in lengths for x in each))
    shares = [[sum(low <= x < high for x in each) / len(each) for low, high in pairwise(edges)] for each in lengths]
    tallest = max(max(each) for each in shares)
    drawn = table([["seconds", *(text for split in splits for text in (split.name, ""))]])
    for row, (low, high) in enumerate(pairwise(edges)):
        name = f"from {low:g}" if high == float("inf") else f"{low:g}-{high:g}" if low else f"below {high:g}"
        bars = [(_bar(each[row] / tallest, width), f"{each[row]:.0%}" if each[row] else "") for each in shares]
        drawn.add_row(name, *(text for pair in bars for text in pair))
    for column in drawn.columns[1::2]:
        column.justify, column.min_width = "left", width
    return drawn


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


def _levels(splits: Sequence["SplitReport"], config: Config) -> Table:
    """The share of actions that each level answers for."""
    reaches = [(split.name, split.reach) for split in splits if split.reach is not None and len(split.reach.steps)]
    rows = [["actions answered by", "farther boundary", *(name for name, _ in reaches)]]
    for level, (low, high) in enumerate(config.model.regression_ranges):
        boundary = f"{low:g}-{high:g} steps" if high < float("inf") else f"from {low:g} steps"
        shares = [share(each.per_level[level], len(each.steps)) for _, each in reaches]
        rows.append([f"level {level}, stride {config.model.strides[level]}", boundary, *shares])
    rows.append(["no level", "", *(share(len(each.unanswered), len(each.steps)) for _, each in reaches)])
    rows.append(["too long for the head", "", *(share(len(each.too_long), len(each.steps)) for _, each in reaches)])
    return table(rows)


def _balance(split: "SplitReport", shown: int = 3) -> str:
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
