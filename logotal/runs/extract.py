"""Features of videos: of files and folders by settings, like those of a run, or of a project as its recipe says."""

import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from logotal.backbones.backbone import find_backbone, lies_elsewhere
from logotal.callbacks import Progress, silent
from logotal.data.feature_recipe import Recipe, read_feature_recipe
from logotal.data.features import FeatureFolder
from logotal.device import find_devices
from logotal.errors import InputError
from logotal.extraction.clips import FLOW
from logotal.extraction.extractor import BATCH_SIZE
from logotal.extraction.folder import Settings, extract_folder, settings_like
from logotal.extraction.log import appending
from logotal.extraction.processes import Outcome
from logotal.extraction.runtime import RUNTIMES
from logotal.extraction.shard import Shard, find_shard
from logotal.files.remote import address
from logotal.places import RECIPE, is_project
from logotal.project.folder import open_project
from logotal.ranges import check_range
from logotal.runs.load import find_run
from logotal.video.files import find_videos


@dataclass(frozen=True)
class Extracted:
    """The folder of features, what became of each video, and the seconds that it took."""

    folder: Path
    outcomes: Sequence[Outcome]
    seconds: float

    @property
    def failed(self) -> list[Outcome]:
        """The videos of which there are no features."""
        return [outcome for outcome in self.outcomes if outcome.error]

    @property
    def skipped(self) -> int:
        """How many videos had their features already."""
        return sum(outcome.skipped for outcome in self.outcomes)

    @property
    def made(self) -> int:
        """How many videos have new features."""
        return len(self.outcomes) - len(self.failed) - self.skipped

    @property
    def duration(self) -> float:
        """Seconds of video that have new features; by `seconds`, the multiple of real time."""
        return sum(outcome.duration for outcome in self.outcomes)


def extract(
    videos: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    backbone: str | None = None,
    like: str | Path | None = None,
    weights: str | Path | Mapping[str, str | Path] | None = None,
    crops: str | None = None,
    flow: str | None = None,
    fps: float | None = None,
    clip_stride: int | None = None,
    clips: str | None = None,
    depths: str | None = None,
    differences: str | None = None,
    resize: int | None = None,
    crop_size: int | None = None,
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
    views: int | None = None,
    precision: str = "auto",
    runtime: str = RUNTIMES[0],
    batch_size: int | None = None,
    workers: int | None = None,
    device: str | Sequence[str] | None = None,
    shard: str | None = None,
    also: Mapping[Path, str] | None = None,
    progress: Progress = silent,
) -> Extracted:
    """Turns videos into features, once; a video that fails does not stop the others.

    Args:
        videos: video files, or folders of them; or one project folder, which says all the rest.
        out: folder for the features: a .npy and a .json per video, and features.json with the recipe of all.
        backbone: i3d-rgb, mobilenetv2, ...; or image:LOCATION or video:LOCATION, an ONNX file of an image network, a
            folder of a model that transformers knows, or OWNER/NAME on the Hugging Face hub.
        like: a run folder, OWNER/NAME on the hub, or a folder of features: extract in the way that it was made.
        weights: a file of weights or an address with its hash, by stream for a network of two; the fetched ones if
            absent.
        crops: center, or ten as the field's THUMOS14 features have; center if absent.
        flow: tvl1 as the field's features, or dis, far faster; tvl1 if absent.
        fps: frame rate that videos are brought to; the backbone's if absent.
        clip_stride: frames between clips; the backbone's if absent.
        clips: overlapping, each by itself as in the features of the field, or dense: the network goes along the video
            once (I3D, R(2+1)D), so that no frame is computed twice; overlapping if absent.
        depths: several: mean and maximum over the picture of the ends of I3D's three stages, joined along the channels
            (with clips dense); last, the mean of its last layer, if absent.
        differences: before, after or both: how a feature differs from the one before, how that after it does,
            is joined to it along the channels; nothing if absent.
        resize: length of the shorter side of frames; the backbone's rule if absent.
        crop_size: side of the square that the network sees; the backbone's if absent.
        mean: what is subtracted from values from 0 to 1, one number or one each for red, green and blue; what the files
            of the backbone say if absent.
        std: what they are divided by, likewise.
        views: how many further views of each video (mirrored, cut out, in another light) get features too, from which
            training draws with `data.views`; 0, or what a project's recipe says, if absent.
        precision: fp32, bf16, or auto: that of the folder or run, else bf16 where the hardware is fast at it, but for
            mobilenetv2.
        runtime: torch; or openvino, which makes the same features of overlapping clips on a CPU in less time.
        batch_size: crops of overlapping clips that go through the network together; 8 if absent.
        workers: processes; each holds the network. One for each device if absent.
        device: cpu, cuda, ..., or several: the k-th process computes on the k-th, and again from the first; the GPU if
            there is one.
        shard: NUMBER/COUNT, the first of which is 1: the videos of one of so many parts alone; `auto` is the part of a
            task in an array of SLURM, and `auto/COUNT` that of an indexed job of Kubernetes. All if absent.
        also: further video files of a project, and what each is called.
        progress: callback(videos done, videos in all), parts of a video included.

    Raises:
        InputError: the settings contradict each other, a folder holds features of another recipe, or the backbone
            cannot be loaded.
    """
    for each in mean:
        check_range("--mean", each)
    for each in std:
        check_range("--std", each, above=0)
    check_range("--fps", fps, above=0)
    check_range("--views", views, least=0, whole=True)
    for name, value in (
        ("clip-stride", clip_stride),
        ("resize", resize),
        ("crop-size", crop_size),
        ("batch-size", batch_size),
        ("workers", workers),
    ):
        check_range(f"--{name}", value, least=1, whole=True)
    places = [Path(videos)] if isinstance(videos, str | Path) else [Path(each) for each in videos]
    if not places:
        raise InputError("expected video files or folders of them, found none")
    devices, part = find_devices(device), None if shard is None else find_shard(shard)
    workers = len(devices) if workers is None else workers
    if workers < len(devices):
        raise InputError(f"--workers: expected at least {len(devices)}, one for each --device, found {workers}")
    where: dict[str, Any] = {"weights": weights, "precision": precision, "device": devices[0]}
    where |= {"batch_size": batch_size or BATCH_SIZE, "runtime": runtime}
    chosen = {
        "fps": fps,
        "clip_stride": clip_stride,
        "clips": clips,
        "depths": depths,
        "differences": differences,
        "resize": resize,
        "crop_size": crop_size,
        "mean": tuple(mean) or None,
        "std": tuple(std) or None,
    }
    changes = {key: value for key, value in chosen.items() if value is not None}
    if is_project(places[0]):
        ruled = (out, backbone, like, crops, flow, fps, clip_stride, clips, depths, differences, views)
        if len(places) > 1 or any(each is not None for each in ruled):
            raise InputError(
                f"{places[0]} is a project, whose {RECIPE} says what to extract, where to and at what rate"
            )
        names, out, settings, views = _of_project(places[0], changes, where)
        names |= {path: name for path, name in (also or {}).items() if name not in names.values()}
    else:
        names = {file: file.stem for file in find_videos(places)}
        settings = _settings(backbone, like, crops=crops, flow=flow, changes=changes, where=where)
    if out is None:
        raise InputError("name a folder for the features with --out DIR")
    if part is not None:
        names = {file: name for file, name in names.items() if part.holds(name)}
    began, outcomes, passes = time.monotonic(), [], 1 + (views or 0)
    for view in range(passes):

        def advance(done: float, total: int, before: int = view) -> None:
            progress(before * total + done, passes * total)

        folder = FeatureFolder(Path(out)).view(view).folder
        seen = replace(settings, view=view) if view else settings
        with appending(folder / log_name(part)) as append:
            outcomes += extract_folder(
                list(names),
                folder,
                seen,
                workers=workers,
                devices=devices,
                names=names,
                progress=advance,
                note=partial(_write_down, append),
            )
    return Extracted(Path(out), outcomes, time.monotonic() - began)


