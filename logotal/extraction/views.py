"""Views: other ways to see a whole video, from which training draws, so that few videos teach as more would.

A view mirrors the video or not, cuts a part out of it, and changes its light; all frames alike, so that what moves
goes on to move as it did. It follows from the video's name and the view's number alone.
"""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from logotal.backbones.backbone import Backbone
from logotal.video.picture import Image

LEAST_PART = 0.75
"""Of the picture's height and width, in a view."""
LIGHT = 0.25
"""How far a view's contrast and colors may be from the video's, relative to them; brightness by half of it."""


@dataclass(frozen=True)
class View:
    """One view.

    Attributes:
        mirrored: whether left and right are exchanged.
        part: of the height and the width that it shows.
        place: where that part lies, from 0 (top, left) to 1 (bottom, right).
        contrast: by which each color is multiplied (3,), around the middle.
        brightness: added to values from 0 to 1.
    """

    mirrored: bool
    part: float
    place: tuple[float, float]
    contrast: tuple[float, float, float]
    brightness: float

    @classmethod
    def of(cls, video: str, number: int) -> "View":
        """The view of that number, from 1, of the video of that name.

        >>> View.of("match.mp4", 1) == View.of("match.mp4", 1) != View.of("match.mp4", 2)
        True
        """
        random = np.random.default_rng([zlib.crc32(video.encode("utf-8", "surrogateescape")), number])
        contrast = random.uniform(1 - LIGHT, 1 + LIGHT) * random.uniform(1 - LIGHT / 2, 1 + LIGHT / 2, 3)
        return cls(
            mirrored=number % 2 == 1,
            part=float(random.uniform(LEAST_PART, 1.0)),
            place=(float(random.random()), float(random.random())),
            contrast=tuple(contrast.tolist()),
            brightness=float(random.uniform(-LIGHT / 2, LIGHT / 2)),
        )

    def seen(self, image: Image) -> Image:
        """The part of an image (H, W, 3) that the view shows, mirrored where it is; a part of the same memory."""
        (height, width), spans = image.shape[:2], []
        for length, place in zip((height, width), self.place, strict=True):
            size = max(round(length * self.part), 1)
            first = round((length - size) * place)
            spans.append(slice(first, first + size))
        part = image[spans[0], spans[1]]
        return part[:, ::-1] if self.mirrored else part

    def lit(self, backbone: Backbone) -> Backbone:
        """The backbone that sees its images in the light of the view; one that reads flow sees no light.

        (c (v - 1/2) + 1/2 + b - mean) / std is what another mean and deviation make of v.
        """
        if backbone.streams != ("rgb",):
            return backbone
        colors = zip(self.contrast, _three(backbone.mean), _three(backbone.std), strict=True)
        seen = [((mean - 0.5 - self.brightness) / c + 0.5, std / c) for c, mean, std in colors]
        return replace(backbone, mean=tuple(mean for mean, _ in seen), std=tuple(std for _, std in seen))


def _three(values: tuple[float, ...]) -> tuple[float, ...]:
    return values * 3 if len(values) == 1 else values
