"""Dense features: the network goes along the video once; overlapping clips have each frame computed several times.

The grid is that of clips: feature j stands for the frames of clip j. It is the mean of the network's outputs at the
moments where those of the clip lie; but what the network sees there does not end with the clip.
"""

import torch
from torch import Tensor, nn

from logotal.backbones.backbone import Backbone
from logotal.backbones.streamed import Stream
from logotal.errors import InputError

HALVED = 8
"""Frames per output of a clip, in all our networks that convolve over time."""


def check_dense(backbone: Backbone, *, crops: str) -> None:
    """Makes sure that the network can go along a video, on the grid that is wanted.

    Raises:
        InputError: it cannot; expected, found, and what to do.
    """
    step = backbone.dense_stride
    if step is None:
        raise InputError(f"clips dense: expected a network that convolves over time, found {backbone.name}")
    if backbone.clip_stride % step or backbone.clip_frames % HALVED:
        raise InputError(
            f"clips dense: expected a clip stride that is a multiple of {step} frames and clips of a multiple of "
            f"{HALVED} with {backbone.name}, found {backbone.clip_stride} and {backbone.clip_frames}"
        )
    if crops != "center":
        raise InputError(f"clips dense: expected the center crop, found crops {crops!r}; leave one of the two out")


class DenseFeatures:
    """The features of one video, from its prepared frames piece by piece; pieces of any size give the same.

    Args:
        network: the backbone's.
        backbone: what `check_dense` found able.
    """

    def __init__(self, network: nn.Module, backbone: Backbone) -> None:
        step = backbone.dense_stride
        assert step is not None
        self.clips = (backbone.clip_frames, backbone.clip_stride)
        self.every = backbone.clip_stride // step
        self.offsets = [first // step for first in range(0, backbone.clip_frames, HALVED)]
        self.streams = [_Moments(stream) for stream in network.streams()]  # type: ignore[operator]

    def push(self, *frames: Tensor) -> None:
        """Takes in consecutive frames (1, channels, t, S, S) of each stream."""
        for stream, piece in zip(self.streams, frames, strict=True):
            stream.push(piece)

    def finish(self) -> Tensor:
        """The features (T, C) of the whole video; one that is shorter than a clip goes on with its last frame."""
        length, stride = self.clips
        frames = self.streams[0].frames
        moments = torch.cat([stream.finish(least=length) for stream in self.streams], dim=1)
        first = torch.arange(max(frames - length, 0) // stride + 1, device=moments.device) * self.every
        return torch.stack([moments[first + offset] for offset in self.offsets]).mean(dim=0)


class _Moments:
    """The outputs of one stream along a video, mean over space."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.frames = 0
        self.last: Tensor | None = None
        self.made: list[Tensor] = []

    def push(self, piece: Tensor) -> None:
        self.frames += piece.shape[2]
        self.last = piece[:, :, -1:]
        self._take(self.stream.push(piece, last=False))

    def finish(self, *, least: int) -> Tensor:
        """All of them (T, C), of a video that goes on to `least` frames."""
        assert self.last is not None
        missing = max(least - self.frames, 0)
        rest = self.last.expand(-1, -1, missing, -1, -1) if missing else None
        self._take(self.stream.push(rest, last=True))
        return torch.cat(self.made)

    def _take(self, made: Tensor | None) -> None:
        if made is not None:
            self.made.append(made.float().mean(dim=(3, 4))[0].T)
