"""What all charts have around their plot: the picture itself, its title and its legend."""

import textwrap
from collections.abc import Iterator, Sequence

from logotal.report.charts.palette import LIGHT
from logotal.report.charts.text import escaped, shortened, text_width

WIDTH, SIZE = 480, 13
TITLE_LINE, LEGEND_LINE = 20, 20


def begin(title: str, height: float) -> Iterator[str]:
    """The opening of a picture that is `height` pixels tall at its own width, and its title, also as visible text."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{WIDTH}" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="img" font-family="system-ui,sans-serif" font-size="{SIZE}" fill="currentColor">'
        f"<title>{escaped(title)}</title>"
    )
    for i, line in enumerate(_title_lines(title)):
        place = f'x="2" y="{16 + TITLE_LINE * i}" font-size="14" font-weight="600"'
        yield f'<text class="title" {place}>{escaped(line)}</text>'


def legend(names: Sequence[str], title: str, *, lines: bool) -> tuple[list[str], float]:
    """The keys of the series below the title, and the height at which the plot may begin.

    Args:
        names: the series; none, no legend.
        title: the title of the chart, above the keys.
        lines: keys are strokes instead of squares.
    """
    y = 4.0 + TITLE_LINE * len(_title_lines(title))
    if not names:
        return [], y
    parts, x, y = [], 2.0, y + LEGEND_LINE - 4
    for index, name in enumerate(names):
        short = shortened(name, WIDTH - 30, SIZE)
        needed = 22 + text_width(short, SIZE) + 14
        if x > 2 and x + needed - 14 > WIDTH:
            x, y = 2.0, y + LEGEND_LINE
        key = (
            f'<path d="M{x:.1f} {y - 4:g}h16" stroke="currentColor" stroke-width="3"{dashes(index)}/>'
            if lines
            else f'<rect x="{x + 2:.1f}" y="{y - 10:g}" width="12" height="12" rx="3"{faint(index)}/>'
        )
        parts.append(f'<g {ink(index)} fill="currentColor">{key}</g>')
        parts.append(f'<text x="{x + 22:.1f}" y="{y:g}">{escaped(short)}</text>')
        x += needed
    return parts, y + 6


def ink(index: int) -> str:
    """The attributes that give a group the color of a series; the style of a page may change it by the class."""
    color = index % len(LIGHT)
    return f'class="ink-{color}" color="{LIGHT[color]}"'


def _title_lines(title: str) -> list[str]:
    return [shortened(line, WIDTH, 14) for line in textwrap.wrap(title, 56, max_lines=3, placeholder="…")]


def dashes(index: int) -> str:
    """Dashes for a line whose color another line has already."""
    return ' stroke-dasharray="6 3"' if index >= len(LIGHT) else ""


def faint(index: int) -> str:
    """Opacity for a bar whose color another bar has already."""
    return ' fill-opacity=".55"' if index >= len(LIGHT) else ""
