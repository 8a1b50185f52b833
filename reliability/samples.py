"""Small inputs on which the real commands do real work in seconds: videos, features, runs, a checkpoint, labels."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from logotal.backbones.i3d import I3D
from logotal.data.feature_recipe import Recipe
from logotal.demo.synthetic import write_synthetic
from logotal.extraction.extractor import feature_recipe
from logotal.extraction.folder import Settings
from logotal.formats.annotations import read_annotations
from logotal.model.detector import build_detector
from logotal.recipes import read_recipe
from logotal.runs.folder import Run
from logotal.video.writer import write_video

LABELS = ("blink", "jump", "throw")
NETWORK = {"width": 16, "head_width": 16, "levels": 3}
EXTRACTION = {"resize": 36, "crop_size": 32}


def videos(folder: Path, count: int = 6, *, frames: int = 60, size: tuple[int, int] = (40, 48)) -> list[Path]:
    """Videos of noise at 25 frames per second; the same bytes every time."""
    paths = [folder / f"video_{index}.mp4" for index in range(count)]
    for index, path in enumerate(paths):
        images = np.random.default_rng(index).integers(0, 255, (frames, *size, 3), dtype=np.uint8)
        write_video(path, images, fps=25)
    return paths


def backbone_weights(folder: Path) -> Path:
    """Weights of an I3D that mean nothing."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(I3D(input_channels=3).state_dict(), folder / "weights.pt")
    return folder / "weights.pt"


def extraction_options(weights: Path) -> list[str]:
    """What makes `logotal extract` quick."""
    sizes = [word for key, value in EXTRACTION.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    return ["--backbone", "i3d-rgb", "--weights", str(weights), "--precision", "fp32", *sizes]


def recipe_of(weights: Path) -> Recipe:
    """The recipe of the features that these options make."""
    settings = Settings("i3d-rgb", str(weights), precision="fp32", changes=EXTRACTION)
    return feature_recipe(settings.extractor())


def synthetic(folder: Path, *, training: int = 12, validation: int = 4) -> Path:
    """The synthetic data set, small."""
    return write_synthetic(folder, training=training, validation=validation)


def training_options(data: Path, *, epochs: int = 12) -> list[str]:
    """What makes `logotal train synthetic` quick."""
    options = {
        "data.annotations": data / "annotations.json",
        "data.features": data / "features",
        "data.window": 128,
        "training.epochs": epochs,
        "training.warmup-epochs": 1,
        "training.batch-size": 2,
        "training.workers": 0,
    } | {f"model.{key.replace('_', '-')}": value for key, value in NETWORK.items()}
    return [word for key, value in options.items() for word in (f"--{key}", str(value))]


def run(folder: Path, *, channels: int, data: Path | None = None, made: Recipe | None = None) -> Path:
    """A run with random weights, as `logotal train` would leave one; it finds many actions."""
    files = {"annotations": data / "annotations.json", "features": data / "features"} if data else {}
    overrides: dict[str, Any] = {"model": NETWORK | {"input_channels": channels, "prior": 0.3}}
    overrides["data"] = {"fps": 25.0, **files} if data is None else {"fps": 30.0, **files}
    config = read_recipe("synthetic", overrides)
    names = read_annotations(files["annotations"]).labels if files else LABELS
    torch.manual_seed(0)
    detector = build_detector(config.model, num_labels=len(names))
    target = Run(folder)
    target.write_setup(config, names, (), made)
    target.write_model(detector.state_dict(), {"seconds": 0})
    return folder


def features(folder: Path, count: int, *, channels: int = 64, length: int = 90) -> list[Path]:
    """Feature files (T, C) of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"features_{index:04d}.npy" for index in range(count)]
    for index, path in enumerate(paths):
        np.save(path, np.random.default_rng(index).normal(size=(length, channels)).astype(np.float32))
    return paths


def labels(folder: Path, named: Sequence[Path], *, seconds: float) -> Path:
    """A table of labels for videos, two actions each."""
    path = folder / "labels.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["video", "start", "end", "label"])
        for index, video in enumerate(named):
            middle = seconds * (0.4 + 0.1 * math.sin(index))
            rows.writerow([video.name, "0.2", f"{middle:.2f}", LABELS[index % 3]])
            rows.writerow([video.name, f"{middle:.2f}", f"{seconds - 0.1:.2f}", LABELS[(index + 1) % 3]])
    return path
