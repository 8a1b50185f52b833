"""Shapes with soft edges on a canvas: float32 (H, W, 3), colors from 0 to 255, x to the right and y down in pixels.

Each shape computes its distance field inside its own bounding box only, and covers a pixel by how far that pixel's
center lies inside: edges are anti-aliased, and parts outside the canvas cost nothing.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Canvas = NDArray[np.float32]
Point = Sequence[float] | NDArray[np.floating]

RIM = 0.62
"""Brightness of a rounded shape at its edge; it is 1 in the middle."""


def draw_capsule(
    canvas: Canvas, start: Point, end: Point, radii: tuple[float, float], color: ArrayLike, *, rounded: bool = True
) -> None:
    """Draws a line with round ends, as thick as the two radii at `start` and at `end`; a ball where these are one.

    A rounded capsule darkens toward its edge, as a limb does.
    """
    (x0, y0), (x1, y1), (r0, r1) = start, end, radii
    box = _box(canvas, min(x0 - r0, x1 - r1), min(y0 - r0, y1 - r1), max(x0 + r0, x1 + r1), max(y0 + r0, y1 + r1))
    if box is None:
        return
    region, x, y = box
    x, y, dx, dy = x - float(x0), y - float(y0), float(x1 - x0), float(y1 - y0)
    along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
    radius = r0 + (r1 - r0) * along
    inside = radius - np.hypot(x - along * dx, y - along * dy)
    light = RIM + (1 - RIM) * np.clip(inside / (0.8 * radius), 0, 1) if rounded else np.ones_like(inside)
    _cover(region, np.clip(inside + 0.5, 0, 1), light[..., None] * np.asarray(color, dtype=np.float32))


def draw_box(canvas: Canvas, center: Point, half: tuple[float, float], color: ArrayLike) -> None:
    """Draws an upright rectangle, `half` as wide and high on each side of its center."""
    (cx, cy), (half_width, half_height) = center, half
    box = _box(canvas, cx - half_width, cy - half_height, cx + half_width, cy + half_height)
    if box is None:
        return
    region, x, y = box
    columns = np.clip(half_width - np.abs(x - float(cx)) + 0.5, 0, 1)
    rows = np.clip(half_height - np.abs(y - float(cy)) + 0.5, 0, 1)
    _cover(region, rows * columns, np.asarray(color, dtype=np.float32))


def draw_shadow(canvas: Canvas, center: Point, half: tuple[float, float], opacity: float) -> None:
    """Darkens an ellipse, fading out toward its edge."""
    (cx, cy), (half_width, half_height) = center, half
    box = _box(canvas, cx - half_width, cy - half_height, cx + half_width, cy + half_height)
    if box is None:
        return
    region, x, y = box
    inside = 1 - np.hypot((x - float(cx)) / half_width, (y - float(cy)) / half_height)
    _cover(region, opacity * np.clip(2 * inside, 0, 1), np.zeros(3, dtype=np.float32))


def sample(image: Canvas, x: NDArray[np.floating], y: NDArray[np.floating]) -> Canvas:
    """The image at columns `x` (W,) and rows `y` (H,), linearly interpolated: (H, W, 3). Its border repeats."""
    for axis, asked in ((0, y), (1, x)):
        last = image.shape[axis] - 1
        places = np.clip(asked, 0, last)
        below = np.minimum(places.astype(np.intp), max(last - 1, 0))
        share = (places - below).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        lower = image.take(below, axis=axis)
        image = lower + share * (image.take(np.minimum(below + 1, last), axis=axis) - lower)
    return image


def _box(
    canvas: Canvas, left: float, top: float, right: float, bottom: float
) -> tuple[Canvas, NDArray[np.float32], NDArray[np.float32]] | None:
    """A view of the canvas around these borders, with its pixels' centers x (1, w) and y (h, 1); None if outside."""
    first_row, last_row = max(int(top) - 1, 0), min(int(bottom) + 2, canvas.shape[0])
    first_column, last_column = max(int(left) - 1, 0), min(int(right) + 2, canvas.shape[1])
    if first_row >= last_row or first_column >= last_column:
        return None
    x = np.arange(first_column, last_column, dtype=np.float32)[None, :] + np.float32(0.5)
    y = np.arange(first_row, last_row, dtype=np.float32)[:, None] + np.float32(0.5)
    return canvas[first_row:last_row, first_column:last_column], x, y


def _cover(region: Canvas, alpha: NDArray[np.floating], color: NDArray[np.floating]) -> None:
    region += alpha[..., None].astype(np.float32) * (color - region)
