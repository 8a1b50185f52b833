"""Words and boxes painted into pictures, in a line font of our own: no font file, sharp at any size.

A letter is a few strokes over a grid: x from 0, y from 0 (top of capitals) over 2 (top of small letters) and 6 (the
line) to 8 (below it). A stroke lists its points, two digits each; `~` before it rounds its corners, `o` closes it as
well. Letters with accents lose them, and what has no letter here is a box.
"""

import math
import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from logotal.video.picture import Image

Coverage = NDArray[np.float32]
"""(H, W): the share of each pixel that something covers, from 0 to 1."""

Box = tuple[float, float, float, float]
"""Top, left, bottom and right in pixels, between them where need be."""

CAPITAL, DEPTH = 6, 2
"""Grid steps of capitals above the line, and of small letters below it."""

BOWL = "o1222333526160503"
STROKES = {
    " ": "", "!": "0004 06", '"': "0002 1012", "#": "1016 3036 0242 0444", "$": "~413010010213334445361605 2026",
    "%": "4006 o00101101 o35454636", "&": "~4612112031320405162644", "'": "0002", "(": "~10020416", ")": "~00121406",
    "*": "1014 0123 2103", "+": "2226 0444", ",": "1607", "-": "0424", ".": "06", "/": "3006", ":": "03 06",
    ";": "13 1607", "<": "320436", "=": "0333 0535", ">": "023406", "?": "~01102031321314 16",
    "@": "~45361605011030414434 o22323424", "[": "10000616", "\\": "0036", "]": "00101606", "^": "021022",
    "_": "0747", "`": "0011", "{": "~20101203141626", "|": "0007", "}": "~00101223141606", "~": "~04132433",
    "…": "06 26 46",
    "0": "o1020313526160501", "1": "112026 1636", "2": "~011020313206 0636", "3": "~01102031322313 ~13233435261605",
    "4": "26200434", "5": "300003 ~03233435261605", "6": "~312010010516263534231304", "7": "003016",
    "8": "o1020313223130201 o1323343526160504", "9": "~051626353120100102132332",
    "A": "062046 1434", "B": "0006 ~003041423303 ~033344453606", "C": "~4130100105163645", "D": "0006 ~002042442606",
    "E": "30000636 0323", "F": "300006 0323", "G": "~413010010516364543 4323", "H": "0006 4046 0343",
    "I": "0020 1016 0626", "J": "~3035261605", "K": "0006 4004 1346", "L": "000636", "M": "0600244046",
    "N": "06004640", "O": "o1030414536160501", "P": "0006 ~003041423303", "Q": "o1030414536160501 2446",
    "R": "0006 ~003041423303 2346", "S": "~413010010213334445361605", "T": "0040 2026", "U": "~000516364540",
    "V": "002640", "W": "0016223640", "X": "0046 4006", "Y": "002340 2326", "Z": "00400646",
    "a": f"{BOWL} 3236", "b": f"0006 {BOWL}", "c": "~3322120305162635", "d": f"3036 {BOWL}",
    "e": "0434 ~343322120305162635", "f": "~20101116 0222", "g": f"{BOWL} ~3237281807", "h": "0006 ~0312223336",
    "i": "0206 00", "j": "~121708 10", "k": "0006 3205 1436", "l": "~000516", "m": "0206 ~03122326 ~23324346",
    "n": "0206 ~0312223336", "o": BOWL, "p": f"0208 {BOWL}", "q": f"3238 {BOWL}", "r": "0206 ~031222",
    "s": "~33221203142435261605", "t": "~101526 0222", "u": "~0205162635 3236", "v": "022642", "w": "0216233642",
    "x": "0236 3206", "y": "0226 4218", "z": "02320636",
}  # fmt: skip
BOX = "0040460600"


def text_coverage(text: str, size: float) -> Coverage:
    """What a line of text covers: (H, W), the line at `baseline(size)`.

    Args:
        text: any text.
        size: pixels of a capital's height.
    """
    letters = [_letter(character, size) for character in _spelled(text)]
    return np.concatenate(letters, axis=1) if letters else np.zeros((_height(size), 0), np.float32)


