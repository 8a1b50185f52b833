"""The feature store: one `.npy` of shape (T, C) per video in a folder, opened as a memory map."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.files.text import check_plain
from logotal.files.whole import is_file, is_folder
from logotal.places import VIEWS, is_project
from logotal.words import command

SUFFIX = ".npy"

LONGEST_NAME = 255
"""Bytes of a file name that file systems take."""


@dataclass(frozen=True)
class FeatureFolder:
    """The features of many videos: `<prefix><video id>.npy`, each (T, C), all with the same C.

    `channels` is what every file must have; None accepts any.
    """

    folder: Path
    prefix: str = ""
    channels: int | None = None

    def path(self, video: str) -> Path:
        """Where the features of a video lie.

        Raises:
            InputError: the id is not a file name.
        """
        return feature_file(self.folder, video, self.prefix)

    def __contains__(self, video: str) -> bool:
        return is_file(self.path(video))

    def read(self, video: str) -> NDArray[np.floating]:
        """The features (T, C) of a video as a memory map; what is written to it does not reach the file.

        Raises:
            InputError: absent, truncated, not (T, C) numbers, empty, or with another number of channels.
        """
        return read_features(self.path(video), self.channels)

    def view(self, number: int) -> "FeatureFolder":
        """The folder with that view of the same videos (`logotal extract --views`); 0 is this one."""
        return replace(self, folder=self.folder / VIEWS / str(number)) if number else self

    def videos(self) -> list[str]:
        """The ids of all videos in the folder, sorted."""
        start, end = len(self.prefix), -len(SUFFIX)
        return sorted(p.name[start:end] for p in self.folder.glob(f"*{SUFFIX}") if p.name.startswith(self.prefix))


def feature_file(folder: Path, video: str, prefix: str = "") -> Path:
    """Where the features of a video lie in a folder, or are to lie.

    Raises:
        InputError: the id would lead out of the folder, or no file can be called so.
    """
    name = f"{prefix}{video}{SUFFIX}"
    path = folder / name
    leads_out = video in ("", ".", "..") or any(mark in video for mark in ("/", "\\", "\0")) or path.parent != folder
    if (
        leads_out
        or len(name.encode("utf-8", "replace")) > LONGEST_NAME
        or any("\ud800" <= c <= "\udfff" for c in video)
    ):
        raise InputError(f"video id {video!r:.80} is not a file name; rename it in the annotations")
    return path


def read_features(path: Path, channels: int | None = None) -> NDArray[np.floating]:
    """The features (T, C) in a .npy file as a memory map; what is written to it does not reach the file.

    Raises:
        InputError: see `FeatureFolder.read`.
    """
    check_plain(path)
    try:
        with path.open("rb") as file:
            archive = file.read(2) == b"PK"
        with np.errstate(over="raise"):  # a size beyond all memory would wrap around
            features: NDArray[np.floating] | None = (
                None if archive else np.load(path, mmap_mode="c", allow_pickle=False)
            )
    except FileNotFoundError:
        raise InputError(f"{path}: no such feature file") from None
    except Exception as error:  # numpy reads a header as Python: a broken one may raise anything
        size = path.stat().st_size if is_file(path) else 0
        reason = " ".join(str(error).split()) or type(error).__name__
        if "pickle" in reason:  # numpy would have one load it all the same
            reason = "it holds Python objects, which are never loaded"
        raise InputError(f"{path}: not a whole .npy array ({size:,} bytes; {reason:.200}); extract it again") from error
    if features is None:
        raise InputError(f"{path}: expected floating-point features (T, C), found an archive")
    if features.ndim != 2 or not np.issubdtype(features.dtype, np.floating):
        raise InputError(f"{path}: expected floating-point features (T, C), found {features.dtype} {features.shape}")
    T, C = features.shape
    if T == 0 or C == 0:
        raise InputError(f"{path}: the array is empty, {features.shape}; extract it again or exclude the video")
    if channels is not None and channels != C:
        hint = (
            "is it stored as (C, T)? `logotal import --layout CT` turns it"
            if channels == T
            else "are these the features the model was trained on?"
        )
        raise InputError(f"{path}: expected (T, {channels}) features, found {features.shape}; {hint}")
    return features


def check_finite(features: NDArray[np.floating], path: Path, *, first: int = 0) -> None:
    """Raises:
    InputError: a value is NaN or infinite; the message says at which step of the file, whose steps begin at `first`.
    """  # noqa: D205 - there is nothing else to say
    pieces = (features[start : start + 4096] for start in range(0, len(features), 4096))
    finite = np.concatenate([np.isfinite(piece).all(axis=1) for piece in pieces])
    if not finite.all():
        step = first + int(np.argmin(finite))
        raise InputError(
            f"{path}: {int((~finite).sum())} of {len(features)} steps hold NaN or infinite values, the first is "
            f"step {step}; extract it again or exclude the video"
        )


def find_features(folder: Path, prefix: str = "") -> Path:
    """The folder with the .npy files: the given one, or the only one right below it.

    An unpacked ActionFormer archive (`thumos/i3d_features`, `anet_1.3/tsp_features`) can so be named by its root.

    Raises:
        InputError: there is no such folder, no .npy in it, or several folders below hold some.
    """
    if not is_folder(folder):
        # Of a project, the folder says which: its features lie in it.
        videos = folder.parent if is_project(folder.parent) else "VIDEOS --out FEATURES --backbone NAME"
        raise InputError(f"{folder}: no such folder of features; make them with `{command('extract', videos)}`")
    if _holds_features(folder, prefix):
        return folder
    below = sorted(path for path in folder.iterdir() if path.is_dir() and _holds_features(path, prefix))
    if len(below) == 1:
        return below[0]
    if below:
        raise InputError(f"{folder}: features lie in {', '.join(p.name for p in below)}; name one of these folders")
    raise InputError(f"{folder}: no {prefix}*{SUFFIX} files here or one folder below; unpack or extract features first")


def _holds_features(folder: Path, prefix: str) -> bool:
    with os.scandir(folder) as entries:
        return any(e.name.endswith(SUFFIX) and e.name.startswith(prefix) for e in entries)


def find_annotations(name: Path, features: Path | None) -> Path:
    """The annotation file: the path itself, or that name in or beside the features, or in `annotations/` there.

    Raises:
        InputError: it is in none of these places, which the message lists.
    """
    places: Iterable[Path] = [name]
    if features is not None and not name.is_absolute():
        places = [name, *(base / sub / name for base in (features, features.parent) for sub in ("annotations", ""))]
    for place in places:
        if is_file(place):
            return place
    raise InputError(f"annotations {name} not found; looked at {', '.join(map(str, places))}")
