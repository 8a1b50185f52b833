"""The sidecar of a feature folder: its feature recipe, which is all that the features depend on.

`features.json` in the folder holds the feature recipe of all its files. `<video>.json` beside each `<video>.npy` holds
what belongs to that video alone: the frame rate of its grid, its length, and the file that it was made from.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import EXACT, STRICT, parsed_model
from logotal.files.remote import is_remote
from logotal.files.text import is_there
from logotal.files.whole import write_together, write_whole
from logotal.places import SIDECAR

Recipe = Mapping[str, Any]

ARITHMETIC = "precision"
"""The field that says in which arithmetic the network computed, `fp32` or `bf16`. Older folders do not say it.

One folder holds features of one arithmetic. A model takes those of any: see `docs/features.md` for how little they
differ.
"""

VIEW = "view"
"""The field that says which view of the videos these features show; those of the videos as they are do not say it."""


@dataclass(frozen=True)
class VideoFeatures:
    """What one feature file was made from.

    `fps` is the frame rate of the grid, `duration` the video's length in seconds, `frames` the number of
    frames of the grid; `source` is the name of the video file and `source_bytes` its size.
    """

    fps: float
    duration: float
    frames: int
    source: str
    source_bytes: int


LARGEST = 2**63
"""What no number of a sidecar comes near."""

Size = Annotated[int, Field(gt=0, lt=2**16)]
FrameRate = Annotated[float, Field(gt=0, lt=LARGEST, allow_inf_nan=False, description="a frame rate above 0")]
Count = Annotated[int, Field(ge=0, lt=LARGEST, description="a whole number from 0")]


Numbers = Annotated[
    list[Annotated[float, Field(allow_inf_nan=False)]],
    Field(min_length=1, max_length=3, description="one number or three"),
]


class Normalization(BaseModel):
    """What is subtracted from values in [0, 1], and what they are divided by."""

    model_config = STRICT

    mean: Numbers
    std: Numbers


class RecipeFile(BaseModel):
    """What the fields of a recipe are from which features can be made again; others are only compared."""

    model_config = STRICT

    backbone: Annotated[str, Field(description="a name")] = ""
    weights: Annotated[str, Field(description="a hash")] = ""
    channels: Annotated[Size, Field(description="a number of channels")] = 1
    fps: FrameRate | None = None
    clip_frames: Annotated[Size, Field(description="a number of frames")] = 1
    clip_stride: Annotated[Size, Field(description="a number of frames")] = 1
    resize: Annotated[
        Size | Annotated[list[Size], Field(min_length=2, max_length=2)],
        Field(description="one size in pixels or two"),
    ] = 1
    antialias: bool = False
    rounded: bool = False
    normalization: Normalization | None = None
    clips: Annotated[str, Field(description="'overlapping' or 'dense'")] = "overlapping"
    depths: Annotated[str, Field(description="'last' or 'several'")] = "last"
    differences: Annotated[str, Field(description="'before', 'after' or 'both'")] = "none"
    pose: bool = False
    crop: Annotated[str, Field(pattern=r"^\w+ [1-9]\d{0,4}$", description="like 'center 224'")] = ""
    view: Annotated[Count, Field(description="a number of a view")] = 0
    precision: Annotated[str, Field(pattern=r"^(fp32|bf16)$", description="'fp32' or 'bf16'")] = "fp32"


class VideoFile(BaseModel):
    """What a video's sidecar holds: `VideoFeatures`."""

    model_config = EXACT

    fps: FrameRate
    duration: Annotated[float, Field(ge=0, lt=LARGEST, allow_inf_nan=False, description="a number of seconds")]
    frames: Count
    source: Annotated[str, Field(description="a file name")]
    source_bytes: Count


def write_feature_recipe(folder: Path, recipe: Recipe) -> None:
    """Writes the feature recipe of a folder.

    Raises:
        InputError: the folder already holds features of another recipe.
    """
    if not holds_features_of(folder, recipe):
        write_whole(folder / SIDECAR, (json.dumps(dict(recipe), indent=1) + "\n").encode())


def holds_features_of(folder: Path, recipe: Recipe) -> bool:
    """Whether a folder was begun with features of a recipe; not if it was begun with none.

    Raises:
        InputError: it holds features of another recipe.
    """
    found = read_feature_recipe(folder)
    if found is None:
        return False
    if differing := differences(recipe, found):
        raise InputError(
            f"{folder}: holds features of another recipe ({differing[0]}); choose another folder with --out"
        )
    if (begun := found.get(ARITHMETIC)) and (made := recipe.get(ARITHMETIC)) and begun != made:
        raise InputError(
            f"{folder}: holds features made in {begun}, expected {made}; go on with --precision {begun}, or choose "
            "another folder with --out"
        )
    return True


def read_feature_recipe(folder: Path) -> dict[str, Any] | None:
    """The feature recipe of a folder; None where it has none, as features that other tools made."""
    path = folder / SIDECAR
    if not is_there(path):
        return None
    recipe: dict[str, Any] = read_json(path)
    parsed_model(recipe, path, RecipeFile, cure="extract the features again")
    return recipe


def differences(expected: Recipe, found: Recipe) -> list[str]:
    """What differs between two feature recipes, one sentence for each field; arithmetic does not count.

    >>> differences({"clip_stride": 4, "fps": None}, {"clip_stride": 16, "fps": None})
    ['clip_stride is 16, expected 4']
    """
    fields = [*expected, *(field for field in found if field not in expected)]
    fields = [field for field in fields if field != ARITHMETIC]
    return [
        f"{field} is {found.get(field)!r}, expected {expected.get(field)!r}"
        for field in fields
        if expected.get(field) != found.get(field)
    ]


def check_feature_recipe(folder: Path, expected: Recipe | None, *, run: str) -> None:
    """Refuses features of another feature recipe than the model's, where both are known.

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
    """Writes features (T, C) with their sidecar; features never stand beside a sidecar that is not theirs.

    At an address the sidecar comes last: where it is, the features are whole.
    """
    content = io.BytesIO()
    np.save(content, array)
    sidecar = (json.dumps(asdict(about), indent=1) + "\n").encode()
    files = {video_sidecar(features): sidecar, features: content.getvalue()}
    write_together(dict(reversed(files.items())) if is_remote(features) else files)


def check_features_target(features: Path) -> None:
    """Makes sure that a feature file may be written: over nothing, or over one of ours with its sidecar.

    Raises:
        InputError: an array or a file of that name is somebody else's.
    """
    sidecar = video_sidecar(features)
    try:
        ours = read_video_features(features) is not None
    except InputError:
        ours = False
    if is_remote(features) and not is_there(sidecar):  # a killed extraction had yet to put it
        ours = is_there(features.with_name(SIDECAR))
    for path in (sidecar, features):
        if is_there(path) and not ours:
            raise InputError(
                f"{path}: is there already, and `logotal extract` did not write it; choose another folder with --out"
            )


def read_video_features(features: Path) -> VideoFeatures | None:
    """What a feature file was made from; None where there is no sidecar.

    Raises:
        InputError: the sidecar is not what `logotal extract` writes.
    """
    path = video_sidecar(features)
    if not is_there(path):
        return None
    file = parsed_model(read_json(path), path, VideoFile, cure="extract the video again")
    return VideoFeatures(**file.model_dump())
