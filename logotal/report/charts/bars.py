"""Bar charts as SVG text: upright where the names fit below their bars, lying in rows where they do not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from logotal.report.charts.axes import Axis, Range, make_axis
from logotal.report.charts.frame import SIZE, WIDTH, begin, faint, ink, legend
from logotal.report.charts.text import escaped, short_number, shortened, text_width

HEIGHT, NAMES, SMALL = 210, 170, 11


@dataclass(frozen=True)
class Bar:
    """A bar of one series in one group: its row among `rows` in the group, and what it reaches from and to."""

    group: int
    series: int
    row: int
    begin: float
    end: float
    value: float


@dataclass(frozen=True)
class Plot:
    """Where the bars stand: the plot's corner and extent in pixels, upright or lying, its groups and value axis."""

    left: float
    top: float
    wide: float
    tall: float
    upright: bool
    groups: Sequence[str]
    rows: int
    axis: Axis

    @property
    def slot(self) -> float:
        """The pixels each group takes along the axis of groups."""
        return (self.wide if self.upright else self.tall) / max(len(self.groups), 1)

    @property
    def thick(self) -> float:
        """The pixels across one bar."""
        return min(self.slot * 0.8 / self.rows, 44)

    def across(self, bar: Bar) -> float:
        """Where a bar begins along the axis of groups, in pixels from the corner."""
        return (bar.group + 0.5) * self.slot + (bar.row - self.rows / 2) * self.thick

    def along(self, value: float) -> float:
        """Where a value lies along the axis of values, in pixels from its low end; those outside, at the end."""
        inside = min(max(value, self.axis.low), self.axis.high)
        return self.axis.place(inside) * (self.tall if self.upright else self.wide)


def bar_chart(
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    y_label: str,
    stacked: bool = False,
    y_range: Range | None = None,
) -> str:
    """The text of an SVG picture with a group of bars, or one stacked bar, per group.

    Args:
        groups: what stands along.
        series: by name, a value for each group, in one color; NaN draws no bar.
        title: what the chart shows.
        y_label: what the values are.
        stacked: the bars of a group stand on each other; negative values hang below zero.
        y_range: the range of the axis of values; all values and zero if absent.

    Raises:
        ValueError: a series has not one value for each group.
    """
    for name, values in series.items():
        if len(values) != len(groups):
            raise ValueError(f"{name!r}: expected a value for each of {len(groups)} groups, found {len(values)}")
    bars = list(_bars(groups, series, stacked=stacked))
    ends = [end for bar in bars for end in (bar.begin, bar.end)]
    axis = make_axis([0.0, *ends], given=y_range, whole_ticks=True)
    keys, top = legend([] if list(series) in ([y_label], [""]) else list(series), title, lines=False)
    plot = _plot(groups, 1 if stacked else max(len(series), 1), axis, top)
    parts = [*begin(title, plot.top + plot.tall + (26 if plot.upright else 42)), *keys]
    parts += _upright_axes(plot, y_label) if plot.upright else _lying_axes(plot, y_label)
    for bar, name in ((bar, list(series)[bar.series]) for bar in bars):
        words = escaped(", ".join(part for part in (groups[bar.group], name, short_number(bar.value)) if part))
        look = f'rx="2" fill="currentColor"{faint(bar.series)}'
        parts.append(f"<g {ink(bar.series)}><rect {_rectangle(plot, bar)} {look}><title>{words}</title></rect></g>")
        parts += _label(plot, bar, stacked=stacked)
    if not bars:
        middle = plot.left + plot.wide / 2
        parts.append(f'<text x="{middle:.1f}" y="{plot.top + plot.tall / 2:.1f}" text-anchor="middle">No data</text>')
    return "".join([*parts, "</svg>"])


def _bars(groups: Sequence[str], series: Mapping[str, Sequence[float]], *, stacked: bool) -> Iterator[Bar]:
    for group in range(len(groups)):
        above = below = 0.0
        for index, values in enumerate(series.values()):
            value = float(values[group])
            if not math.isfinite(value):
                continue
            base = 0.0 if not stacked else above if value >= 0 else below
            yield Bar(group, index, 0 if stacked else index, base, base + value, value)
            above, below = (above + value, below) if value >= 0 else (above, below + value)


