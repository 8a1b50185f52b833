"""SLEAP's analysis files (.analysis.h5), of SLEAP and of sleap-io.

`tracks` has the axes track, xy, node and frame, in an order that its attribute `dims` says in files of sleap-io; files
of SLEAP have none and always this order. `node_names`, `track_names` and `point_scores` belong to it.
"""

import json
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from logotal.errors import InputError
from logotal.importing.pose import Body, Pose, Values

DIMENSIONS = ("track", "xy", "node", "frame")
WANTED = ("track", "frame", "node", "xy")


def is_sleap(file: Any) -> bool:
    """Whether an HDF5 file is an analysis of SLEAP."""
    return "tracks" in file and "node_names" in file and getattr(file["tracks"], "ndim", 0) == 4


def video_of_sleap(file: Any) -> str:
    """The name of the video, where the file says it."""
    found = _texts(file["video_path"]) if "video_path" in file else []
    return PureWindowsPath(found[0]).stem if found else ""


def pose_of_sleap(file: Any, path: Path) -> Pose:
    """The pose in an analysis file.

    Raises:
        InputError: the arrays do not fit each other.
    """
    places = _turned(file["tracks"], DIMENSIONS, WANTED)
    nodes = _texts(file["node_names"])
    if places.shape[2:] != (len(nodes), 2) or not places.shape[1]:
        raise InputError(
            f"{path}: expected tracks of {len(nodes)} nodes, in the axes {', '.join(DIMENSIONS)}, found "
            f"{file['tracks'].shape}; export the analysis again"
        )
    names = _texts(file["track_names"]) if "track_names" in file else []
    names = names if len(names) == len(places) else [f"track_{number}" for number in range(len(places))]
    sure = np.ones(places.shape[:3])
    if "point_scores" in file:
        scores = _turned(file["point_scores"], ("track", "node", "frame"), WANTED[:3])
        if scores.shape == sure.shape:
            sure = np.where(np.isnan(scores), 1.0, scores)  # a person's own points have no score
    bodies = zip(names if len(names) > 1 else [""], places, sure, strict=True)
    return Pose(tuple(Body(name, tuple(nodes), *values) for name, *values in bodies), threshold=0.0, open_end=True)


def _turned(dataset: Any, dimensions: tuple[str, ...], wanted: tuple[str, ...]) -> Values:
    """The values with their axes in another order."""
    said = dataset.attrs.get("dims")
    if said is not None:
        text = said.decode() if isinstance(said, bytes) else str(said)
        listed = json.loads(text) if text.startswith("[") else []
        if sorted(listed) == sorted(dimensions):
            dimensions = tuple(listed)
    values: Values = np.asarray(dataset[()], np.float64)
    return values.transpose([dimensions.index(name) for name in wanted])


def _texts(dataset: Any) -> list[str]:
    values = np.atleast_1d(dataset[()])
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values]
