"""Which videos browsers play, and small copies of the others."""

from functools import lru_cache
from pathlib import Path

from logotal.app.opening import made_of
from logotal.video.playable import write_playable
from logotal.video.probe import probe

CODECS = frozenset({"h264", "vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9"})
SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".webm"})
"""What nearly every browser plays."""


def is_playable(video: Path) -> bool:
    """Whether nearly every browser plays a video."""
    return video.suffix.lower() in SUFFIXES and _codec(video, video.stat().st_mtime_ns) in CODECS


def copy_of(work: Path, name: str, video: Path, *, make: bool = False) -> Path:
    """Where the copy of a video lies, or would lie; it is made where it is wanted and absent.

    Raises:
        InputError: the video cannot be decoded, or the copy cannot be written.
    """
    path = made_of(video, work / "copies", name, ".mp4")
    if make and not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_playable(video, path)
    return path


@lru_cache(maxsize=4096)
def _codec(video: Path, changed: int) -> str:
    return probe(video).codec
