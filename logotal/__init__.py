"""logotal: what happens, from when to when, in untrimmed video.

>>> import logotal
>>> predictor = logotal.load("runs/thumos14")                                    # doctest: +SKIP
>>> for action in predictor.detect("features/video_test_0000004.npy", fps=30):  # doctest: +SKIP
...     print(action)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logotal.data.grid import FeatureGrid
    from logotal.errors import InputError
    from logotal.formats.annotations import Annotations, read_annotations
    from logotal.inference.predictor import Predictor
    from logotal.runs.load import load
    from logotal.timeline import Action, Timeline

__version__ = "0.1.0"

_HOME = {
    "Action": "logotal.timeline",
    "Annotations": "logotal.formats.annotations",
    "FeatureGrid": "logotal.data.grid",
    "InputError": "logotal.errors",
    "Predictor": "logotal.inference.predictor",
    "Timeline": "logotal.timeline",
    "load": "logotal.runs.load",
    "read_annotations": "logotal.formats.annotations",
}

__all__ = ["Action", "Annotations", "FeatureGrid", "InputError", "Predictor", "Timeline", "load", "read_annotations"]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that `import logotal` does not load torch."""
    if name not in _HOME:
        raise AttributeError(f"module 'logotal' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
