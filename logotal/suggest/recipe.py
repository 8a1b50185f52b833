"""A recipe whose settings follow from the durations in a data set, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from logotal.callbacks import silent
from logotal.check.placing import place_by_duration, place_by_features
from logotal.check.reach import Reach, measure_reach
from logotal.config import Config, DataConfig
from logotal.data.arrange import arrange
from logotal.data.features import find_annotations
from logotal.data.selection import make_grid, open_source
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.ranges import check_range
from logotal.recipes import merge, read_recipe
from logotal.suggest.measured import placeable
from logotal.suggest.recipe_text import recipe_yaml
from logotal.suggest.suggestion import suggest
from logotal.tables import Table
from logotal.words import share

ANNOTATIONS = (".json", ".json.gz")
KEPT = {
    "model": "input_channels streams class_agnostic",
    "data": "annotations features file_prefix training_split evaluation_split protocol fps exclude ignored_labels "
    "backbone clips crops pixels depths differences pose views",
}
"""Settings that say what a data set is: they do not follow from durations."""


@dataclass(frozen=True)
class SuggestedRecipe:
    """A suggested recipe: its text, with the reason of every setting, and what it makes of the actions.

    `reaches` has the configurations that are compared, by name: the suggested one and, for a recipe, the present one.
    """

    text: str
    config: Config
    reaches: Mapping[str, tuple[Config, Reach]]

    def table(self) -> Table | None:
        """The share of the actions that each level answers for; None where no action lies on the grid."""
        return _table(self.reaches) if any(len(reach.steps) for _, reach in self.reaches.values()) else None


@dataclass(frozen=True)
class Present:
    """A data set as it is: its settings, the videos to measure, and the steps of their features where it has some."""

    config: Config
    videos: tuple[VideoTruth, ...]
    lengths: Mapping[str, int] | None


def suggest_recipe(
    source: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    fps: float | None = None,
    clip_frames: int | None = None,
    clip_stride: float | None = None,
) -> SuggestedRecipe:
    """The recipe that follows from how long actions and videos are.

    Args:
        source: a file of annotations (.json, .json.gz), or a recipe: a name, a .yaml file or a project folder.
        overrides: settings of the recipe, as nested values.
        fps: frame rate of the features; the recipe's if absent, or what is typical of the videos.
        clip_frames: frames of one clip; the recipe's if absent.
        clip_stride: frames between clips; chosen if absent and if there are no features.

    Raises:
        InputError: source or settings are not as expected.
    """
    check_range("--fps", fps, above=0)
    check_range("--clip-frames", clip_frames, least=1, whole=True)
    check_range("--clip-stride", clip_stride, above=0)
    chosen = {key: value for key, value in {"fps": fps, "clip_frames": clip_frames}.items() if value is not None}
    present = _read(source, merge(overrides or {}, {"data": chosen}))
    text, suggested = _suggest(present, source, clip_stride)
    configs = {"suggested": suggested} | ({} if source.endswith(ANNOTATIONS) else {"present": present.config})
    return SuggestedRecipe(
        text, suggested, {name: (config, _measure(present, config)) for name, config in configs.items()}
    )


def _suggest(present: Present, source: str, clip_stride: float | None) -> tuple[str, Config]:
    """The text of the suggested recipe, and the configuration that it holds."""
    data = present.config.data
    if data.clip_frames % 1:
        raise InputError(f"{source}: clips must have whole frames, found {data.clip_frames:g}; set --clip-frames")
    suggestion = suggest(
        present.videos,
        clip_frames=int(data.clip_frames),
        fps=data.fps if data.fps is not None else _typical_rate(present.videos, source),
        clip_stride=data.clip_stride if clip_stride is None and present.lengths is not None else clip_stride,
    )
    kept = _kept(present.config)
    header = f"Suggested by `logotal suggest` for split {data.training_split!r} of {source}."
    text = recipe_yaml(suggestion, header=header, fixed=kept)
    return text, Config.model_validate(merge(suggestion.settings, kept))


def _read(source: str, overrides: Mapping[str, Any]) -> Present:
    """The data set that a file of annotations or a recipe names, with all videos that may be trained on."""
    if source.endswith(ANNOTATIONS):
        config = Config.model_validate(merge({"data": {"annotations": source}}, overrides))
    else:
        config = read_recipe(source, overrides)
    if config.data.annotations is None:
        raise InputError("no annotations; name the file with --data.annotations FILE")
    data, features = config.data.model_copy(update={"hold_out": 0.0, "widen_points": 0.0}), None
    if "features" in overrides["data"] or (data.features is not None and data.features.is_dir()):
        opened = open_source(data, config.model.input_channels)
        truth, features = opened.annotations, opened.features
    else:  # a project whose features are not extracted yet names them, too
        truth = arrange(read_annotations(find_annotations(config.data.annotations, None)), data)
    try:
        videos = truth.split(data.training_split)
    except InputError as error:
        raise InputError(f"{error}; name the split to measure with --data.training-split") from error
    config = _with_evaluation_split(config, truth.splits())
    videos = tuple(video for video in videos if video.id not in data.exclude)
    if features is None:
        return Present(config, videos, None)
    lengths = {video.id: len(features.read(video.id)) for video in videos if video.id in features}
    videos = tuple(_with_duration(video, lengths[video.id], data) for video in videos if video.id in lengths)
    return Present(config, videos, lengths)


def _with_duration(video: VideoTruth, length: int, data: DataConfig) -> VideoTruth:
    """The video with the duration that its features have, where nobody said one."""
    if video.duration is not None:
        return video
    grid = make_grid(data, length=length, fps=video.fps, duration=None, where=f"video {video.id!r}")
    return replace(video, duration=grid.span(length))


def _with_evaluation_split(config: Config, splits: Sequence[str]) -> Config:
    """The settings with a split to evaluate on that exists, where only the default names one."""
    data = config.data
    others = [name for name in splits if name != data.training_split]
    if "evaluation_split" in data.model_fields_set or data.evaluation_split in others or not others:
        return config
    data = DataConfig.model_validate({**data.model_dump(exclude_unset=True), "evaluation_split": others[0]})
    return config.model_copy(update={"data": data})


def _typical_rate(videos: Sequence[VideoTruth], source: str) -> float:
    """The median frame rate of the videos, one that really occurs."""
    rates = sorted(video.fps for video in videos if video.fps is not None)
    if not rates:
        raise InputError(f"{source}: neither it nor its videos say the frame rate; set it with --fps")
    return rates[len(rates) // 2]


def _kept(config: Config) -> dict[str, dict[str, Any]]:
    """The settings that say what the data set is, where they are set."""
    kept: dict[str, dict[str, Any]] = {}
    for name, keys in KEPT.items():
        section = getattr(config, name)
        kept[name] = {key: getattr(section, key) for key in keys.split() if key in section.model_fields_set}
    return kept


def _measure(present: Present, config: Config) -> Reach:
    """What the model of some settings makes of the actions."""
    data, lengths = config.data, present.lengths
    videos = placeable(present.videos, data.widen_points)
    if lengths is not None and data.clip_stride == present.config.data.clip_stride:
        placed = place_by_features(videos, lengths, data).videos
    else:
        rate = data.fps if data.fps is not None else _typical_rate(videos, "the data set")
        placed = place_by_duration([replace(v, fps=v.fps or rate) for v in videos], data).videos
    return measure_reach(placed, config, silent)


def _table(reaches: Mapping[str, tuple[Config, Reach]]) -> Table:
    """The share of the actions that each level answers for, and those that nothing learns."""
    rows = [["actions answered by", *(cell for name in reaches for cell in (name, ""))]]
    for level in range(max(config.model.levels for config, _ in reaches.values())):
        cells = []
        for config, reach in reaches.values():
            if level < config.model.levels:
                low, high = config.model.regression_ranges[level]
                span = f"{low:g}-{high:g} steps" if high < float("inf") else f"from {low:g} steps"
                cells += [share(reach.per_level[level], len(reach.steps)), f"({span})"]
            else:
                cells += ["-", ""]
        rows.append([f"level {level}", *cells])
    for name, attribute in (
        ("no level", "unanswered"),
        ("too long for the head", "too_long"),
        ("too long for the window", "never_whole"),
    ):
        found = [(len(getattr(reach, attribute)), len(reach.steps)) for _, reach in reaches.values()]
        rows.append([name, *(cell for part, whole in found for cell in (share(part, whole), ""))])
    return Table(rows)
