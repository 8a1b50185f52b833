"""Is a file whole? Read to its end in the way that its kind is read."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import torch
import yaml
from safetensors.torch import load


def faults(folder: Path) -> list[str]:
    """A sentence for each file below a folder that is not whole; names that begin with a dot are not looked at."""
    found = []
    for path in files(folder):
        try:
            KINDS.get(path.suffix, Path.read_bytes)(path)
        except Exception as error:  # whatever it is: a reader would have stumbled
            found.append(f"{path.relative_to(folder)}: {type(error).__name__}: {error}")
    return found


def files(folder: Path) -> list[Path]:
    """The files below a folder that are named as results."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not _hidden(path, folder)]


def leftovers(folder: Path) -> list[Path]:
    """What lies below a folder under a temporary name; of a temporary folder only itself."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.name.startswith(".") and not _hidden(path.parent / "x", folder)
    ]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _ends_with(end: str) -> Callable[[Path], None]:
    def look(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        if not text.endswith(end) and not (end == "\n" and text == ""):
            raise ValueError(f"expected {end!r} at the end, found {text[-40:]!r}")

    return look


def _table(path: Path) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text())))
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError("expected rows of one length")


def _video(path: Path) -> None:
    with av.open(str(path)) as container:
        promised = container.streams.video[0].frames
    if (decoded := len(frame_times(path))) != promised or decoded == 0:
        raise ValueError(f"{decoded} of {promised} frames can be decoded")


def frame_times(path: Path) -> list[tuple[int, int, float | None]]:
    """Width, height and time in seconds of every frame of a video that can be decoded."""
    with av.open(str(path)) as container:
        return [(frame.width, frame.height, frame.time) for frame in container.decode(container.streams.video[0])]


KINDS: dict[str, Callable[[Path], object]] = {
    ".npy": np.load,
    ".json": lambda path: json.loads(path.read_text()),
    ".yaml": lambda path: yaml.safe_load(path.read_text()),
    ".safetensors": lambda path: load(path.read_bytes()),
    ".ckpt": lambda path: torch.load(path, weights_only=True),
    ".csv": _table,
    ".txt": _ends_with("\n"),
    ".md": _ends_with("\n"),
    ".html": _ends_with("</html>\n"),
    ".mp4": _video,
    ".onnx": lambda path: __import__("onnx").checker.check_model(path.read_bytes()),
}
