"""A timeline as a still picture: the lanes of the page, for notebooks and documents, without a script."""

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from logotal.report.charts.palette import LIGHT, color_indices, mixed
from logotal.report.charts.rows import rows
from logotal.report.charts.text import escaped
from logotal.timeline import Action, Timeline
from logotal.words import amount

WIDTH, LABELS, RIGHT = 960, 172, 16
AXIS, PAD, GAP, TRUTH = 28, 6, 3, 8
ALONE, STACKED = 16, 11
"""Pixels of a bar in a lane of one row, and in one of several."""
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


@dataclass(frozen=True)
class _Lane:
    """Where the bars of a label lie: those of predictions in rows above those of the truth."""

    top: float
    predictions: int
    truths: int

    @property
    def bar(self) -> int:
        """Pixels of a prediction."""
        return ALONE if self.predictions <= 1 else STACKED

    @property
    def below(self) -> float:
        """Where the rows of the truth begin."""
        return self.top + PAD + self.predictions * (self.bar + 1) - 1 + GAP

    @property
    def height(self) -> float:
        """Pixels of the whole lane."""
        return (self.below + self.truths * (TRUTH + 1) - 1 if self.truths else self.below - GAP) + PAD - self.top

    def place(self, row: int, *, truth: bool) -> tuple[float, int]:
        """The upper edge and the height of a bar."""
        if truth:
            return self.below + row * (TRUTH + 1), TRUTH
        return self.top + PAD + row * (self.bar + 1), self.bar


def timeline_svg(timeline: Timeline, truth: Timeline | None = None) -> str:
    """The text of an SVG picture of a timeline: a lane per label, the truth hatched below the predictions.

    The stronger the color, the higher the score. Actions of a label that overlap have rows of their own.
    """
    timeline, truth = timeline.named(), None if truth is None else truth.named()
    truths = () if truth is None else truth.actions
    actions = (*timeline.actions, *truths)
    # Pattern names are shared by all pictures of a notebook, so they must differ between pictures.
    name = f"logotal-{zlib.crc32(repr((timeline, truth)).encode('utf-8', 'surrogatepass')):08x}"
    colors = color_indices(action.label for action in actions)
    durations = [t.duration for t in (timeline, truth) if t is not None and t.duration is not None]
    first = min([0.0, *(action.start for action in actions)])
    last = max([0.0, *durations[:1], *(action.end for action in actions)])
    last = last if last > first else first + 1.0
    scale = (WIDTH - LABELS - RIGHT) / (last - first)
    found, known = rows(timeline.actions), rows(truths)
    lanes = _lanes(colors, timeline, found, truth, known)
    height = max([AXIS + 40, *(lane.top + lane.height for lane in lanes.values())])

    def bar(action: Action, row: int, look: str, kind: str) -> str:
        x, width = LABELS + (action.start - first) * scale, max((action.end - action.start) * scale, 1.5)
        y, tall = lanes[action.label].place(row, truth=kind == "truth")
        place = f'x="{x:.2f}" y="{y:g}" width="{width:.2f}" height="{tall:g}" rx="2"'
        return f"<rect {place} {look}><title>{escaped(_sentence(action, kind))}</title></rect>"

    parts = [*_frame(timeline, height), *_patterns(name, colors.values()), *_axis(first, last, scale, height)]
    for label, lane in lanes.items():
        parts += _lane_label(label, LIGHT[colors[label]], lane.top, lane.height)
    for action, row in sorted(zip(timeline, found, strict=True), key=lambda a: (a[0].score, a[0].start - a[0].end)):
        share = 0.15 + 0.85 * min(max(action.score, 0.0), 1.0)
        look = f'fill="{mixed(LIGHT[colors[action.label]], "#ffffff", share)}" stroke="#ffffff"'
        parts.append(bar(action, row, look, f"score {action.score:.2f}"))
    for action, row in zip(truths, known, strict=True):
        color = colors[action.label]
        look = f'fill="url(#{name}-{color})" stroke="{LIGHT[color]}"'
        parts.append(bar(action, row, look, "truth"))
    if not actions:
        parts.append(f'<text x="{WIDTH / 2:g}" y="{AXIS + 25}" text-anchor="middle">No actions</text>')
    return "".join([*parts, "</svg>"])