def _plot(groups: Sequence[str], rows: int, axis: Axis, top: float) -> Plot:
    left = 14 + max((text_width(label, SIZE) for label in axis.labels), default=0)
    wide = WIDTH - left - 6
    slot = wide / max(len(groups), 1)
    if slot * 0.8 / rows >= 6 and all(text_width(name, SIZE) <= slot - 6 for name in groups):
        return Plot(left, top + 30, wide, HEIGHT, True, groups, rows, axis)
    left = 8 + min(max(text_width(name, SIZE) for name in groups), NAMES)
    row = max(18, 12 * rows + 6)
    return Plot(left, top + 10, WIDTH - left - 44, row * len(groups), False, groups, rows, axis)


def _rectangle(plot: Plot, bar: Bar) -> str:
    low, high = sorted((plot.along(bar.begin), plot.along(bar.end)))
    across, size = plot.across(bar), max(high - low, 0.5)
    gap = 1 if plot.thick > 4 else 0
    if plot.upright:
        x, y, width, height = plot.left + across, plot.top + plot.tall - low - size, plot.thick - gap, size
    else:
        x, y, width, height = plot.left + low, plot.top + across, size, plot.thick - gap
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'


def _label(plot: Plot, bar: Bar, *, stacked: bool) -> Iterator[str]:
    """The value of a bar: beyond its end, or inside a stacked one; none where there is no room."""
    words = short_number(bar.value)
    width = text_width(words, SMALL)
    end, middle = plot.along(bar.end), plot.across(bar) + plot.thick / 2
    inside = (plot.along(bar.begin) + end) / 2
    room = (abs(end - plot.along(bar.begin)) >= (SMALL + 4 if plot.upright else width + 4)) if stacked else True
    if not room or (plot.thick < width if plot.upright else plot.thick < SMALL - 1):
        return
    sign = -1 if bar.value < 0 else 1
    if plot.upright:
        x, y = plot.left + middle, plot.top + plot.tall - (inside - 4 if stacked else end + (4 if sign > 0 else -12))
        anchor = "middle"
    else:
        x, y = plot.left + (inside if stacked else end + 4 * sign), plot.top + middle + 4
        anchor = "middle" if stacked else "start" if sign > 0 else "end"
    look = ' class="inside" fill="Canvas"' if stacked else ""
    yield f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SMALL}" text-anchor="{anchor}"{look}>{words}</text>'


def _upright_axes(plot: Plot, y_label: str) -> Iterator[str]:
    yield f'<text x="2" y="{plot.top - 14:g}">{escaped(y_label)}</text>'
    for tick, label in zip(plot.axis.ticks, plot.axis.labels, strict=True):
        y = plot.top + plot.tall - plot.along(tick)
        yield f'<path d="M{plot.left:.1f} {y:.1f}h{plot.wide:.1f}" {_stroke(tick)}/>'
        yield f'<text x="{plot.left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    for index, name in enumerate(plot.groups):
        x = plot.left + (index + 0.5) * plot.slot
        yield f'<text x="{x:.1f}" y="{plot.top + plot.tall + 18:g}" text-anchor="middle">{escaped(name)}</text>'


def _lying_axes(plot: Plot, y_label: str) -> Iterator[str]:
    bottom = plot.top + plot.tall
    for tick, label in zip(plot.axis.ticks, plot.axis.labels, strict=True):
        x = plot.left + plot.along(tick)
        yield f'<path d="M{x:.1f} {plot.top:g}V{bottom:g}" {_stroke(tick)}/>'
        yield f'<text x="{x:.1f}" y="{bottom + 16:g}" text-anchor="middle">{label}</text>'
    middle = plot.left + plot.wide / 2
    yield f'<text x="{middle:.1f}" y="{bottom + 36:g}" text-anchor="middle">{escaped(y_label)}</text>'
    for index, name in enumerate(plot.groups):
        y = plot.top + (index + 0.5) * plot.slot + 4.5
        short = escaped(shortened(name, NAMES, SIZE))
        whole = f"<title>{escaped(name)}</title>"
        yield f'<text x="{plot.left - 8:.1f}" y="{y:.1f}" text-anchor="end">{short}{whole}</text>'


def _stroke(tick: float) -> str:
    """A tick's line: zero, on which bars stand, is stronger."""
    return f'stroke="currentColor" stroke-opacity="{".5" if tick == 0 else ".14"}"'
