"""logotal: what happens, from when to when, in untrimmed video.

>>> import logotal
>>> predictor = logotal.load("runs/thumos14")                                    # doctest: +SKIP
>>> for action in predictor.detect("features/video_test_0000004.npy", fps=30):  # doctest: +SKIP
...     print(action)

What the commands do, the functions here do: `train`, `folds`, `curve`, `doubts`, `next_to_label`, `load`, `push`,
`detect`, `watch`, `evaluate`, `extract`, `import_features`, `read_timelines`, `read_annotations`; docs/python.md shows
them, and where the rest is.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logotal.data.grid import FeatureGrid
    from logotal.errors import InputError
    from logotal.formats.annotations import Annotations, read_annotations
    from logotal.formats.timelines import read_timelines
    from logotal.importing import import_features
    from logotal.inference.predictor import Predictor
    from logotal.recipes import read_recipe
    from logotal.runs.curve import Curve, curve
    from logotal.runs.detect import Detections, detect
    from logotal.runs.doubts import Doubts, doubts
    from logotal.runs.evaluate import evaluate
    from logotal.runs.evaluation import Evaluation
    from logotal.runs.extract import extract
    from logotal.runs.folds import Folds, folds
    from logotal.runs.load import load
    from logotal.runs.next_to_label import NextToLabel, next_to_label
    from logotal.runs.push import push
    from logotal.runs.train import train
    from logotal.runs.watch import WatchedAction, watch
    from logotal.timeline import Action, Timeline

__version__ = "0.1.0"

_HOME = {
    "Action": "logotal.timeline",
    "Annotations": "logotal.formats.annotations",
    "Curve": "logotal.runs.curve",
    "Detections": "logotal.runs.detect",
    "Doubts": "logotal.runs.doubts",
    "Evaluation": "logotal.runs.evaluation",
    "FeatureGrid": "logotal.data.grid",
    "Folds": "logotal.runs.folds",
    "InputError": "logotal.errors",
    "NextToLabel": "logotal.runs.next_to_label",
    "Predictor": "logotal.inference.predictor",
    "Timeline": "logotal.timeline",
    "WatchedAction": "logotal.runs.watch",
    "curve": "logotal.runs.curve",
    "detect": "logotal.runs.detect",
    "doubts": "logotal.runs.doubts",
    "evaluate": "logotal.runs.evaluate",
    "extract": "logotal.runs.extract",
    "folds": "logotal.runs.folds",
    "import_features": "logotal.importing",
    "load": "logotal.runs.load",
    "next_to_label": "logotal.runs.next_to_label",
    "push": "logotal.runs.push",
    "read_annotations": "logotal.formats.annotations",
    "read_recipe": "logotal.recipes",
    "read_timelines": "logotal.formats.timelines",
    "train": "logotal.runs.train",
    "watch": "logotal.runs.watch",
}

__all__ = [
    "Action",
    "Annotations",
    "Curve",
    "Detections",
    "Doubts",
    "Evaluation",
    "FeatureGrid",
    "Folds",
    "InputError",
    "NextToLabel",
    "Predictor",
    "Timeline",
    "WatchedAction",
    "curve",
    "detect",
    "doubts",
    "evaluate",
    "extract",
    "folds",
    "import_features",
    "load",
    "next_to_label",
    "push",
    "read_annotations",
    "read_recipe",
    "read_timelines",
    "train",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that `import logotal` does not load torch."""
    if name not in _HOME:
        raise AttributeError(f"module 'logotal' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
