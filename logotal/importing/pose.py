"""Poses as features: points of one or several bodies in each frame, centered and scaled, with a mask.

What becomes of a body of K points in D dimensions, in this order:

- K times D places: each point less the body's center, divided by the body's size; 0 where the point is missing.
- K marks: 1 where the point is there, 0 where it is missing.
- D speeds of the center, in sizes a second, and where several bodies are joined D places of the center, less the mean
  of all centers and divided by the mean size.

The center of a frame is the mean of all points; for a missing one stands the line between the frames in which it was
seen, so that the center does not jump when a hand vanishes. The size is one number per body and video: the median over
frames of the root mean square distance of its points from the center. A body that is nowhere is all zeros.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Body:
    """The points of one body: places (T, K, D), NaN where there are none, and how sure each is (T, K)."""

    name: str
    points: tuple[str, ...]
    places: Values
    sure: Values


@dataclass(frozen=True, eq=False)
class Pose:
    """The bodies in a video, a step every `stride` frames.

    A point is missing below `threshold`, as its tool has it. `open_end`: the table ends with the last frame in which
    something was seen, and not with the video.
    """

    bodies: tuple[Body, ...]
    threshold: float
    stride: int = 1
    open_end: bool = False

    @property
    def steps(self) -> int:
        """The number of steps (T)."""
        return len(self.bodies[0].places)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bodies."""
        return tuple(body.name for body in self.bodies)


def pose_features(
    bodies: Sequence[Body], *, threshold: float, rate: float, steps: int | None = None
) -> NDArray[np.float32]:
    """The features (T, C) of bodies, joined along the channels.

    Args:
        bodies: of one video.
        threshold: how sure a point has to be.
        rate: steps a second.
        steps: how many there are to be; a body is nowhere after its last one.
    """
    count = len(bodies[0].places) if steps is None else steps
    made = [_one_body(_lengthened(body, count), threshold, rate) for body in bodies]
    columns = [part for parts, _, _ in made for part in parts]
    if len(made) > 1:
        columns += _places_of_centers([center for _, center, _ in made], [size for _, _, size in made])
    return np.concatenate(columns, axis=1).astype(np.float32)


def _one_body(body: Body, threshold: float, rate: float) -> tuple[list[Values], Values, float]:
    """Places, marks and speed of a body, its center (T, D), which is NaN where it is nowhere, and its size."""
    T, K, D = body.places.shape
    there = (
        np.isfinite(body.places).all(axis=2) & (body.sure >= threshold) & (body.places != 0).any(axis=(1, 2))[:, None]
    )
    places = np.where(there[..., None], body.places, np.nan)
    filled = _filled(places)
    tracked = np.isfinite(filled).all(axis=(0, 2))
    center = filled[:, tracked].mean(axis=1) if tracked.any() else np.zeros((T, D))
    apart = places - center[:, None]
    distance = (apart**2).sum(axis=2)
    enough = there.sum(axis=1) > 1
    sizes = np.sqrt(np.nanmean(distance[enough], axis=1))
    size = float(np.median(sizes)) if len(sizes) and np.median(sizes) > 0 else 1.0
    scaled = np.where(there[..., None], apart / size, 0.0).reshape(T, K * D)
    seen = there.any(axis=1)
    speed: Values = np.asarray(np.gradient(center, axis=0)) * rate / size if T > 1 else np.zeros((T, D))
    speed[~seen] = 0.0
    return [scaled, there.astype(np.float64), speed], np.where(seen[:, None], center, np.nan), size


def _places_of_centers(centers: Sequence[Values], sizes: Sequence[float]) -> list[Values]:
    """Where each body is among the others; 0 where it is nowhere."""
    every = np.stack(centers)
    count = np.isfinite(every).all(axis=2).sum(axis=0)
    middle = np.nansum(every, axis=0) / np.maximum(count, 1)[:, None]
    return [np.nan_to_num((center - middle) / float(np.mean(sizes))) for center in centers]


def _filled(places: Values) -> Values:
    """The places with lines over the gaps of each point, and its first and last place before and after them."""
    T, K, D = places.shape
    filled = places.copy()
    frames = np.arange(T)
    for point in range(K):
        known = np.isfinite(places[:, point]).all(axis=1)
        if known.any():
            for axis in range(D):
                filled[:, point, axis] = np.interp(frames, frames[known], places[known, point, axis])
    return filled


def _lengthened(body: Body, steps: int) -> Body:
    more = steps - len(body.places)
    if more <= 0:
        return Body(body.name, body.points, body.places[:steps], body.sure[:steps])
    places = np.pad(body.places, ((0, more), (0, 0), (0, 0)), constant_values=np.nan)
    return Body(body.name, body.points, places, np.pad(body.sure, ((0, more), (0, 0))))
