"""How features are made: by the options of a person, like those of a run or folder, or as a project's recipe says."""

from pathlib import Path
from typing import Any

from logotal.backbones.backbone import find_backbone, lies_elsewhere
from logotal.data.feature_recipe import Recipe, read_feature_recipe
from logotal.errors import InputError
from logotal.extraction.clips import FLOW
from logotal.extraction.folder import Settings, settings_like
from logotal.places import RECIPE
from logotal.project.folder import open_project
from logotal.runs.load import find_run


def settings_of(
    backbone: str | None,
    like: str | Path | None,
    *,
    flow: str | None,
    changes: dict[str, Any],
    where: dict[str, Any],
) -> Settings:
    """How features are made, by the options."""
    if like is not None:
        if backbone or flow or changes:
            raise InputError("--like says how features are made; leave out --backbone and the settings of the features")
        return settings_like(_recipe_of(like), **where)
    if backbone is None:
        raise InputError("name a network with --backbone (see `logotal weights list`), or a run with --like")
    if flow and (lies_elsewhere(backbone) or "flow" not in find_backbone(backbone).streams):
        raise InputError(f"{backbone} reads no flow; leave out --flow")
    if changes.get("crops") == "whole" and not lies_elsewhere(backbone):  # one number says how large whole frames are
        size = changes.get("crop_size") or changes.get("resize") or find_backbone(backbone).crop_size
        changes = {"resize": size, "crop_size": size} | changes
    return Settings(backbone, changes=changes, flow=flow or FLOW, **where)


def of_project(
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
    told |= {"clips": data.clips, "depths": data.depths, "differences": data.differences, "pose": data.pose}
    told |= {"fps": data.fps} if data.fps is not None else {}
    if data.pixels is not None or data.crops == "whole":
        seen = find_backbone(data.backbone)
        seen = seen if data.pixels is None else seen.seeing(data.pixels)
        seen = seen.whole() if data.crops == "whole" else seen
        told |= {"crops": seen.crops, "crop_size": seen.crop_size, "resize": seen.resize}
    names = {file: video for video, file in opened.videos.items()}
    return names, opened.features, Settings(data.backbone, changes=told | changes, **where), data.views


def _recipe_of(like: str | Path) -> Recipe:
    """How the features of a run, of a model on the hub, or of a folder were made."""
    recipe = read_feature_recipe(find_run(like)[0])
    if recipe is None:
        raise InputError(f"{like}: does not say how its features were made, features.json is missing; name --backbone")
    return recipe
