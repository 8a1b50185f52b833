"""Lanes: actions that overlap lie side by side, for the formats in which one lane holds one thing at a time."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import TypeVar

Item = TypeVar("Item")


def lanes(items: Iterable[tuple[tuple[int, int], Item]]) -> Sequence[list[tuple[tuple[int, int], Item]]]:
    """The (first, behind) spans and what lies there, spread over as few lanes as it takes without an overlap.

    >>> lanes([((0, 5), "a"), ((3, 4), "b"), ((5, 6), "c")])
    [[((0, 5), 'a'), ((5, 6), 'c')], [((3, 4), 'b')]]
    """
    found: list[list[tuple[tuple[int, int], Item]]] = []
    busy: list[tuple[int, int]] = []  # where each lane in use is free again, and its number
    free: list[int] = []
    for item in sorted(items, key=lambda item: item[0]):
        first, behind = item[0]
        while busy and busy[0][0] <= first:
            heappush(free, heappop(busy)[1])
        if not free:
            free.append(len(found))
            found.append([])
        lane = heappop(free)
        found[lane].append(item)
        heappush(busy, (behind, lane))
    return found
