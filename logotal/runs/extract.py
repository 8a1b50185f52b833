"""Features of videos: of files and folders by settings, like those of a run, or of a project as its recipe says."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, silent
from logotal.data.features import FeatureFolder
from logotal.device import find_devices
from logotal.errors import InputError
from logotal.extraction.cluster import Cluster, find_cluster
from logotal.extraction.extractor import BATCH_SIZE
from logotal.extraction.folder import extract_folder
from logotal.extraction.log import appending
from logotal.extraction.processes import Outcome
from logotal.extraction.runtime import RUNTIMES
from logotal.extraction.shard import Shard, find_shard
from logotal.extraction.speed import speed_of
from logotal.files.remote import address as address_of
from logotal.places import RECIPE, is_project
from logotal.ranges import check_range
from logotal.runs.extract_settings import of_project, settings_of
from logotal.video.files import find_videos

ENGINES = ("local", "ray")
"""What shares the videos out: processes of this machine, or a Ray cluster."""


@dataclass(frozen=True)
class Extracted:
    """The folder of features, what became of each video, and the seconds that it took or, where dry, would take.

    Of each video that has further `views`, there is an outcome for each of these too.
    """

    folder: Path
    outcomes: Sequence[Outcome]
    seconds: float
    views: int = 0

    @property
    def failed(self) -> list[Outcome]:
        """The videos of which there are no features."""
        return [outcome for outcome in self.outcomes if outcome.error]

    @property
    def skipped(self) -> int:
        """How many videos had their features already, each view counted."""
        return sum(outcome.skipped for outcome in self.outcomes)

    @property
    def made(self) -> int:
        """How many videos have new features, each view counted."""
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
    pose: bool | None = None,
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
    engine: str = ENGINES[0],
    address: str = "auto",
    dry_run: bool = False,
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
        crops: what the network sees of a frame: center, ten as the field's THUMOS14 features have, or whole, all of it
            in its proportions (networks that convolve over time); center if absent.
        flow: tvl1 as the field's features, or dis, far faster; tvl1 if absent.
        fps: frame rate that videos are brought to; the backbone's if absent.
        clip_stride: frames between clips; the backbone's if absent.
        clips: overlapping, each by itself as in the features of the field, or dense: the network goes along the video
            once (I3D, R(2+1)D), so that no frame is computed twice; overlapping if absent.
        depths: several: mean and maximum over the picture of the ends of I3D's three stages, joined along the channels
            (with clips dense); last, the mean of its last layer, if absent.
        differences: before, after or both: how a feature differs from the one before, how that after it does,
            is joined to it along the channels; nothing if absent.
        pose: whether the pose of a person (`logotal weights pose`, extra `openvino`) is joined behind all that: the
            mean over the frames of a clip, and what changes in them; not if absent.
        resize: length of the shorter side of frames; the backbone's rule if absent.
        crop_size: side of the square that the network sees; the backbone's if absent.
        mean: what is subtracted from values from 0 to 1, one number or one each for red, green and blue; what the files
            of the backbone say if absent.
        std: what they are divided by, likewise.
        views: how many further views of each video (mirrored, cut out, in another light) get features too, from which
            training draws with `data.views`; what the recipe of a project says, or 0, if absent.
        precision: fp32, bf16, or auto: that of the folder or run, else bf16 where the hardware is fast at it, but for
            mobilenetv2.
        runtime: torch; or openvino, which makes the same features of overlapping clips on a CPU in less time.
        batch_size: crops of overlapping clips that go through the network together; 8 if absent.
        workers: processes; each holds the network. One for each device if absent.
        device: cpu, cuda, ..., or several: the k-th process computes on the k-th, and again from the first; the GPU if
            there is one.
        shard: NUMBER/COUNT, the first of which is 1: the videos of one of so many parts alone; `auto` is the part of a
            task in an array of SLURM, and `auto/COUNT` that of an indexed job of Kubernetes. All if absent.
        engine: local; or ray, which shares the videos among the machines of a Ray cluster (extra `ray`): `workers` are
            then tasks at once, one for each of its GPUs, or machines, if absent; `device` is cpu or cuda.
        address: of the head of the Ray cluster, HOST:PORT; auto, that to which this machine belongs, if absent.
        dry_run: make and write nothing, but open each video that has no features yet: what is returned says which
            cannot be read, and how long the others would take at the speed of this machine, of which a cluster is
            taken to have so many.
        also: further video files of a project, and what each is called; they get no views.
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
    part = None if shard is None else find_shard(shard)
    devices, workers, cluster = _engine(engine, address, device, workers)
    where: dict[str, Any] = {"weights": weights, "precision": precision, "device": devices[0]}
    where |= {"batch_size": batch_size or BATCH_SIZE, "runtime": runtime}
    chosen = {
        "fps": fps,
        "clip_stride": clip_stride,
        "clips": clips,
        "depths": depths,
        "differences": differences,
        "pose": pose,
        "resize": resize,
        "crops": crops,
        "crop_size": crop_size,
        "mean": tuple(mean) or None,
        "std": tuple(std) or None,
    }
    changes = {key: value for key, value in chosen.items() if value is not None}
    if is_project(places[0]):
        ruled = (out, backbone, like, crops, flow, fps, clip_stride, clips, depths, differences, pose)
        if len(places) > 1 or any(each is not None for each in ruled):
            raise InputError(
                f"{places[0]} is a project, whose {RECIPE} says what to extract, where to and at what rate"
            )
        names, out, settings, usual = of_project(places[0], changes, where)
        views = usual if views is None else views
        added = {path: name for path, name in (also or {}).items() if name not in names.values()}
    else:
        names, added = {file: file.stem for file in find_videos(places)}, {}
        settings = settings_of(backbone, like, flow=flow, changes=changes, where=where)
    if out is None:
        raise InputError("name a folder for the features with --out DIR")
    if batch_size is not None and settings.changes.get("clips") == "dense":
        raise InputError("--batch-size: dense clips are one pass along the video, without batches; leave it out")
    if part is not None:
        names = {file: name for file, name in names.items() if part.holds(name)}
        added = {file: name for file, name in added.items() if part.holds(name)}
    began, outcomes, passes = time.monotonic(), list[Outcome](), 1 + (views or 0)
    for view in range(passes):

        def advance(done: float, total: int, before: int = view) -> None:
            progress(before * total + done, passes * total)

        folder = FeatureFolder(Path(out)).view(view).folder
        seen = replace(settings, view=view) if view else settings
        lost = {outcome.video for outcome in outcomes if outcome.error}
        wanted = names if view else names | added  # nothing is learned from what was added
        wanted = {file: name for file, name in wanted.items() if file not in lost}
        with appending(folder / log_name(part)) as append:
            outcomes += extract_folder(
                list(wanted),
                folder,
                seen,
                workers=workers,
                devices=devices,
                cluster=cluster,
                names=wanted,
                progress=advance,
                note=silent if dry_run else partial(_write_down, append),
                dry=dry_run,
            )
    spent = time.monotonic() - began
    if dry_run and any(outcome.duration for outcome in outcomes):
        longest = max(outcomes, key=lambda outcome: outcome.duration).video
        machines = len(devices) if cluster is None else cluster.workers()
        spent = sum(outcome.duration for outcome in outcomes) / speed_of(settings.extractor(), longest) / machines
    return Extracted(Path(out), outcomes, spent, views or 0)


def _engine(
    engine: str, address: str, device: str | Sequence[str] | None, workers: int | None
) -> tuple[Sequence[str], int, Cluster | None]:
    """The devices, the first of which is used here; how many videos are made at once; and the cluster, if one is."""
    if engine not in ENGINES:
        raise InputError(f"--engine: expected {' or '.join(ENGINES)}, found {engine!r}")
    if engine == "ray":
        wanted = [device] if isinstance(device, str) else device
        cluster = find_cluster(address, " ".join(wanted) if wanted else None)
        return [cluster.here], cluster.workers(workers), cluster
    if address != "auto":
        raise InputError("--address is that of a Ray cluster; add --engine ray, or leave it out")
    devices = find_devices(device)
    if workers is not None and workers < len(devices):
        raise InputError(f"--workers: expected at least {len(devices)}, one for each --device, found {workers}")
    return devices, workers or len(devices), None


def log_name(shard: Shard | None) -> str:
    """The file beside the features with a line for each video that was made or failed; parts have their own.

    >>> log_name(None), log_name(Shard(3, 8))
    ('extract.jsonl', 'extract.3-of-8.jsonl')
    """
    return "extract.jsonl" if shard is None else f"extract.{shard.number}-of-{shard.count}.jsonl"


def _write_down(append: Callable[[str], None], outcome: Outcome) -> None:
    """Adds a line about a video: what became of it, in how many seconds, and on which machine."""
    became = {"outcome": "failed", "error": outcome.error} if outcome.error else {"outcome": "made"}
    line = {"video": address_of(outcome.video), **became, "seconds": round(outcome.seconds, 2), "host": outcome.host}
    append(json.dumps(line) + "\n")
