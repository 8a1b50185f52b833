"""Label files as texts: written for a test, read, and told in the seconds of a video of 25 frames a second."""

from pathlib import Path
from typing import Any

from logotal.formats.label_file import LabelFile
from logotal.formats.labels import read_labels
from logotal.formats.options import Options

FPS, DURATION = 25.0, 100.0

Said = tuple[str, float, float]


def read(folder: Path, name: str, content: str | bytes, *, named: bool = True, **options: Any) -> LabelFile:
    """What a label file of this name and content says."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_labels(path, Options(**options), named=named)


def said(file: LabelFile) -> list[Said]:
    """The label, start and end of each action, in the order of the file."""
    found = [found.at(FPS, DURATION) for video in file.videos for found in video.actions]
    return [(action.label, round(action.start, 4), round(action.end, 4)) for action in found]
