"""Which videos and actions take part, and a plain sentence for everything that does not (law 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from logotal.config import DataConfig
from logotal.data.arrange import arrange
from logotal.data.feature_recipe import Recipe, read_feature_recipe, read_video_features, video_sidecar
from logotal.data.features import FeatureFolder, find_annotations, find_features
from logotal.data.grid import FeatureGrid
from logotal.data.splits import HELD_OUT
from logotal.errors import InputError
from logotal.files.cached import copies
from logotal.files.remote import is_remote
from logotal.files.text import is_there
from logotal.formats.annotations import Annotations, VideoTruth, read_annotations
from logotal.timeline import Action

__all__ = [
    "HELD_OUT",
    "Selection",
    "Source",
    "arrange",
    "contradictions",
    "make_grid",
    "measure_channels",
    "open_source",
    "select",
    "with_rates",
]

GRID = ("clip_stride", "clip_frames", "fps")
"""Settings that a feature recipe says as well."""

SAME_RATE = 2e-4
"""Up to where two frame rates are one, relative to it: 29.97 for 30000/1001, but not for 30."""

NO_LENGTH_CURE = "--data.widen_points SECONDS gives one to events inside their video"


@dataclass(frozen=True)
class Source:
    """A data set on disk: its annotations and its feature files."""

    annotations: Annotations
    features: FeatureFolder


@dataclass(frozen=True)
class Selection:
    """The videos of a split that can be used, cleaned, and what was left out: one sentence each."""

    videos: tuple[VideoTruth, ...]
    left_out: tuple[str, ...]


def open_source(config: DataConfig, channels: int | None = None) -> Source:
    """The data set that a configuration names.

    Raises:
        InputError: features or annotations are not set, not where they are said to be, or do not fit the settings.
    """
    if config.features is None:
        raise InputError("no features; name their folder with --data.features DIR")
    if config.annotations is None:
        raise InputError("no annotations; name the file with --data.annotations FILE")
    folder = find_features(config.features, config.file_prefix)
    annotations = arrange(read_annotations(find_annotations(config.annotations, folder)), config)
    source = Source(annotations, FeatureFolder(folder, config.file_prefix, channels))
    recipe = read_feature_recipe(folder)
    if recipe is None:
        return source
    source = replace(source, annotations=with_rates(source.annotations, source.features))
    for sentence in contradictions(recipe, config, source):
        raise InputError(f"{folder}: {sentence}")
    return source


def contradictions(recipe: Recipe, config: DataConfig, source: Source) -> list[str]:
    """A sentence for each setting of the grid that is another one than that of the features.

    The annotations of the source have the frame rates of the features (`with_rates`).
    """
    pairs = [(key, getattr(config, key), recipe.get(key)) for key in GRID]
    sentences = [
        f"was extracted with {key} {found:g}, not {wanted:g}; set --data.{key} {found:g}"
        for key, wanted, found in pairs
        if wanted is not None and found is not None and wanted != found
    ]
    fps = config.fps
    if fps is None or recipe.get("fps") is not None:
        return sentences
    videos = [video for video in source.annotations.videos.values() if video.id in source.features]
    others = [video for video in videos if video.fps and abs(video.fps - fps) > SAME_RATE * fps]
    if others:
        sentences.append(
            f"was extracted at the frame rate of each video, {others[0].fps:g} in {others[0].id!r}, not {fps:g} "
            f"({len(others):,} of {len(videos):,} videos differ); leave fps out of the recipe's data, or extract at "
            f"{fps:g}"
        )
    return sentences


def with_rates(annotations: Annotations, features: FeatureFolder) -> Annotations:
    """The annotations with the frame rates that the sidecars of the features say."""
    if is_remote(features.folder):
        sidecars = (video_sidecar(features.path(video)) for video in annotations.videos)
        copies([sidecar for sidecar in sidecars if is_there(sidecar)])  # many at once, which are then read one by one
    videos = {name: _with_rate(video, features) for name, video in annotations.videos.items()}
    return replace(annotations, videos=videos)


def _with_rate(video: VideoTruth, features: FeatureFolder) -> VideoTruth:
    about = read_video_features(features.path(video.id)) if video.id in features else None
    return video if about is None else replace(video, fps=about.fps, duration=video.duration or about.duration)


def measure_channels(source: Source) -> int:
    """The channels of the first feature file that belongs to an annotated video."""
    for video in source.annotations.videos:
        if video in source.features:
            return source.features.shape(video)[1]
    raise InputError(
        f"{source.features.folder}: none of the {len(source.annotations.videos)} annotated videos has a file "
        f"{source.features.path('<video>').name}; the first is {next(iter(source.annotations.videos), None)!r}"
    )


def make_grid(config: DataConfig, *, length: int, fps: float | None, duration: float | None, where: str) -> FeatureGrid:
    """The grid of a video's features as they lie on disk.

    `config.fps` and `config.clip_stride` rule; what they leave open comes from the video.

    Raises:
        InputError: neither says the frame rate, or the stride depends on a duration that is not known.
    """
    fps = config.fps if config.fps is not None else fps
    if config.clip_stride is not None:
        if fps is None:
            raise InputError(f"{where}: the frame rate is not known; set it with --data.fps")
        return FeatureGrid(fps=fps, clip_stride=config.clip_stride, clip_frames=config.clip_frames)
    if duration is None:
        raise InputError(f"{where}: features that span the duration evenly need one; add 'duration' to the annotations")
    fps = fps if fps is not None else 1.0  # any rate gives the same seconds
    stride = duration * fps / length
    return FeatureGrid(fps=fps, clip_stride=stride, clip_frames=stride)


def select(source: Source, split: str, config: DataConfig, labels: Sequence[str]) -> Selection:
    """The usable videos of a split, and sentences about the rest.

    A video without a feature file is left out. Actions are left out if their label is not among `labels`, if they
    have no length, or if less than `crop_keep` of them lies within the features; duplicates are merged. An action that
    reaches out of the features with less stays as it is: training cuts it there (`crop.clip_segments`), evaluation
    takes it whole, as the field does.

    Raises:
        InputError: nothing usable is left, or an excluded video does not exist.
    """
    annotated = source.annotations.split(split)
    for video_id in config.exclude:
        if video_id not in source.annotations.videos:
            raise InputError(f"data.exclude names {video_id!r}, which is not in {source.annotations.source}")
    videos, left_out = [], []
    for video in annotated:
        if video.id in config.exclude:
            left_out.append(f"{video.id}: excluded by data.exclude")
        elif video.id not in source.features:
            left_out.append(f"{video.id}: no feature file {source.features.path(video.id).name}")
        else:
            kept, dropped = _usable_actions(video, source.features, config, labels)
            videos.append(replace(video, actions=kept))
            left_out.extend(f"{video.id}: {sentence}" for sentence in dropped)
    if not videos:
        raise InputError(
            f"{source.features.folder}: none of the {len(annotated)} videos in split {split!r} has features; "
            f"expected files like {source.features.path(annotated[0].id).name}"
        )
    if split == config.training_split:
        left_out.extend(_labels_held_out(source.annotations, annotated))
    return Selection(tuple(videos), tuple(left_out))


def _labels_held_out(annotations: Annotations, training: Sequence[VideoTruth]) -> list[str]:
    """A sentence for each label that the held-out videos have and those to train on have not."""
    learned = {action.label for video in training for action in video.actions}
    other = {a.label for video in annotations.videos.values() if video.split == HELD_OUT for a in video.actions}
    return [
        f"label {label!r}: only in what data.hold_out holds out, so that nothing learns it"
        for label in annotations.labels
        if label in other - learned
    ]


def _usable_actions(
    video: VideoTruth, features: FeatureFolder, config: DataConfig, labels: Sequence[str]
) -> tuple[tuple[Action, ...], list[str]]:
    length = features.shape(video.id)[0]
    grid = make_grid(config, length=length, fps=video.fps, duration=video.duration, where=f"video {video.id!r}")
    span = grid.span(length)
    kept: list[Action] = []
    dropped: list[str] = []
    for action in video.actions:
        named = f"action {action.label!r} {action.start:g}-{action.end:g} s"
        inside = min(action.end, span) - max(action.start, 0.0)
        if action.label not in labels:
            dropped.append(f"{named} has a label that the model does not know")
        elif action.duration <= 0:
            dropped.append(f"{named} has no length; {NO_LENGTH_CURE}")
        elif inside <= 0 or inside / (action.end - action.start) < config.crop_keep:
            dropped.append(f"{named} lies outside the features, which span 0-{span:.2f} s")
        elif any(action.repeats(other) for other in kept):
            dropped.append(f"{named} is annotated twice; the second is ignored")
        else:
            kept.append(action)
    return tuple(kept), dropped
