"""The predictor: what a user holds of a trained model. Videos or features in, timelines in seconds out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from logotal.config import Config
from logotal.data.batch import Sample, collate
from logotal.data.dataset import WholeVideos, label_index, prepare
from logotal.data.feature_recipe import Recipe, check_feature_recipe, read_video_features
from logotal.data.features import check_finite, read_features
from logotal.data.grid import FeatureGrid
from logotal.data.selection import make_grid
from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.decode import decode
from logotal.inference.fusion import VideoScores, read_video_scores
from logotal.inference.nms import suppress
from logotal.model.detector import Detector, build_detector
from logotal.run import Run
from logotal.timeline import Action, Timeline

if TYPE_CHECKING:
    from logotal.extraction.extractor import Extractor

Weights = str | Path | Mapping[str, str | Path] | None

STEPS_PER_VIDEO = 2304
"""Batches hold at most `batch_size` times so many padded steps: fewer videos where they are long."""


class Predictor:
    """A trained model with its labels and configuration.

    >>> import logotal
    >>> predictor = logotal.load("runs/thumos14")                  # doctest: +SKIP
    >>> timeline = predictor.detect("match.mp4")                  # doctest: +SKIP
    """

    def __init__(
        self,
        detector: Detector,
        labels: Sequence[str],
        config: Config,
        *,
        device: str = "cpu",
        video_scores: VideoScores | None = None,
        feature_recipe: Recipe | None = None,
        backbone_weights: Weights = None,
        name: str = "RUN",
    ) -> None:
        self.detector = detector.eval().to(device)
        self.labels = tuple(labels)
        self.label_index = label_index(labels, class_agnostic=config.model.class_agnostic)
        self.config = config
        self.device = torch.device(device)
        self.video_scores = video_scores
        self.feature_recipe = feature_recipe
        self.backbone_weights = backbone_weights
        self.name = name

    def detect(
        self,
        video: str | Path | NDArray[np.floating],
        grid: FeatureGrid | None = None,
        *,
        fps: float | None = None,
        duration: float | None = None,
        name: str | None = None,
        progress: Callable[[int, int], object] = lambda done, total: None,
    ) -> Timeline:
        """The timeline of one video.

        Args:
            video: a video file, features in a .npy file, or features as an array (T, C).
            grid: of the features; that of the training data if absent, at `fps` where it has no frame rate of its own.
            fps: frame rate of the features' grid, where nothing else says it.
            duration: the video's length in seconds; no action ends later.
            name: of the timeline; the file's name if absent.
            progress: is told how many frames of a video file are behind, and about how many there are.

        Raises:
            InputError: the video or the features are not as expected, or their frame rate is not known.
        """
        if isinstance(video, np.ndarray):
            raw, path, about = video, Path(name or "features"), None
            _check_array(raw, self.config.model.input_channels)
        elif Path(video).suffix == ".npy":
            path = Path(video)
            check_feature_recipe(path.parent, self.feature_recipe, run=self.name)
            raw, about = read_features(path, self.config.model.input_channels), read_video_features(path)
        else:
            path = Path(video)
            raw, about = self.extractor.extract(path, progress)
        if about is not None:
            fps, duration = fps or about.fps, duration or about.duration
        check_finite(raw, path)
        name = name or path.stem.removeprefix(self.config.data.file_prefix)
        if grid is None:
            grid = make_grid(self.config.data, length=len(raw), fps=fps, duration=duration, where=str(path))
        tensor, grid = prepare(raw, grid, self.config.data)
        nothing = torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)
        return self.detect_samples([Sample(name, tensor, *nothing, grid, duration)])[0]

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
        found = decode(self.detector(batch.features, batch.mask), self.config.inference)
        return [self._timeline(sample, candidates) for sample, candidates in zip(samples, found, strict=True)]

    def _timeline(self, sample: Sample, candidates: Candidates) -> Timeline:
        config = self.config.inference
        kept = suppress(candidates, config)
        if self.video_scores is not None:
            kept = self.video_scores.fuse(
                sample.id, kept, num_labels=config.video_labels, num_segments=config.video_segments
            )
        end = sample.duration if sample.duration is not None else sample.grid.span(sample.features.shape[1])
        seconds = np.clip(sample.grid.seconds(kept.segments), 0.0, end)
        names = self.labels if not self.config.model.class_agnostic or self.video_scores else ("action",)
        actions = (
            Action(start, stop, names[label], score)
            for (start, stop), label, score in zip(
                seconds.tolist(), kept.labels.tolist(), kept.scores.tolist(), strict=True
            )
            if stop > start
        )
        return Timeline(sample.id, tuple(actions), duration=sample.duration)

    def _groups(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Indices of videos of similar length, so that little is padded."""
        largest = self.config.inference.batch_size if self.config.model.compat is None else 1  # padding counts there
        budget = largest * STEPS_PER_VIDEO
        group: list[int] = []
        for index in np.argsort(lengths, kind="stable").tolist():
            full = len(group) == largest
            if group and (full or (len(group) + 1) * lengths[index] > budget):
                yield group
                group = []
            group.append(index)
        if group:
            yield group


def load(
    path: str | Path,
    *,
    device: str | None = None,
    video_scores: Path | None = None,
    backbone_weights: Weights = None,
) -> Predictor:
    """The trained model in a run folder, or in a repository of the Hugging Face hub (`owner/name`).

    Args:
        path: what `logotal train` wrote.
        device: "cpu", "cuda", ...; the GPU where there is one if absent.
        video_scores: JSON of external class scores; those that the configuration names if absent.
        backbone_weights: file of the network that makes features of videos, by stream where it has several; those that
            `logotal weights` fetched if absent.

    Raises:
        InputError: the folder is not a finished run, or its weights do not fit its configuration.
    """
    run = Run(_local(path))
    config, labels = run.config(), run.labels()
    detector = build_detector(config.model, num_labels=len(labels))
    try:
        detector.load_state_dict(run.weights())
    except RuntimeError as error:
        first = str(error).split("\n\t")[1:2] or [str(error)]
        raise InputError(f"{run.folder}: the weights do not fit config.yaml and labels.json: {first[0]}") from error
    scores = video_scores or config.inference.video_scores
    return Predictor(
        detector,
        labels,
        config,
        device=device or ("cuda" if torch.cuda.is_available() else "cpu"),
        video_scores=read_video_scores(scores, labels) if scores is not None else None,
        feature_recipe=run.feature_recipe(),
        backbone_weights=backbone_weights,
        name=str(path),
    )


def _local(path: str | Path) -> Path:
    if Path(path).is_dir():
        return Path(path)
    if isinstance(path, Path) or path.count("/") != 1 or path.startswith((".", "/")):
        raise InputError(f"{path}: no such run folder; name the folder that `logotal train` wrote")
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models that are not on disk
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    try:
        return Path(snapshot_download(path, allow_patterns=["*.yaml", "*.json", "*.safetensors"]))
    except (HfHubHTTPError, OSError) as error:
        raise InputError(f"{path}: neither a run folder nor a model on the hub ({type(error).__name__})") from error


def _check_array(features: NDArray[np.floating], channels: int | None) -> None:
    if features.ndim != 2 or len(features) == 0 or (channels is not None and features.shape[1] != channels):
        raise InputError(f"expected features (T, {channels or 'C'}) with T > 0, found {features.shape}")
