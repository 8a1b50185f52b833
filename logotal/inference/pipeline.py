"""What comes before and after a network in use: features in, timelines out. Nothing here loads torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.config import Config, InferenceConfig
from logotal.data.feature_recipe import Recipe, VideoFeatures, check_feature_recipe, read_video_features
from logotal.data.features import check_finite, read_features
from logotal.data.grid import FeatureGrid
from logotal.data.prepared import prepare
from logotal.data.selection import make_grid
from logotal.data.subjects import label_and_subject, with_classes, with_subjects
from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.lengths import Wanted, check_wanted, instead
from logotal.inference.nms import suppress
from logotal.inference.operating_point import UNFITTED, OperatingPoint
from logotal.inference.video_classifier import VideoClassifier
from logotal.inference.video_scores import VideoScores, fuse
from logotal.ranges import check_range
from logotal.timeline import Action, Timeline

Extract = Callable[[Path], tuple[NDArray[np.float32], VideoFeatures]]
"""Makes features of a video file."""


@dataclass(frozen=True)
class Opened:
    """One video as a network takes it: `features` (C, T) on their `grid`; `duration` in seconds where it is known."""

    name: str
    features: NDArray[np.float32]
    grid: FeatureGrid
    duration: float | None


@dataclass(frozen=True)
class Pipeline:
    """What a trained model needs besides its weights.

    Attributes:
        labels: in class-index order.
        config: of the run.
        video_scores: external class scores, for a class-agnostic model.
        classifier: gives such a model its labels where there are no external scores.
        operating_point: which actions are shown, and with which score.
        feature_recipe: how the features that it was trained on were made, where that is known.
        name: of the run, for errors.
        on_hub: OWNER/NAME@COMMIT of a model on the Hugging Face hub; None of one that lies here.
    """

    labels: tuple[str, ...]
    config: Config
    video_scores: VideoScores | None = None
    classifier: VideoClassifier | None = None
    operating_point: OperatingPoint = UNFITTED
    feature_recipe: Recipe | None = None
    name: str = "RUN"
    on_hub: str | None = None

    def open(
        self,
        video: str | Path | NDArray[np.floating],
        extract: Extract,
        *,
        grid: FeatureGrid | None = None,
        fps: float | None = None,
        duration: float | None = None,
        name: str | None = None,
    ) -> Opened:
        """The features of a video file (by `extract`), of a .npy file or of an array (T, C), ready for the network.

        Raises:
            InputError: the video or the features are not as expected, or their frame rate is not known.
        """
        check_range("fps", fps, above=0)
        check_range("duration", duration, above=0)
        if isinstance(video, np.ndarray):
            raw, path, about = video, Path(name or "features"), None
            _check_array(raw, self.config.model.input_channels)
        elif Path(video).suffix == ".npy":
            path = Path(video)
            check_feature_recipe(path.parent, self.feature_recipe, run=self.name)
            raw, about = read_features(path, self.config.model.input_channels), read_video_features(path)
        else:
            path = Path(video)
            raw, about = extract(path)
        if about is not None:
            fps, duration = fps or about.fps, duration or about.duration
        check_finite(raw, path)
        if grid is None:
            grid = make_grid(self.config.data, length=len(raw), fps=fps, duration=duration, where=str(path))
        features, grid = prepare(raw, grid, self.config.data)
        name = name or path.stem.removeprefix(self.config.data.file_prefix)
        return Opened(name, features, grid, duration)

    @property
    def labels_from(self) -> str | None:
        """A sentence on what gives actions their labels, where the network does not (law 10)."""
        if self.video_scores is not None:
            return f"labels come from external scores in {self.video_scores.source}"
        if not self.config.model.class_agnostic:
            return None
        if self.classifier is not None:
            return self.classifier.sentence
        return f"{self.name}: knows one class and has no video classifier: all is 'action' without --video-scores"

    def limits(self, steps: int, *, everything: bool) -> InferenceConfig:
        """How many candidates and segments a video of so many grid steps may have.

        What average precision is computed on has the limits of the protocol, `everything`. Of what is to be shown each
        length of a training window has them: a film has more actions than the videos of a data set.
        """
        config, windows = self.config.inference, -(-steps // self.config.data.window)
        if everything or windows <= 1:
            return config
        limited = ("candidates_per_level", "max_segments", "video_segments")
        return config.model_copy(update={name: windows * getattr(config, name) for name in limited})

    def timeline(
        self,
        candidates: Candidates,
        *,
        name: str,
        features: NDArray[np.float32],
        grid: FeatureGrid,
        duration: float | None,
        config: InferenceConfig | None = None,
    ) -> Timeline:
        """What remains of the candidates of a video with features (C, T), in seconds, within the video.

        `config` instead of that of the run.
        """
        config = config or self.config.inference
        kept = suppress(candidates, config)
        best = {"num_labels": config.video_labels, "num_segments": config.video_segments}
        names: Sequence[str] = self.labels
        if self.video_scores is not None:
            kept = self.video_scores.fuse(name, kept, **best)
        elif self.config.model.class_agnostic and self.classifier is not None:
            kept = fuse(self.classifier.scores(features), kept, **best)
        elif self.config.model.class_agnostic:
            names = ("action",)
        end = duration if duration is not None else grid.span(features.shape[1])
        seconds = np.clip(grid.seconds(kept.segments), 0.0, end)
        actions = (
            Action(start, stop, names[label], score)
            for (start, stop), label, score in zip(
                seconds.tolist(), kept.labels.tolist(), kept.scores.tolist(), strict=True
            )
            if stop > start
        )
        return Timeline(name, tuple(actions), duration=duration)

    def shown(
        self,
        found: Timeline,
        *,
        threshold: float | None = None,
        max_overlap: float | None = None,
        across_labels: bool | None = None,
        min_duration: Wanted = None,
        merge_gap: Wanted = None,
    ) -> Timeline:
        """What the operating point shows of all that was found in a video (`by_subject`); options as of its `apply`.

        Raises:
            InputError: an option is not as expected, or names a label that the model does not have.
        """
        lengths = [self._by_class(wanted) for wanted in (min_duration, merge_gap)]
        for wanted, name in zip(lengths, ("min_duration", "merge_gap"), strict=True):
            check_wanted(wanted, self.labels, name)
        shown = self.operating_point.apply(
            replace(found, actions=with_classes(found)) if self._lanes else found,
            threshold=threshold,
            max_overlap=max_overlap,
            across_labels=across_labels,
            min_duration=lengths[0],
            merge_gap=lengths[1],
        )
        shown, moments = self.by_subject(shown), frozenset(self.config.data.moments or ())
        if not moments:
            return shown
        return replace(shown, actions=tuple(_moment(each) if each.label in moments else each for each in shown))

    def widest_gap(self, merge_gap: Wanted = None) -> float:
        """Seconds between two actions that may still be shown as one; `merge_gap` as of `shown`."""
        return max(instead(self.operating_point.gap, self._by_class(merge_gap), self.labels).values(), default=0.0)

    def by_subject(self, found: Timeline) -> Timeline:
        """What a network found, with label and subject apart where its classes are those of subjects."""
        return replace(found, actions=with_subjects(found)) if self._lanes else found

    @property
    def _lanes(self) -> bool:
        return self.config.data.subjects == "lanes"

    def _by_class(self, wanted: Wanted) -> Wanted:
        """Seconds by class: what is said of a label holds for each of its subjects."""
        if not self._lanes or not isinstance(wanted, Mapping):
            return wanted
        classes: dict[str, list[str]] = {}
        for name in self.labels:
            classes.setdefault(label_and_subject(name)[0], []).append(name)
        labels = {each: wanted[label] for label in wanted for each in classes.get(label, [label])}
        return labels | {name: wanted[name] for name in self.labels if name in wanted}


def _moment(action: Action) -> Action:
    """The middle of an action, which is what the network was to find."""
    middle = (action.start + action.end) / 2
    return replace(action, start=middle, end=middle)


def _check_array(features: NDArray[np.floating], channels: int | None) -> None:
    if features.ndim != 2 or len(features) == 0 or (channels is not None and features.shape[1] != channels):
        raise InputError(f"expected features (T, {channels or 'C'}) with T > 0, found {features.shape}")
