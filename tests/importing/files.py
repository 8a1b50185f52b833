"""Files of features as tools leave them, made by hand, and what `import_features` makes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from logotal.importing import Imported, import_features

FPS, STRIDE, WINDOW, CHANNELS = 30.0, 4, 16, 6
SECONDS = {"match_1": 20.0, "match_2": 33.5, "day": 51.2}
"""Videos of different lengths."""


def steps(seconds: float) -> int:
    """What an extractor makes of a video."""
    return int((seconds * FPS - WINDOW) // STRIDE) + 1


def features(name: str, channels: int = CHANNELS, dtype: Any = np.float32) -> np.ndarray:
    """The features (T, C) of one of the videos."""
    seed = sum(name.encode())
    return np.random.default_rng(seed).normal(size=(steps(SECONDS[name]), channels)).astype(dtype)


def annotations(folder: Path, *, fps: float | None = FPS, prefix: str = "", **more: float) -> Path:
    """An annotation file with the lengths of the videos."""
    path = folder / "truth.json"
    videos = {f"{prefix}{name}": seconds for name, seconds in (SECONDS | more).items()}
    path.write_text(json.dumps({"database": {name: entry(seconds, fps) for name, seconds in videos.items()}}))
    return path


def entry(seconds: float, fps: float | None) -> dict[str, Any]:
    """A video of an annotation file, with an action."""
    known = {} if fps is None else {"fps": fps}
    return {"subset": "training", "duration": seconds, "annotations": [{"segment": [2, 5], "label": "jump"}], **known}


class Told(list[str]):
    """Keeps the sentences that are said."""

    def says(self, *words: str) -> bool:
        """Whether one sentence has all of the words."""
        return any(all(word in sentence for word in words) for sentence in self)


def imported(files: Any, out: Path, **options: Any) -> tuple[Imported, Told]:
    """What an import makes, and what it says."""
    told = Told()
    return import_features(files, out, say=told.append, **options), told


def same(folder: Path, expected: Mapping[str, np.ndarray]) -> None:
    """Makes sure that a folder holds these features, as float32, and no others."""
    found = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], array.astype(np.float32), rtol=1e-3 if array.dtype == np.float16 else 0)


ALL = {name: features(name) for name in SECONDS}
