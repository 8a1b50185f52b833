"""The sidecar of a feature folder: all that its features depend on. Features of another recipe are other features.

`features.json` in the folder holds the recipe of all its files; `<video>.json` beside each `<video>.npy` holds what
belongs to that video alone: the frame rate of its grid, its length, and the file that it was made from.
"""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.files.json import is_number, read_json
from logotal.files.whole import write_together, write_whole
from logotal.places import SIDECAR

Recipe = Mapping[str, Any]


@dataclass(frozen=True)
class VideoFeatures:
    """What one feature file was made from.

    `fps` is the frame rate of the grid, `duration` the video's length in seconds, `frames` how many of the grid there
    were; `source` is the name of the video file and `source_bytes` its size.
    """

    fps: float
    duration: float
    frames: int
    source: str
    source_bytes: int


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**16


def _are_sizes(value: Any) -> bool:
    return _is_size(value) or (isinstance(value, list) and len(value) == 2 and all(map(_is_size, value)))


def _is_crop(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\w+ [1-9]\d{0,4}", value) is not None


RECIPE_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "backbone": (lambda value: isinstance(value, str), "a name"),
    "weights": (lambda value: isinstance(value, str), "a hash"),
    "channels": (_is_size, "a number of channels"),
    "fps": (lambda value: value is None or (is_number(value) and value > 0), "a frame rate"),
    "clip_frames": (_is_size, "a number of frames"),
    "clip_stride": (_is_size, "a number of frames"),
    "resize": (_are_sizes, "one size in pixels or two"),
    "antialias": (lambda value: isinstance(value, bool), "true or false"),
    "crop": (_is_crop, "like 'center 224'"),
}
"""What the fields of a recipe are from which features can be made again; others are only compared."""

KINDS: dict[str, tuple[Any, str]] = {
    "fps": (int | float, "a number above 0"),
    "duration": (int | float, "a number"),
    "frames": (int, "a whole number"),
    "source": (str, "a file name"),
    "source_bytes": (int, "a whole number"),
}
"""What the fields of a video's sidecar are; numbers are finite and not negative."""

LARGEST = 2**63
"""What no number of a sidecar comes near."""


def write_feature_recipe(folder: Path, recipe: Recipe) -> None:
    """Writes the recipe of a folder.

    Raises:
        InputError: the folder already holds features of another recipe.
    """
    found = read_feature_recipe(folder)
    if found is None:
        write_whole(folder / SIDECAR, (json.dumps(dict(recipe), indent=1) + "\n").encode())
    elif differing := differences(recipe, found):
        raise InputError(
            f"{folder}: holds features of another recipe ({differing[0]}); choose another folder with --out"
        )


def read_feature_recipe(folder: Path) -> dict[str, Any] | None:
    """The recipe of a folder; None where it has none, as features of others."""
    path = folder / SIDECAR
    if not path.is_file():
        return None
    recipe = read_json(path)
    if not isinstance(recipe, dict):
        raise InputError(f"{path}: expected an object, found {type(recipe).__name__}; extract the features again")
    for name, (holds, expected) in RECIPE_KINDS.items():
        if name in recipe and not holds(recipe[name]):
            raise InputError(f"{path}: {name!r} must be {expected}, found {recipe[name]!r:.60}; extract them again")
    return recipe


def differences(expected: Recipe, found: Recipe) -> list[str]:
    """What differs between two recipes, one sentence for each field.

    >>> differences({"clip_stride": 4, "fps": None}, {"clip_stride": 16, "fps": None})
    ['clip_stride is 16, expected 4']
    """
    fields = [*expected, *(field for field in found if field not in expected)]
    return [
        f"{field} is {found.get(field)!r}, expected {expected.get(field)!r}"
        for field in fields
        if expected.get(field) != found.get(field)
    ]


def check_feature_recipe(folder: Path, expected: Recipe | None, *, run: str) -> None:
    """Refuses features that a model was not trained on, where both recipes are known.

    Raises:
        InputError: what differs, and the command that makes features that match.
    """
    found = read_feature_recipe(folder)
    if expected is None or found is None:
        return
    if differing := differences(expected, found):
        raise InputError(
            f"{folder}: these are not the features that the model was trained on: {'; '.join(differing)}; "
            f"make matching ones with `logotal extract VIDEOS --like {run} --out FOLDER`"
        )


def video_sidecar(features: Path) -> Path:
    """Where a feature file's own sidecar lies."""
    return features.with_suffix(".json")


def write_video_features(features: Path, array: NDArray[np.floating], about: VideoFeatures) -> None:
    """Writes features (T, C) with their sidecar; features never stand beside a sidecar that is not theirs."""
    content = io.BytesIO()
    np.save(content, array)
    sidecar = (json.dumps(asdict(about), indent=1) + "\n").encode()
    write_together({video_sidecar(features): sidecar, features: content.getvalue()})


def read_video_features(features: Path) -> VideoFeatures | None:
    """What a feature file was made from; None where nobody wrote it down.

    Raises:
        InputError: the sidecar is not what `logotal extract` writes.
    """
    path = video_sidecar(features)
    if not path.is_file():
        return None
    try:
        about = VideoFeatures(**read_json(path))
    except TypeError as error:
        raise InputError(f"{path}: not a sidecar of features ({error}); extract the video again") from error
    for name, value in asdict(about).items():
        kind, expected = KINDS[name]
        sound = isinstance(value, kind) and not isinstance(value, bool) and (kind is str or 0 <= value < LARGEST)
        if not sound or (name == "fps" and value == 0):
            raise InputError(f"{path}: {name!r} must be {expected}, found {value!r:.60}; extract the video again")
    return about
