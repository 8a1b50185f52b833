"""How many further views of each video are worth their time: few actions teach as more would (`data.views`)."""

import re
from collections.abc import Iterable

from logotal.project.ways import BEARABLE, LARGEST, USUAL_STRIDE, Tried

MOST = 3
"""Views besides the video as it is; what 1 and 3 are worth stands in docs/few-labels.md."""
SIDES = frozenset(
    {"left", "right", "links", "rechts", "linker", "rechter", "gauche", "droite", "izquierda", "derecha"}
    | {"esquerda", "direita", "sinistra", "destra", "vänster", "höger", "lewo", "prawo"}
)
"""Words that a mirror makes wrong."""


def choose_views(tried: Tried, labels: Iterable[str], seconds: float, *, accurate: bool) -> tuple[int, str]:
    """The number of views, and what is to say about it; it may be nothing.

    Args:
        tried: how features are made, and how fast that is here.
        labels: of the actions.
        seconds: how long all videos last.
        accurate: whether it may take as long as it takes.
    """
    if sided := [label for label in labels if SIDES & set(re.split(r"[\W_\d]+", label.lower()))]:
        return 0, f"no mirrored views, for {sided[0]!r} tells left from right; data.views"
    plan = tried.plan
    disk = 4 * plan.network.given_channels * seconds * plan.fps / USUAL_STRIDE  # bytes of one view
    most = max(2 * BEARABLE, seconds)

    def is_bearable(views: int) -> bool:
        known = tried.factor is not None and (1 + views) * seconds / tried.factor <= most
        return (1 + views) * disk <= LARGEST and (accurate or known or plan.is_small(seconds))

    views = next((views for views in range(MOST, 0, -1) if is_bearable(views)), 0)
    return views, _told(views)


def _told(views: int) -> str:
    if not views:
        return "no further views of the videos, for that would take too long; data.views"
    shown = "mirrored, cut out, in another light"
    return f"training also sees {views} further view{'' if views == 1 else 's'} of each video ({shown}); data.views"
