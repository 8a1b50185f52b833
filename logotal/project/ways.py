"""How the features of a project are made: as accurately as this machine can in bearable time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from logotal.backbones.backbone import CLIPS, DEPTHS, Backbone, find_backbone
from logotal.project.kept_recipe import USUAL
from logotal.suggest.suggestion import Suggestion
from logotal.words import duration

BEARABLE = 600.0
"""Seconds that extraction may take in any case; beyond, it may take as long as the videos last."""
SLOWEST_CLIP = 1.0
"""Seconds of a clip on the slowest machines: what is bearable even so needs no measurement."""
SHARP = 8
"""Frames that a feature of I3D along a video stands for: one moment of the network; of 16 it is the mean of two."""
LARGEST = 4e9
"""Bytes of features: eight hours of several depths."""
USUAL_STRIDE = 4
"""Frames between features, about."""
LARGE = 224
"""Pixels of a side of which a half still shows something."""
LIGHT = "mobilenetv2"
"""The network for what no other can do in time; it sees motion by differences only (docs/features.md)."""


@dataclass(frozen=True)
class Plan:
    """A way to make features: the network with all that differs, the settings that follow, and the rate of frames.

    `slowed` says why the rate is below that of the videos; it is empty where it is not.
    """

    network: Backbone
    suggestion: Suggestion
    fps: float
    slowed: str = ""

    def is_small(self, seconds: float) -> bool:
        """Whether videos of so many seconds have so few clips that they are bearable everywhere."""
        return SLOWEST_CLIP * seconds * self.fps / self.network.clip_stride <= BEARABLE


@dataclass(frozen=True)
class Tried:
    """A plan, and how many seconds of video it does in a second here; None where that was not measured."""

    plan: Plan
    factor: float | None

    def is_bearable(self, seconds: float, passes: int = 1) -> bool:
        """Whether videos of so many seconds, seen so many times, are done in bearable time, as far as is known."""
        return self.factor is None or passes * seconds / self.factor <= max(BEARABLE, seconds)


def ways(backbone: str | None) -> list[Backbone]:
    """The ways to make features with a network, or with any of ours: the most accurate first, the fastest last.

    Several depths along the video are more accurate than overlapping clips and take a fraction of the time. They see
    whole frames: a square would lose what happens at their sides.

    Raises:
        InputError: there is no such network.
    """
    network = find_backbone(backbone or USUAL)
    found = [network] if network.deep_channels is None else []
    if network.dense_stride is not None:
        dense = replace(network.whole(), clips="dense")
        if network.deep_channels is not None:
            dense = replace(dense, depths=DEPTHS[1], clip_frames=SHARP)
        found += [dense, dense.seeing(network.crop_size // 2)] if network.crop_size >= LARGE else [dense]
    return found if backbone else [*found, replace(find_backbone(LIGHT), differences="both")]


def byte_size(network: Backbone, seconds: float, fps: float) -> float:
    """Bytes of the features of so many seconds of video, about."""
    return 4 * sum(network.streams_channels) * seconds * fps / USUAL_STRIDE


def bearable(network: Backbone, seconds: float, fps: float) -> Backbone:
    """The same, with its last layer alone where several depths of so many seconds of video would fill the disk."""
    if network.depths == DEPTHS[0] or byte_size(network, seconds, fps) <= LARGEST:
        return network
    return replace(network, depths=DEPTHS[0])


def by_clips(network: Backbone) -> Backbone:
    """The same on overlapping clips, which may begin at any frame."""
    return replace(network, clips=CLIPS[0], depths=DEPTHS[0], clip_frames=find_backbone(network.name).clip_frames)


def choose(
    plans: Iterator[Plan], speed: Callable[[Backbone], float | None], seconds: float, passes: int = 1
) -> list[Tried]:
    """The plans that were tried; the last one is chosen: the first that is done in bearable time, or the fastest.

    Further views of the videos come before twice the resolution, and behind a network that sees motion.

    Args:
        plans: the most accurate first; at least one.
        speed: how many seconds of video a network does in a second; measured when it is called.
        seconds: how long all videos last.
        passes: how many times each is seen, if that is bearable.
    """
    tried: list[Tried] = []
    for plan in plans:
        if plan.network.name == LIGHT and tried and tried[-1].is_bearable(seconds):
            break
        tried.append(Tried(plan, None if plan.is_small(passes * seconds) else speed(plan.network)))
        if tried[-1].is_bearable(seconds, passes):
            break
    return tried


def told(tried: Sequence[Tried], seconds: float, passes: int = 1) -> str:
    """How features are made and how long it takes here, beside what takes too long.

    Each video is seen so many times (`data.views` and as it is).
    """
    *slower, chosen = tried
    sentence = f"features: {chosen.plan.network.summary()}; {_time_of(chosen, seconds, passes)}"
    if slower:
        sentence += f" (--accurate: {slower[0].plan.network.summary()}, {_time_of(slower[0], seconds, passes)})"
    return sentence


def _time_of(tried: Tried, seconds: float, passes: int) -> str:
    if tried.factor is None and tried.plan.is_small(passes * seconds):
        return f"extraction takes less than {duration(BEARABLE)}"
    if tried.factor is None:
        return "how long it takes is not known"
    spent, times = duration(passes * seconds / tried.factor), "" if passes == 1 else f", {passes} times"
    return f"extraction takes about {spent} here, {tried.factor:.2g} x real time{times}"
