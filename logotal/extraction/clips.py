"""Frames to batches of clips: each frame is prepared once, though several clips hold it."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from logotal.backbones.backbone import Backbone
from logotal.backbones.preprocess import preprocess

Image = NDArray[np.uint8]

FRAMES_AT_ONCE = 32
"""Frames that are resized and cropped together."""


def number_of_clips(frames: int, backbone: Backbone) -> int:
    """How many clips a video has: every whole one, and one of repeated last frames where it is shorter than a clip.

    >>> from logotal.backbones.backbone import find_backbone
    >>> [number_of_clips(frames, find_backbone("i3d-rgb")) for frames in (0, 7, 16, 19, 20)]
    [0, 1, 1, 1, 2]
    """
    if frames == 0:
        return 0
    return max(frames - backbone.clip_frames, 0) // backbone.clip_stride + 1


def clip_batches(images: Iterable[Image], backbone: Backbone, *, crops: str, batch_size: int) -> Iterator[Tensor]:
    """Batches of clips (B, crops, channels, clip_frames, S, S) from frames (H, W, 3), in order.

    Args:
        images: the frames of the grid; only a few are held at a time.
        backbone: says how frames are prepared, how long clips are and how far apart.
        crops: `center` or `ten`.
        batch_size: clips per batch; the last batch may be smaller.
    """
    waiting: list[Tensor] = []
    for clip in _clips(images, backbone, crops):
        waiting.append(clip)
        if len(waiting) == batch_size:
            yield torch.stack(waiting)
            waiting = []
    if waiting:
        yield torch.stack(waiting)


def _clips(images: Iterable[Image], backbone: Backbone, crops: str) -> Iterator[Tensor]:
    """Clips (crops, channels, clip_frames, S, S) one after the other."""
    length, stride = backbone.clip_frames, backbone.clip_stride
    held: Tensor | None = None  # prepared frames (crops, channels, t, S, S)
    none_yet = True
    first = 0  # where in them the next clip begins; behind their end where clips leave gaps
    for group in _groups(images):
        prepared = preprocess(np.stack(group), backbone, crops)
        held = prepared if held is None else torch.cat([held, prepared], dim=2)
        while held.shape[2] >= first + length:
            yield held[:, :, first : first + length]
            none_yet = False
            first += stride
        drop = min(first, held.shape[2])
        held, first = held[:, :, drop:], first - drop
    if held is not None and none_yet:
        yield torch.cat([held, held[:, :, -1:].expand(-1, -1, length - held.shape[2], -1, -1)], dim=2)


def _groups(images: Iterable[Image]) -> Iterator[list[Image]]:
    """The frames, some at a time."""
    remaining = iter(images)
    while group := list(islice(remaining, FRAMES_AT_ONCE)):
        yield group
