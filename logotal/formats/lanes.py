"""Lanes: actions that overlap lie side by side, for the formats in which one lane holds one thing at a time."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def lanes(items: Iterable[tuple[tuple[int, int], Item]]) -> Sequence[list[tuple[tuple[int, int], Item]]]:
    """The (first, behind) spans and what lies there, spread over as few lanes as it takes without an overlap.

    >>> lanes([((0, 5), "a"), ((3, 4), "b"), ((5, 6), "c")])
    [[((0, 5), 'a'), ((5, 6), 'c')], [((3, 4), 'b')]]
    """
    found: list[list[tuple[tuple[int, int], Item]]] = []
    for item in sorted(items, key=lambda item: item[0]):
        first = item[0][0]
        free = next((lane for lane in found if lane[-1][0][1] <= first), None)
        if free is None:
            found.append([item])
        else:
            free.append(item)
    return found
