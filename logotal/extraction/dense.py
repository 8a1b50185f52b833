"""Dense features: the network goes along the video once; overlapping clips have each frame computed several times.

The grid is that of clips: feature j stands for the frames of clip j. It is the mean of the network's outputs at the
moments where those of the clip lie; but what the network sees there does not end with the clip.
"""

import torch
from torch import Tensor, nn

from logotal.backbones.backbone import DEPTHS, Backbone
from logotal.backbones.streamed import Stream
from logotal.errors import InputError

HALVED = 8
"""Frames per output of a clip, in all our networks that convolve over time."""


def check_dense(backbone: Backbone) -> None:
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
        depths = {} if backbone.depths == DEPTHS[0] else {"depths": backbone.depths}
        self.streams = [_Moments(stream) for stream in network.streams(**depths)]  # type: ignore[operator]
        self.given = 0

    def push(self, *frames: Tensor) -> Tensor | None:
        """Takes in consecutive frames (1, channels, t, S, S) of each stream; gives the features (n, C) that follow."""
        for stream, piece in zip(self.streams, frames, strict=True):
            stream.push(piece)
        return self._features()

    def finish(self) -> Tensor | None:
        """The features that are left; a video that is shorter than a clip goes on with its last frame."""
        for stream in self.streams:
            stream.finish(least=self.clips[0])
        return self._features()

    def _features(self) -> Tensor | None:
        """Those of the clips that are whole, and were not given yet, if any."""
        length, stride = self.clips
        frames = max(self.streams[0].frames, length if self.streams[0].ended else 0)
        whole = (frames - length) // stride + 1
        moments = min(len(stream.made) for stream in self.streams)
        known = (moments - self.offsets[-1] - 1) // self.every + 1
        count = min(whole - self.given, known)
        if count <= 0:
            return None
        joined = torch.cat([stream.made[:moments] for stream in self.streams], dim=1)
        first = torch.arange(count, device=joined.device) * self.every
        features = torch.stack([joined[first + offset] for offset in self.offsets]).mean(dim=0)
        for each in self.streams:
            each.made = each.made[count * self.every :].clone()
        self.given += count
        return features


class _Moments:
    """The outputs of one stream along a video, mean over space: those that still count, `made` (n, C)."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.frames = 0
        self.ended = False
        self.last: Tensor | None = None
        self.made = torch.zeros(0, 0)

    def push(self, piece: Tensor) -> None:
        self.frames += piece.shape[2]
        self.last = piece[:, :, -1:]
        self._take(self.stream.push(piece, last=False))

    def finish(self, *, least: int) -> None:
        """The video ends here, or goes on to `least` frames."""
        assert self.last is not None
        missing = max(least - self.frames, 0)
        rest = self.last.expand(-1, -1, missing, -1, -1) if missing else None
        self.ended = True
        self._take(self.stream.push(rest, last=True))

    def _take(self, made: Tensor | None) -> None:
        if made is not None:
            new = made.float().mean(dim=(3, 4))[0].T
            self.made = torch.cat([self.made, new]) if len(self.made) else new
