"""What all trained models in use have in common, whatever computes their network."""

from abc import ABC, abstractmethod
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.callbacks import Progress, silent
from logotal.config import InferenceConfig
from logotal.data.feature_recipe import VideoFeatures
from logotal.data.grid import FeatureGrid
from logotal.inference.lengths import Wanted
from logotal.inference.pipeline import Opened, Pipeline
from logotal.timeline import Timeline


class AnyPredictor(ABC):
    """A model in use, by torch (`Predictor`) or by another runtime (`OnnxPredictor`); both detect alike.

    Args:
        pipeline: what it needs besides its weights.
        precision: the arithmetic of its network.
    """

    def __init__(self, pipeline: Pipeline, precision: str) -> None:
        self.pipeline, self.precision = pipeline, precision
        self.labels, self.config = pipeline.labels, pipeline.config

    def detect(
        self,
        video: str | Path | NDArray[np.floating],
        grid: FeatureGrid | None = None,
        *,
        fps: float | None = None,
        duration: float | None = None,
        name: str | None = None,
        everything: bool = False,
        min_duration: Wanted = None,
        merge_gap: Wanted = None,
        progress: Progress = silent,
    ) -> Timeline:
        """The timeline of one video: the actions that the operating point of the run shows.

        Args:
            video: a video file, features in a .npy file, or features as an array (T, C); `logotal.detect` takes many.
            grid: of the features; that of the training data if absent, at `fps` where it has no frame rate of its own.
            fps: frame rate of the features' grid, where nothing else says it.
            duration: the video's length in seconds; no action ends later.
            name: of the timeline; the file's name if absent.
            everything: gives all that the network found instead, hundreds of actions with its own scores: what average
                precision is computed on.
            min_duration: seconds that an action lasts at least: of all labels, or of those that it names
                (`{"run": 2}`); those of the operating point if absent.
            merge_gap: actions of a label that lie closer than so many seconds are one, in the same way.
            progress: callback(frames done, frames in all, about), for a video file.

        Raises:
            InputError: the video or the features are not as expected, their frame rate is not known, or seconds are of
                a label that the model does not have.
        """
        found = self.find(video, grid, fps=fps, duration=duration, name=name, everything=everything, progress=progress)
        return found if everything else self.pipeline.shown(found, min_duration=min_duration, merge_gap=merge_gap)

    def find(
        self,
        video: str | Path | NDArray[np.floating],
        grid: FeatureGrid | None = None,
        *,
        fps: float | None = None,
        duration: float | None = None,
        name: str | None = None,
        everything: bool = False,
        progress: Progress = silent,
    ) -> Timeline:
        """What the operating point may show of one video, with the scores of the network; arguments as of `detect`.

        A long video has more of it (`Pipeline.limits`); with `everything`, as much as average precision is computed on.

        Raises:
            InputError: the video or the features are not as expected, or their frame rate is not known.
        """
        opened = self.pipeline.open(
            video, partial(self._extract, progress=progress), grid=grid, fps=fps, duration=duration, name=name
        )
        found = self._find(opened, self.pipeline.limits(opened.features.shape[1], everything=everything))
        if isinstance(video, str | Path) and Path(video).suffix != ".npy":
            found = replace(found, file=Path(video))
        return self.pipeline.by_subject(found)

    @abstractmethod
    def _extract(self, video: Path, progress: Progress) -> tuple[NDArray[np.float32], VideoFeatures]:
        """The features of a video file."""

    @abstractmethod
    def _find(self, opened: Opened, config: InferenceConfig) -> Timeline:
        """All that the network finds in a video."""
