"""The predictor: what a user holds of a trained model. Videos or features in, timelines in seconds out."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from logotal.callbacks import Progress, silent
from logotal.config import InferenceConfig
from logotal.data.batch import Sample, collate
from logotal.data.dataset import WholeVideos, label_index
from logotal.data.feature_recipe import VideoFeatures
from logotal.device import find_device
from logotal.errors import InputError
from logotal.inference.any_predictor import AnyPredictor
from logotal.inference.decode import decode
from logotal.inference.pipeline import Opened, Pipeline
from logotal.inference.precision import DTYPES, choose_precision
from logotal.model.ensemble import Network
from logotal.timeline import Timeline

if TYPE_CHECKING:
    from logotal.extraction.extractor import Extractor

Weights = str | Path | Mapping[str, str | Path] | None

STEPS_PER_VIDEO = 2304
"""Batches hold at most `batch_size` times so many padded steps: fewer videos where they are long."""


LEAST_FILLED = 0.9
"""How long the shortest video of a batch is at least, relative to the longest: the rest is padding."""


class Predictor(AnyPredictor):
    """A trained model with its labels and configuration; `precision` is the arithmetic that it was loaded in.

    `logotal.load` makes one of a run; here is one of a network that has learned nothing yet.

    >>> from logotal.config import Config
    >>> from logotal.model.detector import build_detector
    >>> config = Config.model_validate({"model": {"input_channels": 8, "width": 16, "levels": 2}})
    >>> predictor = Predictor(build_detector(config.model, num_labels=1), Pipeline(("serve",), config))
    >>> predictor.detect(np.zeros((50, 8)), fps=30, name="match")
    Timeline(video='match', actions=(), duration=None)
    """

    def __init__(
        self,
        detector: Network,
        pipeline: Pipeline,
        *,
        device: str = "cpu",
        precision: str | None = None,
        backbone_weights: Weights = None,
    ) -> None:
        config, device = pipeline.config, find_device(device)
        wanted = precision or config.inference.precision
        super().__init__(pipeline, choose_precision(wanted, torch.device(device), config.model.width))
        self.detector = detector.eval().to(device, DTYPES[self.precision])
        self.name = pipeline.name
        self.label_index = label_index(self.labels, class_agnostic=self.config.model.class_agnostic)
        self.feature_recipe = pipeline.feature_recipe
        self.device = torch.device(device)
        self.backbone_weights = backbone_weights

    def _extract(self, video: Path, progress: Progress) -> tuple[NDArray[np.float32], VideoFeatures]:
        return self.extractor.extract(video, progress)

    def _find(self, opened: Opened, config: InferenceConfig) -> Timeline:
        nothing = torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)
        features = torch.from_numpy(opened.features)
        return self.detect_samples([Sample(opened.name, features, *nothing, opened.grid, opened.duration)], config)[0]

    @cached_property
    def extractor(self) -> "Extractor":
        """What makes features of videos as those that the model was trained on.

        Raises:
            InputError: the run does not know how its features were made, or the backbone's weights are others.
        """
        from logotal.extraction.folder import matching_extractor  # noqa: PLC0415 - only where videos come in

        if self.feature_recipe is None:
            raise InputError(
                f"{self.name}: was trained on features of which it does not know how they were made; "
                "extract them in the same way and give their .npy file"
            )
        return matching_extractor(self.feature_recipe, weights=self.backbone_weights, device=str(self.device))

    def detect_dataset(self, dataset: WholeVideos, progress: Progress = silent) -> list[Timeline]:
        """All that is found in each video, in the data set's order; `progress` is callback(done, total)."""
        lengths = [len(dataset.features.read(video.id)) for video in dataset.videos]
        timelines: dict[int, Timeline] = {}
        for group in self._groups(lengths):
            for index, timeline in zip(group, self.detect_samples([dataset[i] for i in group]), strict=True):
                timelines[index] = timeline
            progress(len(timelines), len(lengths))
        return [timelines[index] for index in range(len(dataset))]

    @torch.no_grad()
    def detect_samples(self, samples: Sequence[Sample], config: InferenceConfig | None = None) -> list[Timeline]:
        """All that is found in some videos, processed as one batch; padding changes nothing (law 1).

        `config` instead of that of the run.
        """
        config = config or self.config.inference
        batch = collate(samples).to(self.device)
        found = decode(self.detector(batch.features, batch.mask), config)
        return [
            self.pipeline.timeline(
                candidates,
                name=sample.id,
                features=sample.features.numpy(),
                grid=sample.grid,
                duration=sample.duration,
                config=config,
            )
            for sample, candidates in zip(samples, found, strict=True)
        ]

    def _groups(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Indices of videos of similar length, so that little is padded."""
        largest = self.config.inference.batch_size if self.config.model.compat is None else 1  # padding counts there
        budget = largest * STEPS_PER_VIDEO
        group: list[int] = []
        for index in np.argsort(lengths, kind="stable").tolist():
            full = len(group) == largest or (len(group) + 1) * lengths[index] > budget
            if group and (full or lengths[group[0]] < LEAST_FILLED * lengths[index]):
                yield group
                group = []
            group.append(index)
        if group:
            yield group
