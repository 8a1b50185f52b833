"""Extraction by I3D: ours, and the loop that everybody writes first; both of the same video and the same weights.

The weights are random (they cost what real ones cost), so that nothing has to be fetched.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.worker import Job, Once
from logotal.backbones.i3d import I3D
from logotal.backbones.load import load_backbone
from logotal.backbones.preprocess import preprocess
from logotal.commands.allocator import keep_freed_memory
from logotal.demo.rendered import rendered_video
from logotal.extraction.extractor import Extractor, choose_precision
from logotal.video.reader import read_frames
from logotal.video.writer import write_video

Prepared = tuple[Once, dict[str, Any]]
BACKBONE = "i3d-rgb"


def write_material(folder: Path, frames: int) -> dict[str, str]:
    """A rendered video of so many frames, and weights: the options of the jobs."""
    video, weights = folder / "figures.mp4", folder / "i3d.pt"
    rendered = rendered_video("figures", seed=0, index=0)
    write_video(video, (image for _, image in zip(range(frames), rendered.frames, strict=False)), rendered.fps)
    torch.manual_seed(0)
    torch.save(I3D(input_channels=3).state_dict(), weights)
    return {"video": str(video), "weights": str(weights)}


def extract(video: str, weights: str, precision: str) -> Prepared:
    """Features as `logotal extract` makes them."""
    keep_freed_memory()
    extractor = Extractor(load_backbone(BACKBONE, weights), precision=choose_precision(precision, "cpu"))
    return lambda: _told(extractor.extract(Path(video))[0]), {}


def plain(video: str, weights: str) -> Prepared:
    """A clip at a time, in fp32, each frame prepared for each of its clips, normalizations where they were trained."""
    loaded = load_backbone(BACKBONE, weights, fused=False)
    backbone = loaded.backbone

    def once() -> dict[str, Any]:
        images = [frame.image for frame in read_frames(Path(video), fps=backbone.fps)]
        firsts = range(0, len(images) - backbone.clip_frames + 1, backbone.clip_stride)
        clips = (images[first : first + backbone.clip_frames] for first in firsts)
        prepared = (preprocess(np.stack(clip), backbone) for clip in clips)
        return _told(np.stack([loaded.features(clip[None])[0].numpy() for clip in prepared]))

    return once, {}


def _told(features: NDArray[np.float32]) -> dict[str, Any]:
    return {"clips": len(features), "features": features.tolist()}


JOBS: dict[str, Job] = {"extract": extract, "plain": plain}
