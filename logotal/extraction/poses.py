"""The pose of a person, joined to the features: the mean over the frames of a clip, and what changes in them."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from logotal.backbones.backbone import Backbone
from logotal.backbones.pose import Follower, pose_networks
from logotal.extraction.clips import without_gaps
from logotal.video.picture import Image

Features = NDArray[np.float32]

A_CLIP = 4
"""Poses that are looked at in a clip: a body hardly changes between."""


class Poses:
    """The poses in the frames of one video: seen as these pass, given to the features of the clips that they are of.

    Args:
        backbone: by whose clips the frames are cut; of overlapping ones, those between them do not pass.
    """

    def __init__(self, backbone: Backbone) -> None:
        clips = backbone if backbone.clips == "dense" else without_gaps((), backbone)[1]
        self.length, self.stride = clips.clip_frames, clips.clip_stride
        self.every = max(self.length // A_CLIP, 1)
        self.follower = Follower(pose_networks())
        self.seen: list[Features] = []
        self.first = 0  # frames to the next clip

    def passing(self, images: Iterable[Image]) -> Iterator[Image]:
        """The same images."""
        for index, image in enumerate(images):
            self.seen.append(self.follower.last if index % self.every else self.follower.see(image))
            yield image

    def joined(self, pieces: Iterable[Features]) -> Iterator[Features]:
        """Features piece by piece (n, C), and the poses behind them; the frames of each have passed when it comes."""
        for piece in pieces:
            yield np.concatenate([piece, self._of_clips(len(piece))], axis=1)

    def _of_clips(self, count: int) -> Features:
        rows = np.zeros((count, 2 * len(self.follower.last)), np.float32)
        for row in rows:
            clip = np.array(self.seen[self.first : self.first + self.length])
            row[:] = np.concatenate([clip.mean(axis=0), clip[-1] - clip[0]])
            self.first += self.stride
        passed = min(self.first, len(self.seen))
        del self.seen[:passed]
        self.first -= passed
        return rows
