"""Many videos to a folder of features: resumable, in several processes, one bad file does not lose the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from logotal.backbones.backbone import CLIPS, DEPTHS, Location
from logotal.backbones.load import load_backbone
from logotal.callbacks import Progress, silent
from logotal.data.feature_recipe import (
    ARITHMETIC,
    VIEW,
    Recipe,
    check_features_target,
    differences,
    holds_features_of,
    read_feature_recipe,
    read_video_features,
    write_feature_recipe,
)
from logotal.data.features import feature_file
from logotal.device import find_device
from logotal.errors import InputError
from logotal.extraction.arithmetic import arithmetic_of, continued, like
from logotal.extraction.clips import FLOW
from logotal.extraction.cluster import Cluster, on_cluster
from logotal.extraction.extractor import BATCH_SIZE, Extractor, choose_precision, feature_recipe
from logotal.extraction.processes import Outcome, extract_one, in_processes
from logotal.extraction.runtime import RUNTIMES, run_elsewhere
from logotal.files.cached import byte_size
from logotal.files.remote import check_shared, entries, is_remote
from logotal.files.whole import is_file
from logotal.video.probe import probe


@dataclass(frozen=True)
class Settings:
    """How features are made; the same settings make the same features."""

    backbone: str
    weights: Location | Mapping[str, Location] | None = None
    precision: str = "auto"
    device: str = "cpu"
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the backbone that are to differ: fps, clip_stride, clips, crops, resize, crop_size, mean, std,
    depths, differences, pose."""
    flow: str = FLOW
    """How flow is computed, where the backbone reads it."""
    made_in: str | None = None
    """The arithmetic of the features that these are to be like, where it is known: what the precision `auto` takes."""
    runtime: str = RUNTIMES[0]
    """What computes the network: torch, or openvino, which makes the same features on a CPU in less time."""
    batch_size: int = BATCH_SIZE
    """As of `Extractor`; features do not depend on it."""
    view: int = 0
    """As of `Extractor`."""

    def extractor(self) -> Extractor:
        """The extractor that these settings describe."""
        find_device(self.device)  # before weights are looked for
        loaded = load_backbone(self.backbone, self.weights, changes=self.changes)
        wanted = self.precision
        if wanted == "auto":
            wanted = loaded.backbone.precision if self.made_in is None else like(self.made_in, self.device)
        precision = choose_precision(wanted, self.device)
        if self.runtime != RUNTIMES[0]:
            loaded = run_elsewhere(loaded, self.runtime, arithmetic_of(precision), self.device)
        return Extractor(loaded, self.device, precision, self.batch_size, self.flow, self.view)


