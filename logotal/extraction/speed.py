"""How fast this machine makes features of a video: measured in seconds, before the weights are at hand."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from logotal.backbones.backbone import Backbone, lies_elsewhere
from logotal.backbones.load import LoadedBackbone, load_backbone, untrained_backbone
from logotal.device import find_device
from logotal.errors import InputError
from logotal.extraction.extractor import Extractor, choose_precision
from logotal.video.probe import probe
from logotal.video.reader import Frame, read_frames

LOOKED_AT = 256
"""Frames of the video that are gone through, over and over."""

LONG_ENOUGH = 1.0
"""Seconds after which a measurement ends, at the end of the piece that it is at."""


def real_time_factor(backbone: Backbone, video: Path) -> float:
    """Seconds of the video whose features are made in a second here, decoding included.

    The first piece does not count: it pays for what happens once.

    Raises:
        InputError: the video or the network cannot be used.
    """
    device = find_device(None)
    precision = choose_precision(backbone.precision, device)
    return speed_of(Extractor(_loaded(backbone), device=device, precision=precision), video)


def speed_of(extractor: Extractor, video: Path) -> float:
    """The same of an extractor that is there.

    Raises:
        InputError: the video cannot be used.
    """
    backbone = extractor.loaded.backbone
    fps = backbone.fps if backbone.fps is not None else float(probe(video).fps)
    steps, began, spent = 0, None, 0.0
    with closing(extractor.stream(_over_and_over(video, backbone.fps))) as pieces:
        for piece in pieces:
            now = time.monotonic()
            if began is not None:
                steps, spent = steps + len(piece), now - began
                if steps and spent >= LONG_ENOUGH:
                    break
            elif len(piece):
                began = now
    return steps * backbone.clip_stride / fps / spent


def _loaded(backbone: Backbone) -> LoadedBackbone:
    """The network: its speed does not depend on weights, but those of others come with theirs."""
    if lies_elsewhere(backbone.name):
        return load_backbone(backbone.name, changes={"clip_stride": backbone.clip_stride, "fps": backbone.fps})
    return untrained_backbone(backbone)


def _over_and_over(video: Path, fps: float | None) -> Iterator[Frame]:
    """The first frames of a video without end."""
    any_yet = True
    while any_yet:
        any_yet = False
        with closing(read_frames(video, fps=fps)) as frames, suppress(InputError):  # its end may be missing
            for frame in islice(frames, LOOKED_AT):
                any_yet = True
                yield frame
    raise InputError(f"{video}: no frame could be decoded; play it to check")