def log_name(shard: Shard | None) -> str:
    """The file beside the features with a line for each video that was made or failed; parts have their own.

    >>> log_name(None), log_name(Shard(3, 8))
    ('extract.jsonl', 'extract.3-of-8.jsonl')
    """
    return "extract.jsonl" if shard is None else f"extract.{shard.number}-of-{shard.count}.jsonl"


def _write_down(append: Callable[[str], None], outcome: Outcome) -> None:
    """Adds a line about a video: what became of it, in how many seconds, and on which machine."""
    became = {"outcome": "failed", "error": outcome.error} if outcome.error else {"outcome": "made"}
    line = {"video": address(outcome.video), **became, "seconds": round(outcome.seconds, 2), "host": platform.node()}
    append(json.dumps(line) + "\n")


def _settings(
    backbone: str | None,
    like: str | Path | None,
    *,
    crops: str | None,
    flow: str | None,
    changes: dict[str, Any],
    where: dict[str, Any],
) -> Settings:
    """How features are made, by the options."""
    if like is not None:
        if backbone or crops or flow or changes:
            raise InputError("--like says how features are made; leave out --backbone and the settings of the features")
        return settings_like(_recipe_of(like), **where)
    if backbone is None:
        raise InputError("name a network with --backbone (see `logotal weights list`), or a run with --like")
    if flow and (lies_elsewhere(backbone) or "flow" not in find_backbone(backbone).streams):
        raise InputError(f"{backbone} reads no flow; leave out --flow")
    return Settings(backbone, crops=crops or "center", changes=changes, flow=flow or FLOW, **where)


def _of_project(
    project: Path, changes: dict[str, Any], where: dict[str, Any]
) -> tuple[dict[Path, str], Path, Settings, int]:
    """The videos of a project with the names of their features, where these belong, how they are made; its views."""
    opened = open_project(project)
    data = opened.data
    if data.backbone is None:
        raise InputError(f"{project / RECIPE}: expected data.backbone to be set")
    if data.clip_frames % 1 or data.clip_stride is None or data.clip_stride % 1:
        found = f"data.clip_frames {data.clip_frames:g} and data.clip_stride {data.clip_stride}"
        raise InputError(f"{project / RECIPE}: clips are cut by whole frames, found {found}")
    told: dict[str, Any] = {"clip_stride": int(data.clip_stride), "clip_frames": int(data.clip_frames)}
    told |= {"clips": data.clips, "depths": data.depths, "differences": data.differences}
    told |= {"fps": data.fps} if data.fps is not None else {}
    if data.pixels is not None:
        seen = find_backbone(data.backbone).seeing(data.pixels)
        told |= {"crop_size": seen.crop_size, "resize": seen.resize}
    names = {file: video for video, file in opened.videos.items()}
    return names, opened.features, Settings(data.backbone, changes=told | changes, **where), data.views


def _recipe_of(like: str | Path) -> Recipe:
    """How the features of a run, of a model on the hub, or of a folder were made."""
    recipe = read_feature_recipe(find_run(like)[0])
    if recipe is None:
        raise InputError(f"{like}: does not say how its features were made, features.json is missing; name --backbone")
    return recipe
