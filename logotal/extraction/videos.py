"""The video files that are worked on, and how far the work is. Nothing here loads torch."""

from collections.abc import Callable, Sequence
from pathlib import Path

from logotal.errors import InputError

SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".gif"})
"""What counts as a video in a folder; a file that is named itself may end in anything."""


def find_videos(inputs: Sequence[Path]) -> list[Path]:
    """The video files among files and folders, each once, in order.

    Raises:
        InputError: nothing is there, or two videos would have features of one name.
    """
    found: dict[str, Path] = {}
    for path in inputs:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not files:
            raise InputError(
                f"{path}: no videos in this folder; expected files ending in {', '.join(sorted(SUFFIXES))}"
            )
        for file in files:
            other = found.setdefault(file.stem, file)
            if other.resolve() != file.resolve():
                raise InputError(f"{other} and {file} would both become {file.stem}.npy; rename one")
    return list(found.values())


class VideoShare:
    """Turns the frames done of one video into parts of a video, which add up to one.

    >>> parts = []
    >>> share = VideoShare(parts.append)
    >>> share.tell(5, 20), share.tell(25, 20), share.finish()
    (None, None, None)
    >>> parts
    [0.25, 0.75, 0.0]
    """

    def __init__(self, progress: Callable[[float], object]) -> None:
        self.progress = progress
        self.done = 0.0

    def tell(self, frames: int, total: int) -> None:
        """`frames` are behind the extractor, of about `total`."""
        now = max(min(frames / total, 1.0) if total else 0.0, self.done)
        self.progress(now - self.done)
        self.done = now

    def finish(self) -> None:
        """The video is done, however it ended."""
        self.tell(1, 1)
