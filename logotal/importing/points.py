"""Bodies from the columns of a table: each says a coordinate of a point, or how sure it is, frame by frame."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.importing.pose import Body, Pose, Values

AXES = ("x", "y", "z")
SURE = "sure"
"""The column of a point that says how sure it is."""

THRESHOLDS = {"likelihood": 0.6, "visibility": 0.5, "v": 0.5, "vis": 0.5}
"""Below which a point is missing: DeepLabCut's `pcutoff`, the middle for MediaPipe. SLEAP leaves such points out."""

FEW = 10
"""Frames from which on a common distance is no chance."""

ALWAYS, SPARSEST = 2**24, 1000
"""Numbers that any table may become, and how many frames it may have for each of its rows."""
MOST_FRAMES = 20_000_000
"""Beyond which a number is no frame: eight days at 30 a second."""


@dataclass(frozen=True)
class Column:
    """What a column of numbers says: of which body and point, and `x`, `y`, `z` or `SURE`."""

    body: str
    point: str
    axis: str


def bodies_of(columns: Sequence[Column], values: Values, where: str) -> tuple[Body, ...]:
    """The bodies in columns (T, N), in their order.

    Raises:
        InputError: a point lacks a coordinate that others have.
    """
    place = {column: number for number, column in enumerate(columns)}
    if len(place) < len(columns):
        raise InputError(f"{where}: expected each point once, found the same columns twice; rename them")
    axes = [axis for axis in AXES if any(column.axis == axis for column in columns)]
    points: dict[str, dict[str, None]] = {}
    for column in columns:
        points.setdefault(column.body, {})[column.point] = None
    bodies = []
    for body, names in points.items():
        for name in names:
            if missing := [axis for axis in axes if Column(body, name, axis) not in place]:
                raise InputError(
                    f"{where}: point {name!r} has no {' and '.join(missing)}, others have; complete the table"
                )
        places = np.stack([values[:, [place[Column(body, name, axis)] for axis in axes]] for name in names], axis=1)
        bodies.append(Body(body, tuple(names), places, _sureness(body, names, place, values)))
    return tuple(bodies)


def _sureness(body: str, names: Mapping[str, None], place: Mapping[Column, int], values: Values) -> Values:
    one = np.ones(len(values))
    said = [place.get(Column(body, name, SURE)) for name in names]
    return np.nan_to_num(np.stack([one if column is None else values[:, column] for column in said], axis=1))


def frame_step(frames: NDArray[np.float64], where: str) -> int:
    """How many frames apart rows are that lie at these frames.

    Raises:
        InputError: a number is no frame.
    """
    if not len(frames) or not np.isfinite(frames).all() or (frames != np.round(frames)).any() or frames.min() < 0:
        raise InputError(f"{where}: expected numbers of frames from 0, found others; correct that column")
    if frames.max() > MOST_FRAMES:
        raise InputError(f"{where}: frame {frames.max():,.0f} is beyond any video; correct that column")
    unique = np.unique(frames.astype(np.int64))
    apart = math.gcd(*np.diff(unique).tolist())
    return apart if len(unique) >= FEW and unique[0] < apart else 1


def on_frames(frames: NDArray[np.float64], values: Values, apart: int, where: str) -> Values:
    """Rows at their frames, NaN where there is none, a step every `apart` frames.

    Raises:
        InputError: two rows are of one frame.
    """
    rows = frames.astype(np.int64) // apart
    unique, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        frame = int(unique[np.argmax(counts > 1)]) * apart
        raise InputError(
            f"{where}: expected one row for each frame, found several of frame {frame}: track bodies first"
        )
    size = (int(rows.max()) + 1) * values.shape[1]
    if size > max(ALWAYS, SPARSEST * values.size):
        raise InputError(
            f"{where}: frame {frames.max():,.0f} is too far for {len(rows):,} rows; correct the column of frames, or "
            "cut the video to where there is a body"
        )
    placed = np.full((int(rows.max()) + 1, values.shape[1]), np.nan)
    placed[rows] = values
    return placed


def pose_of_tracks(
    tracks: Mapping[str, tuple[NDArray[np.float64], Values]], columns: Sequence[Column], threshold: float, where: str
) -> Pose:
    """The pose in rows of several tracks, each with its frames and its values of the same columns."""
    apart = frame_step(np.concatenate([frames for frames, _ in tracks.values()]), where)
    placed = {
        name: on_frames(frames, values, apart, f"{where}, {name}" if name else where)
        for name, (frames, values) in tracks.items()
    }
    steps = max(len(values) for values in placed.values())
    bodies: list[Body] = []
    for name, values in placed.items():
        full = np.full((steps, values.shape[1]), np.nan)
        full[: len(values)] = values
        own = [Column(name or column.body, column.point, column.axis) for column in columns]
        bodies += bodies_of(own, full, where)
    return Pose(tuple(bodies), threshold, stride=apart, open_end=True)
