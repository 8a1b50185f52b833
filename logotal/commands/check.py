"""`logotal check`: what is odd in a data set, in plain sentences, before anybody trains on it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from logotal.commands.console import out, print_json, print_tables, progress_bar
from logotal.commands.settings import given
from logotal.config import DataConfig, ModelConfig, TrainingConfig
from logotal.ranges import check_range
from logotal.recipes import read_recipe
from logotal.words import amount

if TYPE_CHECKING:
    from logotal.check.finding import Finding
    from logotal.check.report import Report

ERRORS_NAMED = 8  # each has its own cure
MARKS = {"error": ("✗", "red"), "warning": ("!", "yellow"), "note": ("·", "dim")}


def check(
    recipe: str,
    *,
    names: int = 2,
    json: Annotated[bool, Parameter(negative="")] = False,
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
        json: Print findings and numbers as JSON instead.
        model: The network.
        data: Where annotations and features are, and how windows are cut.
        training: Only the assignment of points matters here.
    """
    from logotal.check import check as check_data  # noqa: PLC0415 - torch is loaded only now
    from logotal.check.tables import balances, report_tables  # noqa: PLC0415

    check_range("--names", names, least=0)
    config = read_recipe(recipe, given(model=model, data=data, training=training))
    with progress_bar("checking") as progress:
        report = check_data(config, progress)
    if json:
        print_json(report.to_json())
    else:
        _headline(report, recipe)
        for finding in report.findings:
            _sentence(finding, names)
        for sentence in report.unchecked:
            out.print(f"? not checked: {sentence}", markup=False, style="cyan")
        if report.splits:
            out.print()
        print_tables(report_tables(report, config))
        for number, sentence in enumerate(balances(report)):
            out.print(sentence if number else f"\n{sentence}", markup=False)
    if report.count("error"):
        sys.exit(1)


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
