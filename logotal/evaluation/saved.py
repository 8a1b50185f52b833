"""The evaluation that a run folder holds: what of evaluation.json is read again."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from logotal.files.json import read_json
from logotal.files.model import Count, parsed_model

SAVED = ConfigDict(strict=True, extra="allow")  # an average over no label is NaN


class SavedProtocol(BaseModel):
    """By which rules, and on which split."""

    model_config = SAVED

    name: str
    split: str


class SavedCounts(BaseModel):
    """How much was scored."""

    model_config = SAVED

    videos: Count
    truths: Count


class SavedMeasure(BaseModel):
    """What the measure of a neighbouring field found: `Measured.to_json`."""

    model_config = SAVED

    numbers: dict[str, float]
    by: str


class SavedEvaluation(BaseModel):
    """What others rest on of `Result.to_json`: the rules, and the numbers as fractions."""

    model_config = SAVED

    protocol: SavedProtocol
    counts: SavedCounts
    mAP: dict[str, float] = {}  # noqa: N815 - the key of the file
    average_mAP: dict[str, float] = {}  # noqa: N815
    labels_from: str | None = None
    """What gave the actions their labels, if not the network."""
    weights: str | None = None
    """Of the run that detected, as sha256."""
    measured: SavedMeasure | None = None
    fps: float | None = None
    """Frames a second that were said of all videos."""


def read_saved_evaluation(path: Path, *, cure: str) -> SavedEvaluation:
    """What an evaluation left in a run folder.

    Raises:
        InputError: the file is something else; `cure` says what to do.
    """
    return parsed_model(read_json(path), path, SavedEvaluation, cure=cure)
