"""Frames become what a backbone reads: resized, cropped and normalized.

Frames are (T, H, W, channels) with values from 0 to 255: RGB, or the two components of optical flow that
`flow_frames` brings to that range. A whole stretch of video can be prepared at once, and clips be cut from the result
along its time axis.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor

from logotal.backbones.backbone import Backbone


def preprocess(frames: Tensor | NDArray[np.uint8], backbone: Backbone) -> Tensor:
    """What the network of `backbone` reads, (crops, channels, T, S, S), from frames (T, H, W, channels).

    Whole frames keep their proportions: (1, channels, T, S, S') or (1, channels, T, S', S).

    Args:
        frames: values from 0 to 255, uint8 or floating.
        backbone: says how to resize, crop and normalize.
    """
    if isinstance(frames, np.ndarray):
        frames = torch.from_numpy(np.require(frames, requirements=["C", "W"]))
    if frames.ndim != 4 or len(frames) == 0 or frames.shape[3] not in (2, 3):
        raise ValueError(f"frames must be (T, H, W, 3), or (T, H, W, 2) for flow, found {tuple(frames.shape)}")
    resized = resize(
        frames.permute(0, 3, 1, 2), backbone.resize, antialias=backbone.antialias, rounded=backbone.rounded
    )
    cropped = CUTS[backbone.crops](resized, backbone.crop_size)
    return normalize(cropped.transpose(1, 2), backbone.mean, backbone.std)


def resize(
    images: Tensor, to: int | tuple[int, int], *, antialias: bool, rounded: bool = False
) -> Float[Tensor, "T C H W"]:
    """Images (T, C, any height, any width), bilinearly resized; an integer is the length of the shorter side.

    Where values are `rounded`, the CPU resizes whole ones as such, which PyTorch is far faster at. It cannot on a GPU,
    which rounds afterwards: a value may there be another by 1.
    """
    height, width = images.shape[2:]
    if isinstance(to, int):
        to = (to, int(to * width / height)) if height <= width else (int(to * height / width), to)
    on_cpu = images.device.type == "cpu"
    images = images if rounded and on_cpu else images.float()
    if (height, width) != to:
        images = F.interpolate(images, to, mode="bilinear", antialias=antialias)
        images = images.round() if rounded and not on_cpu else images
    return images.float()


def center_crop(images: Float[Tensor, "T C H W"], size: int) -> Float[Tensor, "1 T C size size"]:
    """The square in the middle; where it cannot be halved, one more pixel goes as Python rounds."""
    top, left = (round((length - size) / 2) for length in images.shape[2:])
    return images[None, :, :, top : top + size, left : left + size]


def ten_crops(images: Float[Tensor, "T C H W"], size: int) -> Float[Tensor, "10 T C size size"]:
    """The center and the four corners, then the same mirrored.

    As in the published THUMOS features, mirrored flow keeps the sign of its horizontal component.
    """
    height, width = images.shape[2:]
    corners = [
        images[:, :, top : top + size, left : left + size] for top in (0, height - size) for left in (0, width - size)
    ]
    five = torch.stack([center_crop(images, size)[0], *corners])
    return torch.cat([five, five.flip(-1)])


def whole_frame(images: Float[Tensor, "T C H W"], size: int) -> Float[Tensor, "1 T C H W"]:
    """All of it; `size` is its shorter side already."""
    return images[None]


CUTS: dict[str, Callable[[Tensor, int], Tensor]] = {"center": center_crop, "ten": ten_crops, "whole": whole_frame}


def normalize(clips: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Float[Tensor, "K C T H W"]:
    """(value / 255 - mean) / std, with one mean for all channels or one per channel (axis 1)."""
    return (clips / 255 - _per_channel(mean, clips.device)) / _per_channel(std, clips.device)


@cache
def _per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    """The values on a device, copied there once: a GPU's queue would have to run empty for each copy."""
    return torch.tensor(values, device=device).view(-1, 1, 1, 1)


def flow_frames(flow: Float[Tensor, "T H W 2"], bound: float = 20.0) -> UInt8[Tensor, "T H W 2"]:
    """Optical flow in pixels per frame as frames: -20 and less is 0, standing still 128, 20 and more 255.

    The published features come from flow that was stored as 8-bit images, at the resized frames' scale of pixels.
    """
    return ((flow.clamp(-bound, bound) + bound) * (255 / (2 * bound))).round().to(torch.uint8)
