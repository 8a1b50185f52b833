"""Frames to batches of clips, per stream: each frame is prepared once, though several clips hold it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, tee
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from logotal.backbones.backbone import Backbone
from logotal.backbones.preprocess import flow_frames, preprocess, resize
from logotal.video.flow import flow_images
from logotal.video.picture import Image

FLOW = "tvl1"
"""How flow is computed where nobody says otherwise: as for the features of the field."""

FRAMES_AT_ONCE = 32
"""Frames that are resized and cropped together, where nobody waits for the first of them."""

Item = TypeVar("Item")


def number_of_clips(frames: int, backbone: Backbone) -> int:
    """How many clips a video has: every whole one, and one of repeated last frames where it is shorter than a clip.

    >>> from logotal.backbones.backbone import find_backbone
    >>> [number_of_clips(frames, find_backbone("i3d-rgb")) for frames in (0, 7, 16, 19, 20)]
    [0, 1, 1, 1, 2]
    """
    if frames == 0:
        return 0
    return max(frames - backbone.clip_frames, 0) // backbone.clip_stride + 1


def clip_batches(
    images: Iterable[Image],
    backbone: Backbone,
    *,
    batch_size: int,
    flow: str = FLOW,
    at_once: int = FRAMES_AT_ONCE,
    device: str = "cpu",
) -> Iterator[tuple[Tensor, ...]]:
    """Batches of clips from frames (H, W, 3), in order: a tensor (B, crops, channels, clip_frames, S, S) per stream.

    Args:
        images: the frames of the grid; they are gone through once, whatever the streams, and a few are held at a time.
        backbone: says what the streams are, how frames are prepared, how long clips are and how far apart.
        batch_size: clips per batch; the last batch may be smaller.
        flow: how flow is computed where a stream is flow, see `logotal.video.flow`.
        at_once: frames that are prepared together.
        device: where they are prepared.
    """
    stretches = prepared(images, backbone, flow=flow, at_once=at_once, device=device)
    clips = zip(*(_clips(each, backbone) for each in stretches), strict=True)
    while batch := list(islice(clips, batch_size)):
        yield tuple(torch.stack(stream) for stream in zip(*batch, strict=True))


def without_gaps(frames: Iterable[Item], backbone: Backbone) -> tuple[Iterable[Item], Backbone]:
    """The frames that clips hold, and the backbone whose clips are cut from them alone.

    Where clips lie further apart than they are long, nobody looks at the frames between them: they cost nothing but
    their decoding.

    >>> from dataclasses import replace
    >>> from logotal.backbones.backbone import find_backbone
    >>> frames, backbone = without_gaps(range(10), replace(find_backbone("mobilenetv2"), clip_stride=4, clip_frames=2))
    >>> list(frames), backbone.clip_stride
    ([0, 1, 4, 5, 8, 9], 2)
    """
    length, stride = backbone.clip_frames, backbone.clip_stride
    if stride <= length or "flow" in backbone.streams:  # flow is between consecutive frames
        return frames, backbone
    return (frame for index, frame in enumerate(frames) if index % stride < length), replace(
        backbone, clip_stride=length
    )


def prepared(
    images: Iterable[Image],
    backbone: Backbone,
    *,
    flow: str = FLOW,
    at_once: int = FRAMES_AT_ONCE,
    device: str = "cpu",
) -> list[Iterator[Tensor]]:
    """Consecutive frames as the network reads them, for each stream: stretches (crops, channels, t, S, S).

    Flow is that between the resized frames, as in the features of the field, so that its unit is their pixel, and so
    that its cost does not grow with the size of the video. It is computed by the host, which then resizes the frames
    of both. Arguments as for `clip_batches`.
    """
    resizing = "cpu" if "flow" in backbone.streams else device
    resized = tee(_resized(images, backbone, at_once, resizing), len(backbone.streams))
    stretches = [
        _flow(frames, flow, at_once) if stream == "flow" else frames
        for stream, frames in zip(backbone.streams, resized, strict=True)
    ]
    return [(preprocess(_uploaded(stretch, device), backbone) for stretch in each) for each in stretches]


def _clips(stretches: Iterable[Tensor], backbone: Backbone) -> Iterator[Tensor]:
    """Clips (crops, channels, clip_frames, S, S), one after the other, from consecutive prepared stretches."""
    length, stride = backbone.clip_frames, backbone.clip_stride
    held: Tensor | None = None  # prepared frames (crops, channels, t, S, S)
    none_yet = True
    first = 0  # where in them the next clip begins; behind their end where clips leave gaps
    for prepared in stretches:
        held = prepared if held is None else torch.cat([held, prepared], dim=2)
        while held.shape[2] >= first + length:
            yield held[:, :, first : first + length]
            none_yet = False
            first += stride
        drop = min(first, held.shape[2])
        held, first = held[:, :, drop:], first - drop
    if held is not None and none_yet:
        yield torch.cat([held, held[:, :, -1:].expand(-1, -1, length - held.shape[2], -1, -1)], dim=2)


def _uploaded(frames: Tensor, device: str) -> Tensor:
    """The frames on a device; CUDA copies them while the host goes on."""
    if torch.device(device).type == "cuda" and not frames.is_cuda:
        return frames.pin_memory().to(device, non_blocking=True)
    return frames.to(device)


def _resized(images: Iterable[Image], backbone: Backbone, at_once: int, device: str) -> Iterator[Tensor]:
    """Stretches of frames (t, H, W, 3) of the size that crops are cut from; floating, values from 0 to 255."""
    for group in _groups(images, at_once):
        frames = _uploaded(torch.from_numpy(np.stack(group)), device).permute(0, 3, 1, 2)
        made = resize(frames, backbone.resize, antialias=backbone.antialias, rounded=backbone.rounded)
        yield made.permute(0, 2, 3, 1)


def _flow(stretches: Iterable[Tensor], method: str, at_once: int) -> Iterator[Tensor]:
    """Stretches of flow (t, H, W, 2), values from 0 to 255, from stretches of frames (t, H, W, 3)."""
    frames = (frame for stretch in stretches for frame in stretch.round().to(torch.uint8).contiguous().numpy())
    for group in _groups(flow_images(frames, method, threads=torch.get_num_threads()), at_once):
        yield flow_frames(torch.from_numpy(np.stack(group)))


def _groups(items: Iterable[Item], at_once: int) -> Iterator[list[Item]]:
    """The items, some at a time."""
    remaining = iter(items)
    while group := list(islice(remaining, at_once)):
        yield group