def _lanes(
    labels: Iterable[str], timeline: Timeline, found: Sequence[int], truth: Timeline | None, known: Sequence[int]
) -> Mapping[str, _Lane]:
    """The lane of each label, one below the other; each has a row for predictions, and one for the truth if known."""
    predictions, truths = dict.fromkeys(labels, 1), dict.fromkeys(labels, 0 if truth is None else 1)
    for action, row in zip(timeline, found, strict=True):
        predictions[action.label] = max(predictions[action.label], row + 1)
    for action, row in zip(truth or (), known, strict=True):
        truths[action.label] = max(truths[action.label], row + 1)
    lanes, top = {}, float(AXIS)
    for label in labels:
        lanes[label] = _Lane(top, predictions[label], truths[label])
        top += lanes[label].height
    return lanes


def clock(seconds: float, step: float) -> str:
    """Seconds as m:ss or h:mm:ss, as precise as ticks that are `step` seconds apart need.

    >>> clock(3725, step=5), clock(12.5, step=0.5)
    ('1:02:05', '0:12.5')
    """
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    minutes, rest = divmod(round(abs(seconds) * 10**digits), 60 * 10**digits)
    text = f"{rest / 10**digits:0{digits + 3 if digits else 2}.{digits}f}"
    sign = "-" if seconds < 0 else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{text}" if minutes >= 60 else f"{sign}{minutes}:{text}"


def tick_step(scale: float, room: float = 80) -> float:
    """The seconds between ticks that leaves each `room` pixels, at `scale` pixels per second.

    >>> tick_step(scale=10)
    10
    """
    fitting = (step for step in STEPS if step * scale >= room)
    return next(fitting, 3600 * 2 ** math.ceil(math.log2(room / scale / 3600)))


def _frame(timeline: Timeline, height: float) -> Iterator[str]:
    count = amount(len(timeline), "action")
    # Its own light ground: a notebook's theme cannot be asked from here.
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'style="max-width:100%;height:auto;display:block" font-family="system-ui,sans-serif" font-size="12" '
        f'fill="#59626e"><title>{escaped(f"{timeline.video}: {count}")}</title>'
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8" fill="#ffffff" stroke="#d9dde3"/>'
    )


def _patterns(name: str, colors: Iterable[int]) -> Iterator[str]:
    for color in sorted(set(colors)):
        yield (
            f'<pattern id="{name}-{color}" width="5" height="5" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><line x1="1" y1="0" x2="1" y2="5" stroke="{LIGHT[color]}" '
            f'stroke-width="2.2"/></pattern>'
        )


def _axis(first: float, last: float, scale: float, height: float) -> Iterator[str]:
    step = tick_step(scale)
    for tick in range(math.ceil(first / step), math.floor(last / step + 1e-9) + 1):
        x = LABELS + (tick * step - first) * scale
        yield f'<path d="M{x:.1f} {AXIS - 8}V{height - 1:g}" stroke="#e3e6ea"/>'
        if x < WIDTH - 40:
            yield f'<text x="{x + 4:.1f}" y="{AXIS - 10}">{clock(tick * step, step)}</text>'


def _lane_label(label: str, color: str, top: float, lane: float) -> Iterator[str]:
    short = label if len(label) <= 22 else label[:21] + "…"
    middle = top + lane / 2
    yield f'<path d="M1 {top - 0.5:g}H{WIDTH - 1}" stroke="#d9dde3"/>'
    yield f'<rect x="12" y="{middle - 4.5:g}" width="9" height="9" rx="3" fill="{color}"/>'
    yield f'<text x="28" y="{middle + 4:g}" fill="#1b1f24">{escaped(short)}<title>{escaped(label)}</title></text>'


def _sentence(action: Action, kind: str) -> str:
    times = f"{action.start:.2f}" if action.is_moment else f"{action.start:.2f} to {action.end:.2f}"
    return f"{action.label}, {times} s, {kind}"
