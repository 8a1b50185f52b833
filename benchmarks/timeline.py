"""From a video file to a timeline: decoding, features, detection; in all the ways that features are made.

The weights are random (they cost what real ones cost), so that nothing has to be fetched. What is slow is given the
first frames only; its time for all of the video is told.
"""

import importlib
import math
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.our_network import configuration, predictor
from benchmarks.worker import Job, Once
from logotal.backbones.backbone import find_backbone
from logotal.backbones.load import untrained_backbone
from logotal.commands.allocator import keep_freed_memory
from logotal.demo.rendered import rendered_video
from logotal.extraction.clips import number_of_clips
from logotal.extraction.extractor import Extractor, choose_precision
from logotal.video.reader import read_frames
from logotal.video.writer import write_video

Prepared = tuple[Once, dict[str, Any]]
FPS, STRIDE, ENLARGED = 30, 4, 4
COUNTED = (48, 112)
"""Lengths of the beginnings of a video of which arithmetic is counted: several chunks of frames apart."""


def write_film(path: Path, frames: int) -> Path:
    """A rendered video of 704 x 576 pixels and 30 frames a second."""

    def enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return image.repeat(ENLARGED, 0).repeat(ENLARGED, 1)

    rendered = (image for index in range(100) for image in rendered_video("film", seed=0, index=index).frames)
    write_video(path, (enlarged(image) for image in islice(rendered, frames)), FPS)
    return path


def decode(video: str, frames: int) -> Prepared:
    """Decoding alone: what nothing can be faster than."""

    def once() -> dict[str, Any]:
        with closing(read_frames(Path(video))) as read:
            for frame in read:
                frame.image  # noqa: B018 - made when it is asked for
        return {"video": frames / FPS}

    return once, {}


def timeline(
    video: str,
    frames: int,
    backbone: str = "i3d-rgb",
    *,
    precision: str = "fp32",
    clips: str = "overlapping",
    depths: str = "last",
    pixels: int | None = None,
    part: int | None = None,
) -> Prepared:
    """Features of all frames, or of the first `part`, and what is detected in them."""
    keep_freed_memory()
    network = replace(find_backbone(backbone), clips=clips, depths=depths, clip_stride=STRIDE)
    network = network if pixels is None else network.seeing(pixels)
    extractor = Extractor(untrained_backbone(network), precision=choose_precision(precision, "cpu"))
    config = configuration(channels=network.given_channels)
    detector = predictor(config, "fp32", None)
    about = {"macs": round(macs_of_frame(extractor, Path(video), frames) * frames), "precision": precision}

    def once() -> dict[str, Any]:
        started = time.perf_counter()
        with closing(read_frames(Path(video))) as read, closing(extractor.stream(islice(read, part))) as pieces:
            features = np.concatenate(list(pieces))
        kept = len(detector.detect(features, fps=float(FPS), everything=True))
        told: dict[str, Any] = {"video": frames / FPS, "kept": kept}
        if part is not None:
            told["seconds"] = (time.perf_counter() - started) * number_of_clips(frames, network) / len(features)
        return told

    return once, about


def macs_of_frame(extractor: Extractor, video: Path, frames: int) -> float:
    """Multiply-accumulates of a further frame of a video, by how much more a longer beginning takes."""
    few, more = min(COUNTED[0], frames // 2), min(COUNTED[1], frames)  # a stand-in has less
    return (_macs(extractor, video, more) - _macs(extractor, video, few)) / (more - few)


def _macs(extractor: Extractor, video: Path, frames: int) -> int:
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mkldnn_convolution: _convolution})
    with closing(read_frames(video)) as read, counter, closing(extractor.stream(islice(read, frames))) as pieces:
        list(pieces)
    return counter.get_total_flops() // 2


def _convolution(given: Any, weight: Sequence[int], *_: Any, out_shape: Sequence[int], **__: Any) -> int:
    """Operations of a convolution that was asked of oneDNN itself, which PyTorch does not count."""
    del given
    return 2 * math.prod(out_shape) * math.prod(weight[1:])


def transformers(video: str, frames: int, model: str, part: int | None = None) -> Prepared:
    """Features as users make them with transformers: eight frames (or one clip of 16) at once, one in four steps."""
    found: Any = importlib.import_module("transformers")
    torch.manual_seed(0)
    network = found.AutoModel.from_config(found.AutoConfig.for_model(model)).eval()
    length = getattr(network.config, "num_frames", 1)
    every, together = (1, 1) if length > 1 else (STRIDE, 8)

    @torch.inference_mode()
    def once() -> dict[str, Any]:
        started, steps = time.perf_counter(), 0
        with av.open(video) as container:
            shown = islice(container.decode(video=0), 0, part, every)
            images = np.stack([frame.reformat(224, 224, "rgb24").to_ndarray() for frame in shown])
        given = torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        clips = given if length == 1 else given.unfold(0, length, STRIDE).permute(0, 4, 1, 2, 3)
        for batch in clips.split(together):
            steps += len(network(batch).last_hidden_state)
        whole = max(frames - length, 0) // STRIDE + 1
        return {"video": frames / FPS, "seconds": (time.perf_counter() - started) * whole / steps}

    return once, {}


JOBS: dict[str, Job] = {"decode": decode, "timeline": timeline, "transformers": transformers}
