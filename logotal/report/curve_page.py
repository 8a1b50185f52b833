"""A page with a learning curve: F1 and mAP against labelled minutes, with the spread over draws."""

import statistics
from collections.abc import Callable
from pathlib import Path

from logotal.report.charts.lines import Series, line_chart
from logotal.report.sheet import Section, paragraph, sheet, table, write_page
from logotal.runs.curve import Curve, Point


def write_curve_page(found: Curve, path: Path, title: str, *, overwrite: bool = False) -> None:
    """Writes the page.

    Raises:
        InputError: something that is no page of ours lies there, or it cannot be written.
    """
    write_page(path, curve_page(found, title), overwrite=overwrite)


def curve_page(found: Curve, title: str) -> str:
    """The text of a self-contained HTML page."""
    bounds: dict[str, Callable[[tuple[float, ...]], float]] = {"": statistics.fmean, ", least": min, ", most": max}
    lines = [
        Series(name + bound, [point.minutes for point in found.points], [of(values(point)) for point in found.points])
        for name, values in (("mAP", _maps), ("F1", _f1s))
        for bound, of in bounds.items()
    ]
    chart = line_chart(
        lines, title=found.measure, x_label="labelled minutes", y_label="score", y_range=(0, 1), markers=True
    )
    said = [paragraph(sentence[0].upper() + sentence[1:] + ".") for sentence in found.sentences()]
    tables = [table(each.rows, caption=each.title) for each in found.tables()]
    return sheet(title, [Section("More labels", [*said, chart]), Section("In numbers", tables)])


def _maps(point: Point) -> tuple[float, ...]:
    return point.maps


def _f1s(point: Point) -> tuple[float, ...]:
    return point.f1s
