"""Landmarks in arrays, as MediaPipe's 33 points are kept: (T, 33, 3) or (T, 33, 4), and others that are told."""

from dataclasses import replace

import numpy as np

from logotal.errors import InputError
from logotal.importing.entry import Array, Choices, Entry
from logotal.importing.pose import Body, Pose

POINTS = 33
"""Landmarks of MediaPipe's pose."""

LAYOUTS = ("xy", "xyz", "xys", "xyzs", "none")
"""What `--coordinates` may say: the numbers of a point, of which s is how sure it is; or that there are no points."""


def is_pose_array(shape: tuple[int, ...], choices: Choices) -> bool:
    """Whether an array of this shape holds landmarks."""
    if len(shape) != 3 or choices.coordinates == "none":
        return False
    if choices.coordinates is not None:
        return shape[2] == len(choices.coordinates)
    return shape[1] == POINTS and shape[2] in (3, 4, 5)


def pose_entry(entry: Entry, choices: Choices) -> Entry:
    """The entry of an array of landmarks as one of poses."""
    return replace(entry, read=None, pose=lambda: _pose(entry, choices.coordinates))


def _pose(entry: Entry, coordinates: str | None) -> Pose:
    assert entry.read is not None
    array = np.asarray(entry.read(), np.float64)
    axes = coordinates or _axes(array, entry.where)
    places = array[:, :, [axes.index(axis) for axis in "xyz" if axis in axes]]
    sure = np.nan_to_num(array[:, :, axes.index("s")]) if "s" in axes else np.ones(array.shape[:2])
    names = tuple(str(point) for point in range(array.shape[1]))
    return Pose((Body("", names, places, sure),), threshold=0.5 if "s" in axes else 0.0)


def _axes(array: Array, where: str) -> str:
    """What the numbers of a landmark are: x, y, z, visibility (and presence, which goes).

    Raises:
        InputError: there are three, and the third may be z or the visibility.
    """
    if array.shape[2] > 3:
        return "xyzs"
    third = array[:, :, 2]
    if np.nanmin(third) < 0 or np.nanmax(third) > 1:
        return "xyz"
    raise InputError(
        f"{where}: the third number of each point lies between 0 and 1, so it may be z or how sure the point is; say "
        "--coordinates xyz or --coordinates xys"
    )
