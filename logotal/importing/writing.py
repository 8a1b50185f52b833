"""Imported features as a folder: all of them or none, and never over a file that was read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.callbacks import Progress
from logotal.data.feature_recipe import (
    VideoFeatures,
    differences,
    read_feature_recipe,
    video_sidecar,
    write_feature_recipe,
    write_video_features,
)
from logotal.data.features import SUFFIX, check_finite, feature_file
from logotal.errors import InputError
from logotal.files.target import identity
from logotal.files.whole import temporary_folder
from logotal.importing.entry import Array
from logotal.importing.grids import Grid
from logotal.places import SIDECAR
from logotal.words import amount, few

ORIGIN = "imported"
"""The `origin` of a feature recipe whose features others made."""


@dataclass(frozen=True, eq=False)
class Made:
    """Features that are to be written: the name of their file, the video and its seconds, what they were read of."""

    name: str
    video: str
    where: str
    source: Path
    array: Array
    seconds: float | None


def check_targets(folder: Path, names: Sequence[str], inputs: Sequence[Path], *, overwrite: bool) -> None:
    """Makes sure that nothing that matters is written over.

    Raises:
        InputError: a file would be, and `overwrite` does not allow it; or it is one that is read.
    """
    features = [feature_file(folder, name) for name in names]
    there = [path for each in features for path in (each, video_sidecar(each)) if path.exists()]
    there += [path for path in (folder / SIDECAR,) if path.exists()]
    read = {identity(path): path for path in inputs}
    for path in there:
        if (source := read.get(identity(path))) is not None:
            raise InputError(f"{source} is read, and would be written over as {path}; choose another --out")
    present = [path.name for path in there if path.name != SIDECAR]
    if present and not overwrite:
        raise InputError(f"{folder}: holds {few(present)} already; choose another --out, or say --overwrite")


def write_features(
    folder: Path,
    made: Iterator[Made],
    grid: Grid,
    about: Mapping[str, Any],
    *,
    total: int,
    overwrite: bool,
    progress: Progress,
) -> tuple[dict[str, int], int]:
    """Writes features with their sidecars and the feature recipe; returns the steps of each file and the channels.

    `about` is what the recipe says beside the grid.

    Raises:
        InputError: values are not finite, or the folder holds features of another recipe; nothing is written then.
    """
    steps: dict[str, int] = {}
    channels: set[int] = set()
    wrong: list[str] = []
    with temporary_folder(folder) as part:
        for done, each in enumerate(made, start=1):
            try:
                features = single(each.array)
                check_finite(features, Path(each.where))
            except InputError as error:
                wrong.append(str(error).replace("extract it again or exclude the video", "mend it or leave it out"))
                continue
            write_video_features(feature_file(part, each.name), features, _about(grid, each, len(features)))
            steps[each.name] = len(features)
            channels.add(features.shape[1])
            progress(done, total)
        if wrong:
            raise InputError(f"{amount(len(wrong), 'file')} cannot be used: {'; '.join(wrong[:5])}")
        if len(channels) > 1:
            raise InputError(f"expected one number of channels, found {sorted(channels)}; import each kind for itself")
        recipe = {"origin": ORIGIN, "channels": max(channels), "fps": grid.fps, **_strides(grid), **about}
        _write_recipe(folder, recipe, set(steps), overwrite=overwrite)
        for name in steps:
            target = feature_file(folder, name)
            target.unlink(missing_ok=True)  # features never stand beside a sidecar of others
            video_sidecar(feature_file(part, name)).replace(video_sidecar(target))
            feature_file(part, name).replace(target)
    return steps, max(channels)


def _strides(grid: Grid) -> dict[str, int]:
    """The stride and the clip of a grid; those that span their videos evenly have none."""
    if grid.stride is None or grid.window is None:
        return {}
    return {"clip_stride": grid.stride, "clip_frames": grid.window}


def single(array: Array) -> NDArray[np.float32]:
    """The numbers as float32; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32)


def _about(grid: Grid, made: Made, steps: int) -> VideoFeatures:
    rate, duration = grid.rates[made.video], made.seconds or grid.seconds(made.video, steps)
    return VideoFeatures(rate, duration, round(duration * rate), made.source.name, made.source.stat().st_size)


def _write_recipe(folder: Path, recipe: Mapping[str, Any], names: set[str], *, overwrite: bool) -> None:
    """Writes the feature recipe; where others are to go, only if no features of theirs stay."""
    found = read_feature_recipe(folder) if folder.is_dir() else None
    if found is not None and overwrite and differences(recipe, found):
        stay = [path.stem for path in folder.glob(f"*{SUFFIX}") if path.stem not in names]
        if not stay:
            (folder / SIDECAR).unlink()
    write_feature_recipe(folder, recipe)
