"""The ablation as Markdown and as a page, from the same words and the same cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logotal.config import Config, DataConfig
from logotal.evaluation.protocols import find_protocol
from logotal.files.markdown import text
from logotal.report.sheet import Section, paragraph, sheet, table


@dataclass(frozen=True)
class Report:
    """All that is known of an ablation: its tables, sentences about how they came about, and what failed and why.

    Each table has a title, words about it, and its cells; `caption` stands at every table: numbers of two protocols are
    never mixed.
    """

    title: str
    state: str
    caption: str
    tables: Sequence[tuple[str, str, Sequence[Sequence[str]]]]
    notes: Sequence[str]
    failures: Mapping[str, str] = field(default_factory=dict)


def markdown(report: Report) -> str:
    """The report as Markdown."""
    parts = [f"# {text(report.title)}", text(report.state)]
    for title, about, cells in report.tables:
        parts += [f"## {text(title)}", text(about), f"{text(report.caption)}:", _markdown_table(cells)]
    if report.failures:
        parts += ["## Failed", _items(f"{name}: {reason}" for name, reason in report.failures.items())]
    parts += ["## What the numbers are", _items(report.notes)]
    return "\n\n".join(parts) + "\n"


def page(report: Report) -> str:
    """The report as a self-contained HTML page."""
    sections = [
        Section(title, [paragraph(about), table(cells, caption=report.caption)])
        for title, about, cells in report.tables
    ]
    if report.failures:
        failures = [["job", "reason"], *([name, reason] for name, reason in report.failures.items())]
        sections.append(Section("Failed", [table(failures, caption="Jobs that failed")]))
    sections.append(Section("What the numbers are", [paragraph(note) for note in report.notes]))
    return sheet(report.title, sections, subtitle=report.state)


def explanations(config: Config, *, recipe: str, seeds: Sequence[int], changed: Mapping[str, Any]) -> list[str]:
    """Sentences that say what ours and the paper's numbers are (law 10).

    Args:
        config: the recipe with what holds for every row.
        recipe: its name.
        seeds: those asked for.
        changed: settings that hold for every row though the recipe has others, by dotted key.
    """
    data, protocol = config.data, find_protocol(config.data.protocol)
    listed = ", ".join(map(str, seeds))
    training = config.training
    settings = ", ".join(f"{key} {value}" for key, value in changed.items()) or "nothing"
    return [
        f"Ours: average mAP in percent on {evaluated_on(data)}, by protocol {protocol.name!r} "
        f"({protocol.description}), mean ± sample standard deviation over the runs (seeds {listed}"
        f"{', each on every fold' if data.fold else ''}) that are finished; their number stands in the column runs.",
        "Difference: to the first row of the table, run by run; its mean ± its standard error, over the runs that "
        "both rows have.",
        _about_the_paper(data),
        f"Trained on split {data.training_split!r} for {training.epochs} epochs; the last epoch is scored, none is "
        f"chosen by its score. Changed in recipe {recipe!r} for every row: {settings}.",
    ]


def evaluated_on(data: DataConfig) -> str:
    """What the numbers are of, in words."""
    if data.fold is None:
        return f"split {data.evaluation_split!r}"
    return f"{data.fold[1]} folds of split {data.training_split!r}, each held out in turn"


def _about_the_paper(data: DataConfig) -> str:
    protocol, split = data.protocol, data.evaluation_split
    ours = f"protocol {protocol!r} on {evaluated_on(data)}"
    general = (
        "Paper: Li and Yang (2025), as far as its text gives numbers: THUMOS14 (tIoU 0.3:0.7, protocol 'thumos14') "
        "and, for the full model only, ActivityNet-1.3 (0.5:0.95, protocol 'activitynet13'), without deviations."
    )
    published = data.fold is None and find_protocol(protocol).split == split
    if published and protocol in ("thumos14", "activitynet13"):
        return f"{general} They stand in columns of their own, beside ours by the same {ours}."
    return f"{general} Ours are by {ours}, another data set or other rules: the paper's column stays empty."


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    header, *body = [[text(cell) for cell in row] for row in rows]
    ruler = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ruler, *body))


def _items(sentences: Any) -> str:
    return "\n".join(f"- {text(sentence)}" for sentence in sentences)
