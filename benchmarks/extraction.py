"""Clips per second of extraction, beside the plain loop: one clip at a time, each decoded frame prepared for each clip.

Both read the same video and give I3D the same 224 x 224 clips, in alternation; the ratio of the medians is printed, and
how far the features are apart.

    python benchmarks/extraction.py --video match.mp4 --seconds 3
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from logotal.backbones.load import load_backbone
from logotal.backbones.preprocess import preprocess
from logotal.extraction.extractor import Extractor, choose_precision
from logotal.video.reader import read_frames
from logotal.video.writer import write_video


def plain_loop(video: Path) -> np.ndarray:
    """Features by the loop that everybody writes first, in fp32."""
    loaded = load_backbone("i3d-rgb", fused=False)
    images = [frame.image for frame in read_frames(video)]
    features = []
    for first in range(0, len(images) - 15, 4):
        clip = preprocess(np.stack(images[first : first + 16]), loaded.backbone)
        features.append(loaded.features(clip[None])[0].numpy())
    return np.stack(features)


def ours(video: Path, precision: str) -> np.ndarray:
    """Features as `logotal extract` makes them."""
    extractor = Extractor(load_backbone("i3d-rgb"), precision=choose_precision(precision, "cpu"))
    return extractor.extract(video)[0]


def main() -> None:
    """Times both and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=3.0, help="how much of the video")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    part = Path("/tmp") / f"part_of_{arguments.video.stem}.mp4"
    write_video(part, (f.image for f in read_frames(arguments.video, end=arguments.seconds)), fps=30)
    ways: dict[str, Callable[[], np.ndarray]] = {
        "plain loop, fp32": lambda: plain_loop(part),
        "ours, fp32": lambda: ours(part, "fp32"),
        "ours, bf16": lambda: ours(part, "bf16"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    features = {}
    for _ in range(arguments.repeat):
        for name, way in ways.items():
            started = time.perf_counter()
            features[name] = way()
            seconds[name].append(time.perf_counter() - started)
    clips = len(features["ours, fp32"])
    slowest = statistics.median(seconds["plain loop, fp32"])
    reference = torch.from_numpy(features["plain loop, fp32"])
    for name in ways:
        median = statistics.median(seconds[name])
        cosine = torch.nn.functional.cosine_similarity(reference, torch.from_numpy(features[name])).min()
        print(f"{name:17} {clips / median:6.2f} clips/s, {slowest / median:.2f} x, least cosine {cosine:.5f}")


if __name__ == "__main__":
    main()
