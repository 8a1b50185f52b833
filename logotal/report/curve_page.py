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
    said = [paragraph(sentence[0].upper() + sentence[1:] + ".") for sentence in found.sentences()]
    charts = [_chart(found, "mAP", lambda point: point.maps), _chart(found, "F1", lambda point: point.f1s)]
    tables = [table(each.rows, caption=each.title) for each in found.tables()]
    return sheet(title, [Section("More labels", [*said, *charts]), Section("In numbers", tables)])


def _chart(found: Curve, measure: str, values: Callable[[Point], tuple[float, ...]]) -> str:
    """The mean of the draws, and the least and the most of them."""
    minutes = [point.minutes for point in found.points]
    lines = [
        Series(name, minutes, [of(values(point)) for point in found.points])
        for name, of in (("mean of draws", statistics.fmean), ("least", min), ("most", max))
    ]
    x_label = "labelled minutes"
    return line_chart(lines, title=measure, x_label=x_label, y_label=measure, y_range=(0, 1), markers=True)
