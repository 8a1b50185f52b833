"""Colors of labels: eight that stay apart for color-blind people, in a set for light and one for dark pages.

Each keeps a contrast of 3 to its background, and the least distance between any two, as people with full protanopia,
deuteranopia or tritanopia see them, was maximized in OKLab. Labels are always written beside their lanes besides:
nothing is said by color alone.
"""

import zlib
from collections.abc import Iterable

LIGHT = ("#1461c2", "#e16a17", "#45219c", "#039d93", "#672830", "#7a6104", "#9477d0", "#af2c71")
DARK = ("#3d94f6", "#e3a264", "#b7b7fa", "#0bcfb1", "#975c9b", "#81961f", "#f0dc80", "#e16488")
LIGHT_BACKGROUND = "#f4f5f7"
DARK_BACKGROUND = "#1d2127"


def color_indices(labels: Iterable[str]) -> dict[str, int]:
    """The palette index of each label.

    A label prefers the same color everywhere; where two prefer the same, the later in the alphabet takes the next one
    that fewer labels use.

    >>> color_indices(["run", "jump"]) == color_indices(["jump", "run", "jump"])
    True
    """
    uses = [0] * len(LIGHT)
    indices: dict[str, int] = {}
    for label in sorted(set(labels)):
        preferred = zlib.crc32(label.encode("utf-8", "surrogatepass"))
        nearest = ((preferred + step) % len(LIGHT) for step in range(len(LIGHT)))
        indices[label] = next(index for index in nearest if uses[index] == min(uses))
        uses[indices[label]] += 1
    return indices


def mixed(color: str, background: str, share: float) -> str:
    """The opaque color that `color` over `background` gives at an opacity of `share`.

    >>> mixed("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = zip(channels(color), channels(background), strict=True)
    return "#" + "".join(f"{round(share * above + (1 - share) * below):02x}" for above, below in pairs)


def channels(color: str) -> tuple[int, ...]:
    """Red, green and blue of a color like #rrggbb, from 0 to 255."""
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
