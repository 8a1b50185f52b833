"""Extracts features of a two-hour video and prints the peak memory, beside that of a five-minute one.

Memory must not grow with the length of the video. Few clips are made (a stride of a minute), so that it takes minutes.

    python benchmarks/long_video.py --folder /tmp/long_video
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from logotal.commands.allocator import keep_freed_memory
from logotal.extraction.folder import Settings
from logotal.video.writer import write_video

FPS = 12.5


def frames(minutes: float) -> Iterator[np.ndarray]:
    """Frames (120, 160, 3) of a bar that wanders over a gray field."""
    for index in range(round(minutes * 60 * FPS)):
        frame = np.full((120, 160, 3), 90, dtype=np.uint8)
        frame[:, index % 150 : index % 150 + 10] = 200
        yield frame


def extract(video: Path) -> None:
    """Extracts one video in this process and prints what it took."""
    keep_freed_memory()
    changes = {"resize": (64, 64), "crop_size": 64, "clip_stride": round(60 * FPS)}
    started = time.monotonic()
    features, about = Settings("i3d-rgb", changes=changes, precision="fp32").extractor().extract(video)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{video.stem}: {about.frames:,} frames, {len(features)} clips, {time.monotonic() - started:.0f} s, "
        f"peak memory {peak:.2f} GiB",
        flush=True,
    )


def main() -> None:
    """Renders both videos, and extracts each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--video", type=Path, help="extract this one only")
    arguments = parser.parse_args()
    if arguments.video is not None:
        extract(arguments.video)
        return
    for name, minutes in (("five_minutes", 5), ("two_hours", 120)):
        video = arguments.folder / f"{name}.mp4"
        write_video(video, frames(minutes), FPS)
        subprocess.run([sys.executable, __file__, "--folder", arguments.folder, "--video", video], check=True)


if __name__ == "__main__":
    main()