def text_width(text: str, size: float) -> int:
    """Pixels that a line of text takes, the space behind its last letter included."""
    return sum(_letter(character, size).shape[1] for character in _spelled(text))


def fitting(text: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits into `width` pixels with an ellipsis behind it.

    >>> fitting("volleyball", size=6, width=25)
    'volle…'
    """
    if text_width(text, size) <= width:
        return text
    kept = text[: max(int(width), 0)]  # a letter takes a pixel at least
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…" if kept else ""


def baseline(size: float) -> int:
    """Pixels from the top of a text's coverage to its line."""
    return round(size * (CAPITAL + 1) / CAPITAL)


def paint_text(image: Image, place: tuple[float, float], text: str, size: float, color: str) -> None:
    """A line of text; `place` says the middle of its capitals, from the top, and where it begins, from the left."""
    middle, left = place
    _paint(image, round(middle + size / 2) - baseline(size), round(left), text_coverage(text, size), color)


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
        image[rows, columns] = np.rint(below + part * (channels(color) - below.astype(np.float32))).astype(np.uint8)


def channels(color: str) -> NDArray[np.float32]:
    """Red, green and blue of a color like #rrggbb, from 0 to 255."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.float32)


def _spelled(text: str) -> str:
    """The text in the letters that there are, without accents; line breaks and tabs are spaces."""
    plain = "".join(c if c in STROKES else " " if c.isspace() else unicodedata.normalize("NFKD", c) for c in text)
    return "".join(c for c in plain if not unicodedata.combining(c))


def _height(size: float) -> int:
    return baseline(size) + round(size * (DEPTH + 1) / CAPITAL)


@lru_cache(maxsize=4096)
def _letter(character: str, size: float) -> Coverage:
    """One letter and the space behind it."""
    step = min(size / (CAPITAL + 0.92), (size - 1.2) / CAPITAL)  # capitals with their strokes are `size` high
    strokes = [_points(stroke) for stroke in STROKES.get(character, BOX).split()]
    width = max((points[:, 0].max() for points in strokes), default=1.0)
    shape = (_height(size), round((width + 2) * step))
    half = max(0.6, 0.46 * step)  # of a stroke's width
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + np.float32(0.5)
    nearest = np.full(shape, np.inf, np.float32)
    for points in strokes:
        # Half a step of room on the left; the lowest strokes stand on the line.
        places = points * step + (0.5 * step + half, baseline(size) - half - CAPITAL * step)
        for start, end in zip(places, places[1:] if len(places) > 1 else places, strict=False):
            nearest = np.minimum(nearest, _distance(x, y, start, end))
    letter: Coverage = np.clip(half + 0.5 - nearest, 0, 1).astype(np.float32)
    letter.flags.writeable = False
    return letter


def _points(stroke: str) -> NDArray[np.float64]:
    """The (N, 2) points of a stroke, its corners cut off twice where they are round."""
    digits = stroke.lstrip("~o")
    points = np.array([(int(x), int(y)) for x, y in zip(digits[::2], digits[1::2], strict=True)], dtype=float)
    if stroke[0] == "o":
        points = np.concatenate([points, points[:1]])
    for _ in range(2 if stroke[0] in "~o" else 0):
        quarters = np.stack([0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]], axis=1)
        cut = quarters.reshape(-1, 2)
        # An open stroke keeps its ends, a closed one is cut there as well.
        points = np.concatenate([cut, cut[:1]] if stroke[0] == "o" else [points[:1], cut[1:-1], points[-1:]])
    return points


def _distance(
    x: NDArray[np.float32], y: NDArray[np.float32], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Pixels from each pixel's center to the segment between two points."""
    along = end - start
    length = float(along @ along)
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0, 1) if length else 0.0
    distance: NDArray[np.float32] = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    return distance
