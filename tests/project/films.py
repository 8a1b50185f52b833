"""Tiny videos for the tests of projects: ten frames a second, a plain gray."""

from pathlib import Path

import numpy as np

from logotal.video.writer import write_video


def film(path: Path, seconds: float = 10.0, fps: int = 10) -> Path:
    """Writes a video and says where."""
    frames = (np.full((16, 16, 3), 5 * (i % 50), np.uint8) for i in range(round(fps * seconds)))
    write_video(path, frames, fps=fps)
    return path


def films(folder: Path, *names: str, seconds: float = 10.0) -> None:
    """Writes videos of one length: the same file under many names."""
    first = film(folder / names[0], seconds)
    for name in names[1:]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(first.read_bytes())
