"""The data set: videos as samples, whole or as random windows; and the order they come in.

Nothing here has a state that moves (law 6): a sample is a function of (seed, epoch, index), the order one of
(seed, epoch). A resumed run so sees what an undisturbed one would have seen, with any number of workers.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from logotal.config import DataConfig
from logotal.data.batch import Sample
from logotal.data.crop import clip_segments, crop_window
from logotal.data.feature_recipe import VIEW, differences, read_feature_recipe
from logotal.data.features import FeatureFolder, check_finite
from logotal.data.grid import FeatureGrid
from logotal.data.prepared import prepare, prepared_shape
from logotal.data.selection import make_grid
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.words import few


class WholeVideos(Dataset[Sample]):
    """Each video entire, for inference and evaluation; `label_index` gives the class index of each label."""

    def __init__(
        self,
        videos: Sequence[VideoTruth],
        features: FeatureFolder,
        config: DataConfig,
        label_index: Mapping[str, int],
    ) -> None:
        self.videos = videos
        self.features = features.here([video.id for video in videos])
        self.config = config
        self.label_index = label_index

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, index: int) -> Sample:
        video = self.videos[index]
        raw, grid = self._open(video, self.features)
        features, grid = self._prepare(self.features.path(video.id), raw, grid)
        segments, labels = on_grid(video, grid, self.label_index)
        actions, ignored = torch.from_numpy(segments).float(), torch.from_numpy(ignored_on_grid(video, grid)).float()
        return Sample(video.id, features, actions, labels, grid, video.duration, ignored)

    def _open(self, video: VideoTruth, folder: FeatureFolder) -> tuple[NDArray[np.floating], FeatureGrid]:
        raw = folder.read(video.id)
        where = f"video {video.id!r}"
        return raw, make_grid(self.config, length=len(raw), fps=video.fps, duration=video.duration, where=where)

    def _prepare(
        self, path: Path, raw: NDArray[np.floating], grid: FeatureGrid, *, first: int = 0
    ) -> tuple[Tensor, FeatureGrid]:
        check_finite(raw, path, first=first)
        features, grid = prepare(raw, grid, self.config)
        return torch.from_numpy(features), grid


class TrainingWindows(WholeVideos):
    """A random window of each video, in one of its views, chosen by (seed, epoch, index).

    Raises:
        InputError: a view of a video is missing, or is no view of these features.
    """

    def __init__(
        self,
        videos: Sequence[VideoTruth],
        features: FeatureFolder,
        config: DataConfig,
        label_index: Mapping[str, int],
        *,
        seed: int,
    ) -> None:
        super().__init__(videos, features, config, label_index)
        self.seed = seed
        ids = [video.id for video in videos]
        others = [features.view(number) for number in range(1, config.views + 1)]
        for view in others:
            check_view(view, features, ids)
        self.views = [self.features, *(view.here(ids) for view in others)]  # first the videos as they are

    def class_counts(self) -> Tensor:
        """How many actions of each class there are in all videos (K,)."""
        index = self.label_index
        found = [index[action.label] for video in self.videos for action in video.actions if action.label in index]
        return torch.bincount(torch.tensor(found, dtype=torch.long), minlength=max(index.values()) + 1)

    def __getitem__(self, key: int | tuple[int, int]) -> Sample:
        """The sample of `(epoch, index)`."""
        assert isinstance(key, tuple), "training samples are asked for by (epoch, index); see EpochOrder"
        epoch, index = key
        video = self.videos[index]
        view = self._view(epoch, index)
        path, (raw, disk_grid) = view.path(video.id), self._open(video, view)
        length, grid = prepared_shape(len(raw), disk_grid, self.config)
        segments, labels = on_grid(video, grid, self.label_index)
        margin = 0.5 * grid.clip_frames / grid.clip_stride
        generator = np.random.default_rng([self.seed, epoch, index])
        first, behind = crop_window(
            length,
            segments,
            window=self.config.window,
            crop=self.config.crop,
            keep=self.config.crop_keep,
            margin=margin,
            generator=generator,
        )
        if self.config.resize_to is None:  # only the window is read from disk
            step = self.config.downsample
            features, _ = self._prepare(path, raw[first * step : behind * step], disk_grid, first=first * step)
        else:
            features = self._prepare(path, raw, disk_grid)[0][:, first:behind]
        clipped, kept = clip_segments(segments, first, behind, keep=self.config.crop_keep, margin=margin)
        spans, seen = clip_segments(ignored_on_grid(video, grid), first, behind, keep=0.0, margin=margin)
        placed = torch.from_numpy(np.concatenate([clipped[kept], spans[seen]])).float()
        count = int(kept.sum())
        actions, ignored = placed[:count], placed[count:]
        return Sample(video.id, features, actions, labels[torch.from_numpy(kept)], grid, video.duration, ignored)

    def _view(self, epoch: int, index: int) -> FeatureFolder:
        """The features that a sample is cut from; the view is drawn by itself, so that windows are as without views."""
        others = len(self.views) - 1
        drawn = np.random.default_rng([self.seed, epoch, index, others]).integers(1 + others) if others else 0
        return self.views[drawn]


def check_view(view: FeatureFolder, features: FeatureFolder, videos: Sequence[str]) -> None:
    """Makes sure that a folder has a view of all videos, of which `features` are those as they are.

    Raises:
        InputError: one is missing or of another length, or the features were made otherwise.
    """
    cure = f"make them with `logotal extract PROJECT`, or with --views {view.folder.name}; or lower data.views"
    if missing := [video for video in videos if video not in view]:
        raise InputError(f"{view.folder}: no features of this view for {few(missing)}; {cure}")
    plain, seen = read_feature_recipe(features.folder), read_feature_recipe(view.folder)
    if plain is not None and seen is not None:
        without = {field: value for field, value in seen.items() if field != VIEW}
        if differing := differences(plain, without):
            raise InputError(f"{view.folder}: no view of the features in {features.folder}: {differing[0]}; {cure}")
    for video in videos:
        found, expected = view.shape(video)[0], features.shape(video)[0]
        if found != expected:
            raise InputError(
                f"{view.path(video)}: expected {expected} steps as in {features.folder}, found {found}; {cure}"
            )


class EpochOrder(Sampler[tuple[int, int]]):
    """The shuffled keys `(epoch, index)` of one epoch, dealt in turn to `replicas` processes of equal share.

    What all processes see in a step is so what one process would see with a batch of all their sizes. What does not
    divide evenly waits for another epoch, in which the order is another one. The first `done` keys are left out, but
    counted: Lightning takes the length for that of the whole epoch.
    """

    def __init__(self, length: int, *, epoch: int, seed: int, rank: int = 0, replicas: int = 1, done: int = 0) -> None:
        order = np.random.default_rng([seed, epoch]).permutation(length)
        share = length // replicas
        self.keys = [(epoch, int(index)) for index in order[rank::replicas][:share]]
        self.done = done

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.keys[self.done :])

    def __len__(self) -> int:
        return len(self.keys)


def on_grid(video: VideoTruth, grid: FeatureGrid, label_index: Mapping[str, int]) -> tuple[NDArray[np.float64], Tensor]:
    """The actions of a video with known labels: segments (N, 2) on the grid and class indices (N,)."""
    known = [action for action in video.actions if action.label in label_index]
    seconds = np.array([(action.start, action.end) for action in known], dtype=np.float64).reshape(-1, 2)
    return grid.steps(seconds), torch.tensor([label_index[action.label] for action in known], dtype=torch.long)


def ignored_on_grid(video: VideoTruth, grid: FeatureGrid) -> NDArray[np.float64]:
    """The ignored spans of a video (M, 2) on the grid."""
    return grid.steps(np.array(video.ignored, dtype=np.float64).reshape(-1, 2))


def label_index(labels: Sequence[str], *, class_agnostic: bool) -> dict[str, int]:
    """The class index of each label: its place, or 0 for all where the model knows one class only."""
    return {label: 0 if class_agnostic else index for index, label in enumerate(labels)}
