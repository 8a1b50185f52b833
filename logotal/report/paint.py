"""Words and boxes painted into pictures."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray

from logotal.report.charts.palette import channels
from logotal.report.font import runs
from logotal.video.picture import Image

Coverage = NDArray[np.float32]
"""(H, W): the share of each pixel that something covers, from 0 to 1."""

Box = tuple[float, float, float, float]
"""Top, left, bottom and right in pixels, between them where need be."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, ready to be painted.

    Attributes:
        coverage: what it covers, (H, W).
        above: rows of it that lie above the line on which letters stand.
        before: columns of it that lie left of where the text begins.
        width: pixels from where the text begins to where the next would.
    """

    coverage: Coverage
    above: int
    before: int
    width: int


@lru_cache(maxsize=1024)
def line(text: str, size: float) -> Line:
    """A line of text whose capitals are `size` pixels high."""
    placed, left = [], 0.0
    for face, part in runs(text):
        font = face.font(size)
        placed.append((part, font, left, font.getbbox(part, anchor="ls")))
        left += font.getlength(part)
    above = max((math.ceil(-box[1]) for *_, box in placed), default=0)
    below = max((math.ceil(box[3]) for *_, box in placed), default=0)
    before = max((math.ceil(-start - box[0]) for _, _, start, box in placed), default=0)
    end = max((math.ceil(start + box[2]) for _, _, start, box in placed), default=0)
    canvas = PIL.Image.new("L", (max(before + end, 0), max(above + below, 0)))
    if canvas.width and canvas.height:
        draw = PIL.ImageDraw.Draw(canvas)
        for part, font, start, _ in placed:
            draw.text((before + start, above), part, fill=255, font=font, anchor="ls")
    coverage = np.asarray(canvas, np.float32).reshape(canvas.height, canvas.width) / np.float32(255)
    coverage.flags.writeable = False
    return Line(coverage, above, before, math.ceil(left))


def text_width(text: str, size: float) -> int:
    """Pixels that a line of text takes."""
    return line(text, size).width


@lru_cache(maxsize=1024)
def fitting(text: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits into `width` pixels with an ellipsis behind it."""
    text = text[: max(int(width), 0) + 1]  # a letter takes a pixel at least
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""


def paint_text(image: Image, place: tuple[float, float], text: str, size: float, color: str) -> None:
    """A line of text; `place` says the middle of its capitals, from the top, and where it begins, from the left."""
    middle, left = place
    painted = line(text, size)
    top = round(middle + size / 2) - painted.above
    _paint(image, top, round(left) - painted.before, painted.coverage, color)


def paint_box(image: Image, box: Box, color: str, *, radius: float = 0.0, opacity: float = 1.0) -> None:
    """A box with round corners; edges between two pixels cover the one that they cut in part."""
    top, left, bottom, right = box
    y = np.arange(math.floor(top), math.ceil(bottom), dtype=np.float32)[:, None] + np.float32(0.5)
    x = np.arange(math.floor(left), math.ceil(right), dtype=np.float32)[None] + np.float32(0.5)
    radius = min(radius, (bottom - top) / 2, (right - left) / 2)
    # How far inside a pixel's center lies: of the nearest edge, or of the circle in the corner.
    inside_y, inside_x = np.minimum(bottom - y, y - top), np.minimum(right - x, x - left)
    if radius < 1:
        coverage: Coverage = np.clip(inside_y + 0.5, 0, 1) * np.clip(inside_x + 0.5, 0, 1)
    else:
        corner = np.hypot(np.maximum(radius - inside_y, 0), np.maximum(radius - inside_x, 0))
        coverage = np.clip(radius + 0.5 - corner, 0, 1)
    _paint(image, math.floor(top), math.floor(left), opacity * coverage, color)


def _paint(image: Image, top: int, left: int, coverage: Coverage, color: str) -> None:
    """Lays a color over the image where something covers it; what lies outside is cut off."""
    rows = slice(max(top, 0), min(max(top + coverage.shape[0], 0), image.shape[0]))
    columns = slice(max(left, 0), min(max(left + coverage.shape[1], 0), image.shape[1]))
    part = coverage[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left, None]
    below = image[rows, columns]
    if below.size:
        ink = np.array(channels(color), np.float32)
        image[rows, columns] = np.rint(below + part * (ink - below.astype(np.float32))).astype(np.uint8)
