"""Rows for bars that overlap, so that none of a label hides another."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence

from logotal.timeline import Action

MOST = 8
"""Rows of a label. A detector's raw output overlaps a hundredfold; the weakest of it share the last row."""


def rows(actions: Sequence[Action]) -> list[int]:
    """The row of each action within the lane of its label; actions of a row do not overlap.

    The strongest choose first, each the first row that is free. So the rows of what scores at least x are the same
    whether weaker actions are there or not, and a page that hides these need not ask again. Where all rows are taken,
    an action lies on others in the last one.

    >>> rows([Action(0, 4, "run", 0.5), Action(3, 6, "run", 0.9), Action(3, 6, "jump", 0.1)])
    [1, 0, 0]
    """
    chosen = [0] * len(actions)
    lanes: dict[str, list[_Row]] = defaultdict(lambda: [_Row() for _ in range(MOST)])
    for index in sorted(range(len(actions)), key=lambda index: (-actions[index].score, actions[index].start)):
        lane = lanes[actions[index].label]
        chosen[index] = next((row for row in range(MOST) if lane[row].takes(actions[index])), MOST - 1)
    return chosen


class _Row:
    """The spans of a row, in the order of time; they do not overlap."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.ends: list[float] = []

    def takes(self, action: Action) -> bool:
        """Whether there is room for an action, which then has its place; those that only touch do not overlap."""
        place = bisect(self.starts, action.start)
        if place and (self.ends[place - 1] > action.start or self.starts[place - 1] == action.start):
            return False  # points at one time lie on each other too
        if place < len(self.starts) and self.starts[place] < action.end:
            return False
        self.starts.insert(place, action.start)
        self.ends.insert(place, action.end)
        return True
