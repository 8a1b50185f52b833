"""The built-in video classifier: which labels a video has, from its features pooled over time.

A class-agnostic model finds when something happens; what it is comes from scores of an external classifier, or from
this one, which `logotal train` fits beside it (`logotal.training.video_classifier`): a logistic regression for each
label on the mean and the maximum over time of every channel. Applying it takes NumPy alone.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from safetensors import SafetensorError
from safetensors.numpy import load, save

from logotal.errors import InputError
from logotal.files.json import parsed_json
from logotal.files.model import EXACT, STRICT, parsed_model
from logotal.files.text import is_there, read_raw

_ARRAYS = ("bias", "mean", "scale", "weights")
_METADATA = "logotal"  # one entry: safetensors writes several in any order


class Metadata(BaseModel):
    """The entries that safetensors keeps for us: one text, the JSON of `About`."""

    model_config = STRICT

    logotal: str


class Header(BaseModel):
    """What the header of a safetensors file says besides its arrays."""

    model_config = STRICT

    metadata: Annotated[Metadata, Field(alias="__metadata__")]


class AccuracyFile(BaseModel):
    """What a file holds of an `Accuracy`."""

    model_config = EXACT

    split: str
    videos: int
    top_1: float
    mean_average_precision: float


class About(BaseModel):
    """What a classifier says about itself."""

    model_config = EXACT

    labels: list[str]
    accuracy: AccuracyFile | None


@dataclass(frozen=True)
class Accuracy:
    """How often a classifier is right in the `videos` of a split that it was not fitted on.

    `top_1` is the part of the videos with a label whose best-scored label is one of theirs; `mean_average_precision`
    is the mean over the labels that occur.
    """

    split: str
    videos: int
    top_1: float
    mean_average_precision: float


@dataclass(frozen=True, eq=False)
class VideoClassifier:
    """A linear classifier of pooled features, one probability per label.

    Attributes:
        labels: in class-index order (K).
        mean: (2C,) of the pooled features of the training videos.
        scale: (2C,) their standard deviation.
        weights: (K, 2C).
        bias: (K,).
        accuracy: None where there were no videos to measure it on.
    """

    labels: tuple[str, ...]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    accuracy: Accuracy | None = None

    def scores(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """The probability (K,) of each label in a video with features (C, T), as the network takes them."""
        probabilities: NDArray[np.float64] = self.of_pooled(pooled(features)[None])[0]
        return probabilities

    def of_pooled(self, pooled_features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities (N, K) of the labels of videos with pooled features (N, 2C)."""
        standardized = (pooled_features - self.mean.astype(np.float64)) / self.scale
        return sigmoid(standardized @ self.weights.T.astype(np.float64) + self.bias)

    @property
    def sentence(self) -> str:
        """Where labels come from if they come from here, for whoever reads the result."""
        measured, of = "not measured", self.accuracy
        if of is not None:
            measured = f"{100 * of.top_1:.1f} % on {of.videos} videos of split {of.split!r}"
        return f"labels come from the built-in video classifier (accuracy {measured})"

    def to_bytes(self) -> bytes:
        """The content of `classifier.safetensors`; the same classifier gives the same bytes."""
        arrays = {name: np.ascontiguousarray(getattr(self, name), np.float32) for name in _ARRAYS}
        accuracy = asdict(self.accuracy) if self.accuracy is not None else None
        about = json.dumps({"labels": list(self.labels), "accuracy": accuracy})
        return save(arrays, {_METADATA: about})

    def to_text(self) -> str:
        """The same for the metadata of an exported model, which is text."""
        return base64.b64encode(self.to_bytes()).decode()


def pooled(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean and maximum over time (2C,) of features (C, T)."""
    return np.concatenate([features.mean(axis=1, dtype=np.float64), features.max(axis=1).astype(np.float64)])


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), which no x makes overflow."""
    result: NDArray[np.float64] = np.exp(-np.logaddexp(0, -x))
    return result


def read_video_classifier(path: Path, labels: tuple[str, ...], channels: int | None = None) -> VideoClassifier | None:
    """The classifier in a file; None if there is none.

    Args:
        path: `classifier.safetensors` of a run.
        labels: of the run, in class-index order.
        channels: of its features.

    Raises:
        InputError: the file is not whole, or belongs to another run.
    """
    return _parsed(read_raw(path), str(path), labels, channels) if is_there(path) else None


def video_classifier_from_text(
    text: object, where: str, labels: tuple[str, ...], channels: int | None = None
) -> VideoClassifier | None:
    """The classifier in what `to_text` wrote; None if there is none.

    Raises:
        InputError: the text is not whole, or belongs to another model.
    """
    if text is None:
        return None
    try:
        return _parsed(base64.b64decode(str(text), validate=True), where, labels, channels)
    except binascii.Error as error:
        raise InputError(f"{where}: not a video classifier ({error}); export the run again") from error


def _parsed(content: bytes, where: str, labels: tuple[str, ...], channels: int | None) -> VideoClassifier:
    try:
        arrays = load(content)
        length = int.from_bytes(content[:8], "little")
        header = parsed_model(parsed_json(content[8 : 8 + length].decode(), "header"), "header", Header)
        about = parsed_model(parsed_json(header.metadata.logotal, "metadata"), "metadata", About)
        sizes = {name: arrays[name].shape for name in _ARRAYS}
    except (SafetensorError, ValueError, KeyError) as error:
        problem = " ".join(str(error).split())[:100]
        raise InputError(f"{where}: not a video classifier of logotal ({problem}); train the run again") from error
    found = tuple(about.labels)
    if found != labels:
        other = next((f"{a!r} for {b!r}" for a, b in zip(found, labels, strict=False) if a != b), "others")
        expected = f"expected the {len(labels)} labels of the run in their order"
        raise InputError(f"{where}: {expected}, found {len(found)} ({other}); it belongs to another run")
    C = channels if channels is not None else len(arrays["mean"]) // 2 if arrays["mean"].ndim else 0
    wanted = {"bias": (len(labels),), "mean": (2 * C,), "scale": (2 * C,), "weights": (len(labels), 2 * C)}
    if sizes != wanted:
        raise InputError(f"{where}: expected arrays {wanted}, found {sizes}; it belongs to another run")
    for name in _ARRAYS:
        array = arrays[name]
        if array.dtype != np.float32 or not np.isfinite(array).all() or (name == "scale" and not (array > 0).all()):
            raise InputError(f"{where}: {name!r} must be finite fp32 numbers, scales above 0; train the run again")
    accuracy = None if about.accuracy is None else Accuracy(**about.accuracy.model_dump())
    return VideoClassifier(found, **{name: arrays[name] for name in _ARRAYS}, accuracy=accuracy)
