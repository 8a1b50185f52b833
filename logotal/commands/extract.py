"""`logotal extract`: video files to a folder of features."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from logotal.backbones.download import is_address
from logotal.commands.console import note, progress_bar
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.data.feature_recipe import Recipe
    from logotal.extraction.folder import Settings


def extract(
    *videos: Path,
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    backbone: str | None = None,
    like: Path | None = None,
    weights: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    crops: str | None = None,
    flow: str | None = None,
    fps: float | None = None,
    clip_stride: int | None = None,
    resize: int | None = None,
    crop_size: int | None = None,
    precision: str = "auto",
    workers: int = 1,
    device: str | None = None,
) -> None:
    """Turn videos into features, once; training and detection then work on those.

    Args:
        videos: Video files, or folders of them; or one project folder (`logotal init`), which says all the rest.
        out: Folder for the features: a .npy and a .json per video, and features.json with the recipe of all.
        backbone: i3d-rgb, i3d-two-stream, r2plus1d-tsp, ...; `logotal weights list` says what each is.
        like: A run folder or a folder of features: extract in the way that it was made.
        weights: A file of weights, or https://...#sha256=HASH; rgb=FILE and flow=FILE, each with its own --weights,
            for a network of two streams; those that `logotal weights` fetched if absent.
        crops: center, or ten as the field's THUMOS14 features have (ten times the work); center if absent.
        flow: tvl1 as the field's features, or dis, far faster; tvl1 if absent. Needs the extra flow.
        fps: Frame rate that videos are brought to; the backbone's if absent, for I3D that of the video.
        clip_stride: Frames between clips; the backbone's if absent.
        resize: Length of the shorter side of frames; the backbone's rule if absent.
        crop_size: Side of the square that the network sees; the backbone's if absent.
        precision: fp32, bf16, or auto: bf16 where the hardware is fast at it.
        workers: Processes; each holds the network.
        device: cpu, cuda, ...; the GPU if there is one.
    """
    from logotal.device import find_device  # noqa: PLC0415 - loaded when the command runs
    from logotal.extraction.folder import extract_folder  # noqa: PLC0415
    from logotal.extraction.videos import find_videos  # noqa: PLC0415
    from logotal.project.folder import RECIPE, is_project  # noqa: PLC0415

    if not videos:
        raise InputError("expected video files or folders of them, found none")
    where: dict[str, Any] = {
        "weights": weights_by_stream(weights),
        "precision": precision,
        "device": find_device(device),
    }
    chosen = {"fps": fps, "clip_stride": clip_stride, "resize": resize, "crop_size": crop_size}
    changes = {key: value for key, value in chosen.items() if value is not None}
    if is_project(videos[0]):
        if len(videos) > 1 or out or backbone or like or crops or flow or fps or clip_stride:
            raise InputError(
                f"{videos[0]} is a project, whose {RECIPE} says what to extract, where to and at what rate"
            )
        names, out, settings = _of_project(videos[0], changes, where)
    else:
        names = {file: file.stem for file in find_videos(videos)}
        settings = _settings(backbone, like, crops=crops, flow=flow, changes=changes, where=where)
    if out is None:
        raise InputError("name a folder for the features with --out DIR")
    with progress_bar("extracting", len(names)) as advance:
        outcomes = extract_folder(list(names), out, settings, workers=workers, names=names, progress=advance)
    failed = [outcome for outcome in outcomes if outcome.error]
    skipped = sum(outcome.skipped for outcome in outcomes)
    made = len(outcomes) - len(failed) - skipped
    note(f"{made} extracted, {skipped} were there already, {len(failed)} failed: {out}")
    for outcome in failed:
        note(f"failed: {outcome.error}")
    if failed:
        sys.exit(1)


def _settings(
    backbone: str | None,
    like: Path | None,
    *,
    crops: str | None,
    flow: str | None,
    changes: dict[str, Any],
    where: dict[str, Any],
) -> "Settings":
    """How features are made, by the options."""
    from logotal.backbones.backbone import find_backbone  # noqa: PLC0415
    from logotal.extraction.clips import FLOW  # noqa: PLC0415
    from logotal.extraction.folder import Settings, settings_like  # noqa: PLC0415

    if like is not None:
        if backbone or crops or flow or changes:
            raise InputError("--like says how features are made; leave out --backbone and the settings of the features")
        return settings_like(_recipe_of(like), **where)
    if backbone is None:
        raise InputError("name a network with --backbone (see `logotal weights list`), or a run with --like")
    if flow and "flow" not in find_backbone(backbone).streams:
        raise InputError(f"{backbone} reads no flow; leave out --flow")
    return Settings(backbone, crops=crops or "center", changes=changes, flow=flow or FLOW, **where)


def _of_project(
    project: Path, changes: dict[str, Any], where: dict[str, Any]
) -> "tuple[dict[Path, str], Path, Settings]":
    """The videos of a project with the names of their features, where these belong, and how they are made."""
    from logotal.backbones.backbone import find_backbone  # noqa: PLC0415
    from logotal.extraction.folder import Settings  # noqa: PLC0415
    from logotal.project.folder import RECIPE, open_project  # noqa: PLC0415

    opened = open_project(project)
    data = opened.data
    if data.backbone is None:
        raise InputError(f"{project / RECIPE}: expected data.backbone to be set")
    if data.clip_frames % 1 or data.clip_stride is None or data.clip_stride % 1:
        found = f"data.clip_frames {data.clip_frames:g} and data.clip_stride {data.clip_stride}"
        raise InputError(f"{project / RECIPE}: clips are cut by whole frames, found {found}")
    changes = changes | {"clip_stride": int(data.clip_stride), "clip_frames": int(data.clip_frames)}
    changes |= {"fps": data.fps} if data.fps is not None else {}
    names = {file: video for video, file in opened.videos.items()}
    return names, opened.features, Settings(find_backbone(data.backbone).name, changes=changes, **where)


def weights_by_stream(given: Sequence[str]) -> str | dict[str, str] | None:
    """What `--weights` names: nothing, one file, or files by stream.

    >>> weights_by_stream(["i3d.pt"]), weights_by_stream(["rgb=one.pt", "flow=other.pt"])
    ('i3d.pt', {'rgb': 'one.pt', 'flow': 'other.pt'})

    Raises:
        InputError: several, and not each for a stream of its own.
    """
    if not given:
        return None
    alone = given[0]
    if len(given) == 1 and ("=" not in alone or is_address(alone) or Path(alone).exists()):  # epoch=9.pt may be a file
        return alone
    files: dict[str, str] = {}
    for each in given:
        stream, _, file = each.partition("=")
        if not (stream and file) or is_address(each):
            raise InputError(f"--weights: expected one FILE, or STREAM=FILE for each stream, found {each!r}")
        if stream in files:
            raise InputError(f"--weights: expected one file for {stream}, found {files[stream]} and {file}")
        files[stream] = file
    return files


def _recipe_of(like: Path) -> "Recipe":
    """How the features of a run, or of a folder, were made."""
    from logotal.data.feature_recipe import read_feature_recipe  # noqa: PLC0415
    from logotal.project.folder import run_folder  # noqa: PLC0415

    recipe = read_feature_recipe(run_folder(like))
    if recipe is None:
        raise InputError(f"{like}: does not say how its features were made, features.json is missing; name --backbone")
    return recipe
