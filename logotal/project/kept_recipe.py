"""What is wanted of the recipe of a project, and what an update, which leaves it as it is, has to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from logotal.backbones.backbone import find_backbone
from logotal.config import DataConfig
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.places import RECIPE
from logotal.project.earlier import Earlier

USUAL = "i3d-rgb"
"""The network that makes the features where nothing is said and nothing is in a hurry."""
ALIKE = 1.1
"""Frame rates that differ by a greater factor are brought to one."""


@dataclass(frozen=True)
class Wanted:
    """What is said about the features: their network, or how long extraction may take."""

    backbone: str | None = None
    fast: bool = False
    accurate: bool = False

    def check(self, earlier: Earlier | None, out: Path) -> None:
        """Makes sure that nothing else is wanted than what the recipe of an earlier project says, which stays.

        Raises:
            InputError: it is; or both ends are wanted.
        """
        if self.fast and self.accurate:
            raise InputError("--fast and --accurate: expected one of the two at most")
        if not earlier or not earlier.data:
            return
        named = earlier.data.backbone
        if self.backbone and named and self.backbone != named:
            raise InputError(
                f"--backbone {self.backbone}: {out / RECIPE} names {named!r}, and an update leaves it as it is; change "
                "data.backbone there, or start over with --overwrite"
            )
        if self.fast or self.accurate:
            option = "--fast" if self.fast else "--accurate"
            raise InputError(
                f"{option}: an update leaves {out / RECIPE}, which says how features are made, as it is; start over "
                "with --overwrite"
            )


def differ(rates: Sequence[float]) -> bool:
    """Whether sorted frame rates lie so far apart that a clip would last longer in one video than in another."""
    return rates[-1] > ALIKE * rates[0]


def kept_recipe_notes(videos: Sequence[VideoTruth], data: DataConfig, out: Path) -> Iterator[str]:
    """What a recipe that is kept does not fit any more."""
    network = find_backbone(data.backbone or USUAL)
    rates = sorted(video.fps for video in videos if video.fps)
    if network.fps is None and data.fps is None and differ(rates):
        yield (
            f"videos of {rates[0]:g} to {rates[-1]:g} frames a second: set data.fps in {out / RECIPE} to one rate, or "
            "clips last longer in one video than in another"
        )
    for split in (data.training_split, data.evaluation_split):
        if split not in {video.split for video in videos}:
            yield f"{out / RECIPE} names the split {split!r}, in which no video is"