def settings_like(recipe: Recipe, **settings: Any) -> Settings:
    """The settings that make features of a recipe again; `settings` say where and with which weights.

    Raises:
        InputError: it is no recipe of features that were extracted here.
    """
    if recipe.get("origin") == "imported":
        raise InputError(
            "these features were imported, and cannot be made of videos here; import those of other videos"
        )
    try:
        crops, size = str(recipe["crop"]).split()
        changes = {key: recipe[key] for key in ("fps", "clip_frames", "clip_stride", "antialias")}
        resize = recipe["resize"]
        changes["clips"] = str(recipe.get("clips", CLIPS[0]))
        changes["rounded"] = bool(recipe.get("rounded", False))
        changes["depths"] = str(recipe.get("depths", DEPTHS[0]))
        changes["differences"] = str(recipe.get("differences", "none"))
        changes["pose"] = bool(recipe.get("pose", False))
        changes |= {
            "crops": crops,
            "resize": tuple(resize) if isinstance(resize, list) else resize,
            "crop_size": int(size),
        }
        flow = str(recipe.get("flow", FLOW))  # named only where the backbone reads it
        changes |= {key: tuple(recipe["normalization"][key]) for key in ("mean", "std")}
        settings["made_in"] = recipe.get(ARITHMETIC)
        settings["view"] = recipe.get(VIEW, 0)
        return Settings(str(recipe["backbone"]), changes=changes, flow=flow, **settings)
    except (KeyError, ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not a recipe of features that `logotal extract` made: {error!r}") from error


def matching_extractor(recipe: Recipe, **settings: Any) -> Extractor:
    """The extractor whose features have that recipe; `settings` as in `settings_like`.

    Raises:
        InputError: it would make other features after all, above all because its weights are others.
    """
    extractor = settings_like(recipe, **settings).extractor()
    if differing := differences(recipe, feature_recipe(extractor)):
        name = extractor.loaded.backbone.name
        raise InputError(f"{name} here makes other features than the model needs: {'; '.join(differing)}")
    return extractor


def extract_folder(
    videos: Sequence[Path],
    folder: Path,
    settings: Settings,
    *,
    workers: int = 1,
    devices: Sequence[str] = (),
    cluster: Cluster | None = None,
    names: Mapping[Path, str] | None = None,
    progress: Progress = silent,
    note: Callable[[Outcome], object] = silent,
    dry: bool = False,
) -> list[Outcome]:
    """Extracts features of all videos into a folder, and returns what became of each, in order.

    All are made in one arithmetic, that of the features which the folder holds already, where it says it.
    What is already there and was made from the same file by the same recipe is skipped. Each file appears whole or
    not at all, so a killed extraction goes on where it stopped. A video that fails is an outcome, not an exception.
    `names` are those of the feature files where they are not the videos' own. Of several processes, the k-th computes
    on the k-th of the `devices`, and again from the first; on that of the settings if there are none. Where there is a
    `cluster`, it makes them, so many at once. `progress` is callback(videos done, videos in all), parts of one
    included: they may be hours long; `note` is told each outcome of this call at once. A `dry` call makes and writes
    nothing: the outcomes of what it would make say how long each video is, or why it cannot be read.

    Raises:
        InputError: the folder holds features of another recipe or cannot be written, the backbone cannot be loaded, or
            several processes cannot begin.
    """
    done = 0.0

    def advance(count: float) -> None:
        nonlocal done
        done += count
        progress(min(done, len(videos)), len(videos))  # a video that is tried once more counts once

    if workers > 1 or cluster is not None:
        check_shared([folder, *videos])
    if is_remote(folder):
        entries(folder)  # asked for once, not for each video
    begun = (read_feature_recipe(folder) or {}).get(ARITHMETIC)
    if begun and settings.precision == "auto":
        settings = replace(settings, precision=continued(begun, settings.device, where=folder))
    extractor = settings.extractor()
    settings = replace(settings, precision=arithmetic_of(extractor.precision))  # no process chooses for itself
    targets = {video: feature_file(folder, (names or {}).get(video, video.stem)) for video in videos}
    for features in targets.values():
        check_features_target(features)
    recipe = feature_recipe(extractor)
    (holds_features_of if dry else write_feature_recipe)(folder, recipe)
    outcomes: dict[Path, Outcome] = {}
    for video in videos:
        if _is_done(video, targets[video]):
            outcomes[video] = Outcome(video, skipped=True)
            advance(1)
    left = {video: features for video, features in targets.items() if video not in outcomes}
    made: Iterator[Outcome]
    if dry:
        made = (_looked_at(video, advance) for video in left)
    elif cluster is not None:
        there = replace(settings, device=cluster.device)
        made = on_cluster(cluster, left, there, recipe, workers=workers, progress=advance)
    elif workers > 1 and len(left) > 1:
        made = in_processes(left, _on_devices(settings, devices), workers, advance)
    else:
        made = (extract_one(extractor, video, features, advance) for video, features in left.items())
    for outcome in made:
        outcomes[outcome.video] = outcome
        note(outcome)
    return [outcomes[video] for video in videos]


def _is_done(video: Path, features: Path) -> bool:
    try:
        about = read_video_features(features) if is_file(features) else None
        return about is not None and (about.source, about.source_bytes) == (video.name, byte_size(video))
    except (InputError, OSError):
        return False  # an unreadable sidecar is as good as none; a video that is gone fails where it is read


def _looked_at(video: Path, progress: Callable[[float], object]) -> Outcome:
    progress(1)
    try:
        return Outcome(video, duration=probe(video).duration)
    except (InputError, OSError) as error:
        return Outcome(video, error=str(error))


def _on_devices(settings: Settings, devices: Sequence[str]) -> list[Settings]:
    return [replace(settings, device=device) for device in devices] or [settings]
