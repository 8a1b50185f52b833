"""A data set and a configuration small enough to train in a second or two."""

from pathlib import Path
from typing import Any

from logotal.config import Config
from logotal.demo.synthetic import write_synthetic
from logotal.recipes import merge, read_recipe

SMALL: dict[str, Any] = {
    "model": {"members": 1, "width": 16, "mlp_factor": 1, "head_width": 16, "groups": 4, "levels": 4, "bins": 8},
    "data": {"window": 256},
    "training": {"epochs": 3, "warmup_epochs": 1, "workers": 0, "batch_size": 2, "initial_normalizer": 20},
}


def small_data(folder: Path, *, training: int = 6, validation: int = 3) -> Path:
    """Synthetic videos in a folder."""
    return write_synthetic(folder, training=training, validation=validation, seed=3)


def small_config(folder: Path, /, **overrides: dict[str, Any]) -> Config:
    """The synthetic recipe, shrunk, on the data in that folder."""
    return read_recipe("synthetic", merge(merge(SMALL, {"data": {"features": folder}}), overrides))
