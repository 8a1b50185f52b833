"""Small data sets on disk, made on the spot."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from logotal.config import DataConfig
from logotal.data.dataset import TrainingWindows, WholeVideos
from logotal.data.features import FeatureFolder
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action

CHANNELS = 4
FPS = 10.0  # with stride 1 and clips of 2 frames, clip i is centered at (i + 1) / 10 seconds
LABEL_INDEX = {"jump": 0, "run": 1}


def data_config(**changes: Any) -> DataConfig:
    """One step is a tenth of a second."""
    settings = {"fps": FPS, "clip_stride": 1, "clip_frames": 2, "crop": None, "window": 1000}
    return DataConfig.model_validate({**settings, **changes})


def save_features(folder: Path, lengths: Mapping[str, int], *, prefix: str = "") -> Path:
    """Writes random features (T, C) of videos of these lengths."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (video, length) in enumerate(lengths.items()):
        features = np.random.default_rng(seed).normal(size=(length, CHANNELS)).astype(np.float32)
        np.save(folder / f"{prefix}{video}.npy", features)
    return folder


def truth(video: str, *actions: tuple[float, float, str], duration: float | None = None) -> VideoTruth:
    """A video of the training split."""
    return VideoTruth(video, "training", tuple(Action(*action) for action in actions), duration)


def whole_videos(folder: Path, videos: Sequence[VideoTruth], **changes: Any) -> WholeVideos:
    """The videos entire."""
    return WholeVideos(videos, FeatureFolder(folder), data_config(**changes), LABEL_INDEX)


def training_windows(folder: Path, videos: Sequence[VideoTruth], *, seed: int = 0, **changes: Any) -> TrainingWindows:
    """Random windows of the videos."""
    return TrainingWindows(videos, FeatureFolder(folder), data_config(**changes), LABEL_INDEX, seed=seed)


def entry(*actions: Mapping[str, Any], split: str = "training", **more: Any) -> dict[str, Any]:
    """A video as ActivityNet JSON has it."""
    return {"subset": split, "annotations": list(actions), **more}


def action(start: float, end: float, label: str = "jump", **more: Any) -> dict[str, Any]:
    """An action as ActivityNet JSON has it."""
    return {"segment": [start, end], "label": label, **more}


def save_annotations(path: Path, database: Mapping[str, Any]) -> Path:
    """Writes an annotation file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"database": database}))
    return path
