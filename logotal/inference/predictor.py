"""The predictor: what a user holds of a trained model. Videos or features in, timelines in seconds out."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from logotal.allocator import keep_freed_memory
from logotal.data.batch import Sample, collate
from logotal.data.dataset import WholeVideos, label_index
from logotal.data.grid import FeatureGrid
from logotal.device import find_device
from logotal.errors import InputError
from logotal.inference.decode import decode
from logotal.inference.fusion import read_video_scores
from logotal.inference.operating_point import UNFITTED
from logotal.inference.precision import DTYPES, choose_precision
from logotal.inference.surroundings import Surroundings
from logotal.inference.winograd import with_fewer_products
from logotal.model.detector import Detector, build_detector
from logotal.project.folder import run_folder
from logotal.run import Run
from logotal.timeline import Timeline

if TYPE_CHECKING:
    from logotal.extraction.extractor import Extractor

Weights = str | Path | Mapping[str, str | Path] | None

STEPS_PER_VIDEO = 2304
"""Batches hold at most `batch_size` times so many padded steps: fewer videos where they are long."""

HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
"""OWNER/NAME of a model on the hub, which may be a folder here as well; no absolute path, and none of Windows."""

LEAST_FILLED = 0.9
"""How long the shortest video of a batch is at least, relative to the longest: the rest is padding."""


class Predictor:
    """A trained model with its labels and configuration; `precision` is the arithmetic that it was loaded in.

    >>> import logotal
    >>> predictor = logotal.load("runs/thumos14")                  # doctest: +SKIP
    >>> timeline = predictor.detect("match.mp4")                  # doctest: +SKIP
    """

    def __init__(
        self,
        detector: Detector,
        surroundings: Surroundings,
        *,
        device: str = "cpu",
        precision: str | None = None,
        backbone_weights: Weights = None,
    ) -> None:
        config, device = surroundings.config, find_device(device)
        wanted = precision or config.inference.precision
        self.precision = choose_precision(wanted, torch.device(device), config.model.width)
        self.detector = detector.eval().to(device, DTYPES[self.precision])
        self.surroundings = surroundings
        self.labels, self.config, self.name = surroundings.labels, surroundings.config, surroundings.name
        self.label_index = label_index(self.labels, class_agnostic=self.config.model.class_agnostic)
        self.feature_recipe = surroundings.feature_recipe
        self.device = torch.device(device)
        if self.device.type == "cpu":
            keep_freed_memory()
        self.backbone_weights = backbone_weights

    def detect(
        self,
        video: str | Path | NDArray[np.floating],
        grid: FeatureGrid | None = None,
        *,
        fps: float | None = None,
        duration: float | None = None,
        name: str | None = None,
        everything: bool = False,
        progress: Callable[[int, int], object] = lambda done, total: None,
    ) -> Timeline:
        """The timeline of one video: the actions that the operating point of the run shows.

        Args:
            video: a video file, features in a .npy file, or features as an array (T, C).
            grid: of the features; that of the training data if absent, at `fps` where it has no frame rate of its own.
            fps: frame rate of the features' grid, where nothing else says it.
            duration: the video's length in seconds; no action ends later.
            name: of the timeline; the file's name if absent.
            everything: gives all that the network found instead, hundreds of actions with its own scores: what average
                precision is computed on.
            progress: is told how many frames of a video file are behind, and about how many there are.

        Raises:
            InputError: the video or the features are not as expected, or their frame rate is not known.
        """
        opened = self.surroundings.open(
            video, lambda path: self.extractor.extract(path, progress), grid=grid, fps=fps, duration=duration, name=name
        )
        nothing = torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)
        features = torch.from_numpy(opened.features)
        found = self.detect_samples([Sample(opened.name, features, *nothing, opened.grid, opened.duration)])[0]
        return found if everything else self.surroundings.operating_point.apply(found)

    @cached_property
    def network(self) -> Detector:
        """What computes: the detector as it is at first use, on a CPU in fp32 with fewer products.

        Networks that answer as published (`model.compat`) keep the published arithmetic too.
        """
        if self.device.type == "cpu" and self.precision == "fp32" and self.config.model.compat is None:
            return with_fewer_products(self.detector)
        return self.detector

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

    def detect_dataset(self, dataset: WholeVideos, progress: Callable[[int], object] = id) -> list[Timeline]:
        """The timelines of all videos, in the data set's order; `progress` is told how many were just done."""
        lengths = [len(dataset.features.read(video.id)) for video in dataset.videos]
        timelines: dict[int, Timeline] = {}
        for group in self._groups(lengths):
            for index, timeline in zip(group, self.detect_samples([dataset[i] for i in group]), strict=True):
                timelines[index] = timeline
            progress(len(group))
        return [timelines[index] for index in range(len(dataset))]

    @torch.no_grad()
    def detect_samples(self, samples: Sequence[Sample]) -> list[Timeline]:
        """The timelines of some videos, processed as one batch; padding changes nothing (law 1)."""
        batch = collate(samples).to(self.device)
        found = decode(self.network(batch.features, batch.mask), self.config.inference)
        return [
            self.surroundings.timeline(
                candidates,
                name=sample.id,
                features=sample.features.numpy(),
                grid=sample.grid,
                duration=sample.duration,
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


def load(
    path: str | Path,
    *,
    device: str | None = None,
    precision: str | None = None,
    video_scores: Path | None = None,
    backbone_weights: Weights = None,
) -> Predictor:
    """The trained model in a run folder, or in a repository of the Hugging Face hub (`owner/name`).

    Args:
        path: what `logotal train` wrote, or the project folder that it lies in; a string of the form `owner/name` that
            is no folder here is looked up on the hub.
        device: "cpu", "cuda", ...; the GPU where there is one if absent.
        precision: "auto", "fp32" or "bf16"; that of the configuration if absent.
        video_scores: JSON of external class scores; those that the configuration names if absent.
        backbone_weights: file of the network that makes features of videos, by stream where it has several; those that
            `logotal weights` fetched if absent.

    Raises:
        InputError: the folder is not a finished run, its weights do not fit its configuration, or there is no such
            precision or device.
    """
    device = find_device(device)
    run = Run(_local(path))
    config, labels = run.config(), run.labels()
    detector = build_detector(config.model, num_labels=len(labels))
    try:
        detector.load_state_dict(run.weights())
    except RuntimeError as error:
        first = str(error).split("\n\t")[1:2] or [str(error)]
        raise InputError(f"{run.folder}: the weights do not fit config.yaml and labels.json: {first[0]}") from error
    scores = video_scores or config.inference.video_scores
    surroundings = Surroundings(
        labels,
        config,
        video_scores=read_video_scores(scores, labels) if scores is not None else None,
        classifier=run.classifier(),
        operating_point=run.operating_point() or UNFITTED,
        feature_recipe=run.feature_recipe(),
        name=str(path),
    )
    return Predictor(detector, surroundings, device=device, precision=precision, backbone_weights=backbone_weights)


def _local(path: str | Path) -> Path:
    if Path(path).is_dir():
        return run_folder(path)
    if Path(path).exists():
        raise InputError(f"{path}: expected a run folder, found a file; name the folder that `logotal train` wrote")
    if isinstance(path, Path) or not HUB_NAME.fullmatch(path):
        raise InputError(f"{path}: no such run folder; name the folder that `logotal train` wrote")
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models that are not on disk
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # noqa: PLC0415

    try:
        return Path(snapshot_download(path, allow_patterns=["*.yaml", "*.json", "*.safetensors"]))
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise InputError(
            f"{path}: neither a run folder here nor a model that the Hugging Face hub gives ({type(error).__name__}); "
            "name the folder that `logotal train` wrote, or OWNER/NAME of a model there"
        ) from error
