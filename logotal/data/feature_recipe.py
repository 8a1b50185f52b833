"""The sidecar of a feature folder: all that its features depend on. Features of another recipe are other features.

`features.json` in the folder holds the recipe of all its files; `<video>.json` beside each `<video>.npy` holds what
belongs to that video alone: the frame rate of its grid, its length, and the file that it was made from.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from logotal.data.annotations import read_json
from logotal.errors import InputError
from logotal.files import write_whole

SIDECAR = "features.json"

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


def write_video_features(features: Path, about: VideoFeatures) -> None:
    """Writes the sidecar of a feature file."""
    write_whole(video_sidecar(features), (json.dumps(asdict(about), indent=1) + "\n").encode())


def read_video_features(features: Path) -> VideoFeatures | None:
    """What a feature file was made from; None where nobody wrote it down.

    Raises:
        InputError: the sidecar is not what `logotal extract` writes.
    """
    path = video_sidecar(features)
    if not path.is_file():
        return None
    try:
        return VideoFeatures(**read_json(path))
    except TypeError as error:
        raise InputError(f"{path}: not a sidecar of features ({error}); extract the video again") from error
