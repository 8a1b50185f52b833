"""Which points of the pyramid answer for which actions, one point and one action at a time."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float, float, float]  # time, range low, range high, stride; grid steps


def assign(
    points: Iterable[Point],
    segments: Floats,
    labels: Sequence[int],
    num_classes: int,
    radius: float,
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Class targets (P, num_classes), offset targets (P, 2) in strides, and which points are positive (P,).

    A point answers for an action if it lies strictly inside the part of the segment within `radius` strides
    of its center, and its distance to the farther boundary is in its regression range, both ends included.
    The shortest such action gives the offsets (between equal lengths the first listed); every such action
    within 1e-3 of that length gives its class. A point that answers for nothing has zeros throughout.
    """
    points = list(points)
    classes = np.zeros((len(points), num_classes))
    offsets = np.zeros((len(points), 2))
    positive = np.zeros(len(points), dtype=bool)
    for row, point in enumerate(points):
        answers = [index for index, segment in enumerate(segments) if _answers_for(point, segment, radius)]
        if not answers:
            continue
        lengths = {index: segments[index][1] - segments[index][0] for index in answers}
        shortest = min(answers, key=lambda index: (lengths[index], index))
        for index in answers:
            if lengths[index] <= lengths[shortest] + 1e-3:
                classes[row, labels[index]] = 1.0
        time, _, _, stride = point
        start, end = segments[shortest]
        offsets[row] = (time - start) / stride, (end - time) / stride
        positive[row] = True
    return classes, offsets, positive


def ignored(points: Iterable[Point], spans: Floats) -> NDArray[np.bool_]:
    """Which points lie strictly inside an ignored span (P,)."""
    return np.array([any(start < time < end for start, end in spans) for time, *_ in points], dtype=bool)


def _answers_for(point: Point, segment: Floats, radius: float) -> bool:
    """Whether the point lies in the central part of the segment and its range holds the farther boundary."""
    time, range_low, range_high, stride = point
    start, end = segment
    center = (start + end) / 2
    central = max(center - radius * stride, start) < time < min(center + radius * stride, end)
    return bool(central and range_low <= max(time - start, end - time) <= range_high)
