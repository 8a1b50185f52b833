"""Charts as SVG text: lines and bars, for pages and documents, without a script.

Axes take the color of the text around them; series take the classes `ink-0` to `ink-7`, which the page's style gives
its light and its dark colors. Without that style, the colors for light pages stand.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logotal.report.charts.axes import Axis, Range, make_axis
from logotal.report.charts.bars import bar_chart
from logotal.report.charts.frame import SIZE, WIDTH, begin, dashes, ink, legend
from logotal.report.charts.text import escaped, short_number, text_width

__all__ = ["Series", "bar_chart", "line_chart"]

HEIGHT, RIGHT, EDGE = 210, 14, 5
Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """A line of a chart: as many y values as x values; NaN breaks the line."""

    name: str
    x: Sequence[float]
    y: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(f"{self.name!r}: expected as many y as x values, found {len(self.x)} and {len(self.y)}")


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    y_range: Range | None = None,
    x_axis: Axis | None = None,
    y_axis: Axis | None = None,
    markers: bool = False,
) -> str:
    """The text of an SVG picture with one line per series.

    Args:
        series: the lines; from the ninth on, the colors repeat with dashes.
        title: what the chart shows.
        x_label: what lies along.
        y_label: what lies above.
        y_range: the range of the y axis; all values if absent.
        x_axis: another x axis than the one that holds all values; where it has no place for a value, the line breaks.
        y_axis: the same for y.
        markers: a dot at each point.
    """
    across = x_axis or make_axis((x for one in series for x in one.x), goal=6)
    up = y_axis or make_axis((y for one in series for y in one.y), given=y_range, whole_ticks=True)
    left = 14 + max((text_width(label, SIZE) for label in up.labels), default=0)
    names = [one.name for one in series]
    keys, top = legend([] if names in ([y_label], [""]) else names, title, lines=True)
    top, wide = top + 30, WIDTH - left - RIGHT
    parts = [
        *begin(title, top + HEIGHT + 42),
        *keys,
        f'<text x="2" y="{top - 14:g}">{escaped(y_label)}</text>',
        *_axes(across, up, left, top, wide),
        f'<text x="{left + wide / 2:.1f}" y="{top + HEIGHT + 36:g}" text-anchor="middle">{escaped(x_label)}</text>',
        # A picture of its own clips the lines; a little larger, so that a line along the border keeps its width.
        f'<svg x="{left - EDGE:.1f}" y="{top - EDGE:g}" width="{wide + 2 * EDGE:.1f}" height="{HEIGHT + 2 * EDGE}">',
    ]
    drawn = 0
    for index, one in enumerate(series):
        places = [
            (across.place(x) * wide + EDGE, (1 - up.place(y)) * HEIGHT + EDGE)
            for x, y in zip(one.x, one.y, strict=True)
        ]
        runs = _unbroken(places)
        drawn += len(runs)
        parts += [f"<g {ink(index)}><title>{escaped(one.name)}</title>", *_lines(runs, dashes(index))]
        parts += _dots(one, places) if markers else ()
        parts.append("</g>")
    if not drawn:
        parts.append(f'<text x="{wide / 2:.1f}" y="{HEIGHT / 2}" text-anchor="middle">No data</text>')
    return "".join([*parts, "</svg></svg>"])


def _axes(across: Axis, up: Axis, left: float, top: float, wide: float) -> Iterator[str]:
    bottom = top + HEIGHT
    for tick, label in zip(up.ticks, up.labels, strict=True):
        y = top + (1 - up.place(tick)) * HEIGHT
        yield f'<path class="grid" d="M{left:.1f} {y:.1f}h{wide:.1f}" stroke="currentColor" stroke-opacity=".14"/>'
        yield f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    free = -math.inf
    for tick, label in zip(across.ticks, across.labels, strict=True):
        x, half = left + across.place(tick) * wide, text_width(label, SIZE) / 2
        yield f'<path d="M{x:.1f} {bottom:g}v4" stroke="currentColor" stroke-opacity=".5"/>'
        middle = min(x, WIDTH - half)
        if middle - half > free:
            yield f'<text x="{middle:.1f}" y="{bottom + 18:g}" text-anchor="middle">{label}</text>'
            free = middle + half + 4
    yield f'<path d="M{left:.1f} {bottom:g}h{wide:.1f}" stroke="currentColor" stroke-opacity=".5"/>'


def _unbroken(places: Sequence[Point]) -> list[list[Point]]:
    """The stretches between points without a place."""
    runs: list[list[Point]] = [[]]
    for x, y in places:
        if math.isnan(x) or math.isnan(y):
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]


def _lines(runs: Sequence[Sequence[Point]], look: str) -> Iterator[str]:
    for run in runs:
        if len(run) == 1:
            yield f'<circle cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="2.5" fill="currentColor"/>'
        else:
            way = "L".join(f"{x:.1f} {y:.1f}" for x, y in _thinned(run))
            yield f'<path d="M{way}" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"{look}/>'


def _thinned(run: Sequence[Point]) -> list[Point]:
    """The points that can be told apart: of those in one pixel column, the first, the lowest, the highest, the last."""
    columns: list[list[Point]] = []
    for point in run:
        if not columns or round(columns[-1][0][0]) != round(point[0]):
            columns.append([])
        columns[-1].append(point)
    kept: list[Point] = []
    for column in columns:
        if len(column) > 4:
            heights = [y for _, y in column]
            ends = sorted((heights.index(min(heights)), heights.index(max(heights))))
            kept += [column[0], *(column[i] for i in ends), column[-1]]
        else:
            kept += column
    return kept


def _dots(one: Series, places: Sequence[Point]) -> Iterator[str]:
    for (across, up), x, y in zip(places, one.x, one.y, strict=True):
        if not (math.isnan(across) or math.isnan(up)):
            words = escaped(f"{one.name}: {short_number(x)}, {short_number(y)}")
            yield f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3" fill="currentColor"><title>{words}</title></circle>'
