"""The recipe of a project: made for its videos, and left as it is by an update."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from logotal.backbones.backbone import Backbone
from logotal.config import DataConfig
from logotal.data.subjects import with_classes
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.places import ANNOTATIONS, FEATURES, RECIPE
from logotal.project.dividing import Divided
from logotal.project.earlier import Earlier
from logotal.project.subjects import LANES, TOGETHER

BACKBONE = "i3d-rgb"
"""The network that makes the features where nothing is said."""
ALIKE = 1.1
"""Frame rates that differ by a greater factor are brought to one."""


def backbone_of(wanted: str | None, earlier: Earlier | None, out: Path) -> str:
    """The network whose features are wanted; an update has that of the recipe.

    Raises:
        InputError: another is wanted than the recipe names.
    """
    named = earlier.data.backbone if earlier and earlier.data else None
    if wanted and named and wanted != named:
        raise InputError(
            f"--backbone {wanted}: {out / RECIPE} names {named!r}, and an update leaves it as it is; change "
            "data.backbone there, or start over with --overwrite"
        )
    return wanted or named or BACKBONE


def new_recipe(divided: Divided, network: Backbone, subjects: str = TOGETHER) -> tuple[str, tuple[str, ...]]:
    """The text of the recipe that fits the training videos, and notes about it."""
    from logotal.suggest.recipe_text import recipe_yaml  # noqa: PLC0415 - needs the assigner, and so torch
    from logotal.suggest.suggestion import suggest  # noqa: PLC0415

    trained = [video for video in divided.videos if video.split == divided.training]
    if subjects == LANES:
        trained = [replace(video, actions=with_classes(video.actions)) for video in trained]
    rates = sorted(rate for video in divided.videos if (rate := network.fps or video.fps))
    fps = statistics.median_low(rates)
    suggestion = suggest(trained, clip_frames=network.clip_frames, fps=fps)
    fixed: dict[str, object] = {
        "data.annotations": ANNOTATIONS,
        "data.features": FEATURES,
        "data.backbone": network.name,
        "data.training_split": divided.training,
        "data.evaluation_split": divided.evaluation,
    }
    if subjects != TOGETHER:
        fixed["data.subjects"] = subjects
    notes = suggestion.notes
    if network.fps is not None:
        fixed["data.fps"] = network.fps
    elif rates[-1] > ALIKE * rates[0]:  # or else a clip lasts longer in one video than in another
        fixed["data.fps"] = fps
        notes = (*notes, f"videos of {rates[0]:g} to {rates[-1]:g} frames a second: all features are made at {fps:g}")
    made = (
        f"Made by `logotal init` for {len(divided.videos)} videos and features of {network.name}; change what you like."
    )
    return recipe_yaml(suggestion, header=made, fixed=fixed), notes


def kept_recipe_notes(videos: Sequence[VideoTruth], data: DataConfig, network: Backbone, out: Path) -> Iterator[str]:
    """What a recipe that is kept does not fit any more."""
    rates = sorted(video.fps for video in videos if video.fps)
    if network.fps is None and data.fps is None and rates[-1] > ALIKE * rates[0]:
        yield (
            f"videos of {rates[0]:g} to {rates[-1]:g} frames a second: set data.fps in {out / RECIPE} to one rate, or "
            "clips last longer in one video than in another"
        )
    for split in (data.training_split, data.evaluation_split):
        if split not in {video.split for video in videos}:
            yield f"{out / RECIPE} names the split {split!r}, in which no video is"
