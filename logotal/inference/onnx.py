"""Detection with an exported model: NumPy and onnxruntime (or OpenVINO), no torch.

An exported network gives what `Predictions` holds: logits (1, K, P), and the tensors of its boundaries, which
`offsets.py` decodes. The decoding here is that of `logotal.inference.decode`, in NumPy; tests hold the two together.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.callbacks import Progress
from logotal.config import InferenceConfig, ModelConfig
from logotal.data.feature_recipe import VideoFeatures
from logotal.errors import InputError
from logotal.files.json import parsed_json
from logotal.files.text import check_plain
from logotal.inference.any_predictor import AnyPredictor
from logotal.inference.candidates import Candidates
from logotal.inference.offsets import offsets
from logotal.inference.operating_point import UNFITTED, OperatingPoint, parse_operating_point
from logotal.inference.pipeline import Opened, Pipeline
from logotal.inference.runtimes import RUNTIMES, Array, Outputs
from logotal.inference.video_classifier import video_classifier_from_text
from logotal.inference.video_scores import read_video_scores
from logotal.recipes import parse_config
from logotal.timeline import Timeline

METADATA = "logotal"
"""The entry of the model's metadata that holds configuration, labels and feature recipe as JSON."""

PRECISIONS = {"auto": "fp32", "fp32": "fp32", "bf16": "bf16"}


class OnnxPredictor(AnyPredictor):
    """An exported model in use; the counterpart of `Predictor` without torch.

    Args:
        path: what `logotal export` wrote.
        runtime: onnxruntime or openvino.
        precision: fp32, which auto is too, or bf16, which only OpenVINO has, and only on processors that compute in it;
            inputs and outputs are fp32 in any case.
        video_scores: JSON of external class scores, for a class-agnostic model.

    Raises:
        InputError: no such model, none of ours, or a runtime that is not installed or lacks the precision.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        runtime: str = "onnxruntime",
        precision: str = "fp32",
        video_scores: str | Path | None = None,
    ) -> None:
        path = Path(path)
        check_plain(path)
        if not path.is_file():
            raise InputError(f"{path}: no such model; export one with: logotal export RUN --to onnx")
        if runtime not in RUNTIMES:
            raise InputError(f"no runtime {runtime!r}; choose one of {', '.join(RUNTIMES)}")
        if precision not in PRECISIONS:
            raise InputError(f"no precision {precision!r} for exported models; choose one of {', '.join(PRECISIONS)}")
        self.network, metadata = RUNTIMES[runtime](path, PRECISIONS[precision])
        about = _read_metadata(metadata, path)
        config = parse_config(about["config"], f"{path}: config")
        labels = tuple(about["labels"])
        scores = video_scores or config.inference.video_scores
        pipeline = Pipeline(
            labels,
            config,
            video_scores=read_video_scores(Path(scores), labels) if scores is not None else None,
            classifier=video_classifier_from_text(
                about.get("classifier"), f"{path}: video classifier", labels, config.model.input_channels
            ),
            operating_point=_operating_point(about.get("operating_point"), path, labels),
            feature_recipe=about["feature_recipe"],
            name=str(path),
        )
        super().__init__(pipeline, PRECISIONS[precision])

    def _extract(self, video: Path, progress: Progress) -> tuple[NDArray[np.float32], VideoFeatures]:
        del progress
        raise InputError(
            f"{video}: an exported model reads features (.npy); make them with: logotal extract {video} --like RUN"
        )

    def _find(self, opened: Opened, config: InferenceConfig) -> Timeline:
        length = opened.features.shape[1]
        padded = max(length, shortest(self.config.model))
        features = np.zeros((1, len(opened.features), padded), np.float32)
        features[0, :, :length] = opened.features
        mask = np.zeros((1, 1, padded), dtype=np.bool_)
        mask[..., :length] = True
        candidates = decode(self.network(features, mask), mask[0, 0], self.config.model.levels, config)
        return self.pipeline.timeline(
            candidates,
            name=opened.name,
            features=opened.features,
            grid=opened.grid,
            duration=opened.duration,
            config=config,
        )


def shortest(config: ModelConfig) -> int:
    """Steps that shorter videos are padded to, at least two of the last level: padding changes nothing (law 1).

    An export needs a least length, and takes a level of a single step for another case.
    """
    return max(64, 2 * config.strides[-1])


def decode(outputs: Outputs, mask: NDArray[np.bool_], levels: int, config: InferenceConfig) -> Candidates:
    """The candidates in the outputs for one video with `mask` (T,), on the grid; not yet suppressed."""
    masks = [mask[:: 2**level] for level in range(levels)]
    sizes = [len(each) for each in masks]
    scores = np.concatenate(masks) / (1 + np.exp(-outputs["logits"][0].astype(np.float32)))  # (K, P)
    label, point = _best_pairs(scores, sizes, config)
    stride = np.concatenate([np.full(size, 2.0**level) for level, size in enumerate(sizes)])[point]
    time = np.concatenate([np.arange(size) * 2.0**level for level, size in enumerate(sizes)])[point]
    distances = offsets(outputs, sizes, point, label)
    segments = np.stack([time - distances[:, 0] * stride, time + distances[:, 1] * stride], axis=-1)
    kept = segments[:, 1] - segments[:, 0] > config.min_length
    return Candidates(segments[kept], scores[label, point][kept].astype(np.float64), label[kept])


def _best_pairs(
    scores: Array, sizes: list[int], config: InferenceConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    labels, points, first = [], [], 0
    for size in sizes:
        level = scores[:, first : first + size].ravel()
        best = np.argsort(-level, kind="stable")[: config.candidates_per_level]
        best = best[level[best] > config.score_threshold]
        labels.append(best // size)
        points.append(first + best % size)
        first += size
    return np.concatenate(labels), np.concatenate(points)


def _read_metadata(metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    about = parsed_json(metadata.get(METADATA, "null"), f"{path}: its metadata")
    if isinstance(about, dict) and {"config", "labels", "feature_recipe"} <= set(about):
        labels, recipe = about["labels"], about["feature_recipe"]
        sound = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
        if sound and isinstance(about["config"], str) and isinstance(recipe, dict | None):
            return about
    raise InputError(f"{path}: not a model that `logotal export` wrote, its metadata has no configuration")


def _operating_point(found: object, path: Path, labels: tuple[str, ...]) -> OperatingPoint:
    return UNFITTED if found is None else parse_operating_point(found, f"{path}: operating point", labels)
