"""How many further views of each video are worth their time: few actions teach as more would (`data.views`)."""

import re
from collections.abc import Iterable

from logotal.project.ways import LARGEST, Tried, byte_size

MOST = 3
"""Views besides the video as it is; what they are worth stands in docs/few-labels.md."""
SIDES = frozenset(
    {"left", "right", "links", "rechts", "linker", "rechter", "gauche", "droite", "izquierda", "derecha"}
    | {"esquerda", "direita", "sinistra", "destra", "vänster", "höger", "lewo", "prawo"}
)
"""Words that a mirror makes wrong."""


def mirrored_wrong(labels: Iterable[str]) -> str | None:
    """The first label that tells left from right."""
    return next((label for label in labels if SIDES & set(re.split(r"[\W_\d]+", label.lower()))), None)


def choose_views(tried: Tried, seconds: float, *, accurate: bool) -> int:
    """The number of views that time and disk allow.

    Args:
        tried: how features are made, and how fast that is here.
        seconds: how long all videos last.
        accurate: whether it may take as long as it takes.
    """
    plan = tried.plan
    disk = byte_size(plan.network, seconds, plan.fps)  # of one view
    known = tried.factor is not None or plan.is_small((1 + MOST) * seconds)

    def is_bearable(views: int) -> bool:
        in_time = accurate or (known and tried.is_bearable(seconds, 1 + views))
        return (1 + views) * disk <= LARGEST and in_time

    return next((views for views in range(MOST, 0, -1) if is_bearable(views)), 0)


def told_of_views(views: int, sided: str | None) -> str:
    """What is to say about them; `sided` is a label that tells left from right."""
    if sided is not None:
        return f"no further views of the videos, which would be mirrored: {sided!r} tells left from right; data.views"
    if not views:
        return "no further views of the videos, for that would take too long; data.views"
    shown = "mirrored, cut out, in another light"
    return f"training also sees {views} further view{'' if views == 1 else 's'} of each video ({shown}); data.views"
