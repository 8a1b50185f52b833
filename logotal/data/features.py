"""The feature store: one `.npy` of shape (T, C) per video in a folder, opened as a memory map."""

import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.files.cached import byte_size, copies, kept, local
from logotal.files.remote import entries, first_bytes, is_remote
from logotal.files.text import check_plain
from logotal.files.whole import is_file, is_folder
from logotal.places import VIEWS, is_project
from logotal.words import command

SUFFIX = ".npy"

HEADER = 4096
"""Bytes that hold the header of any feature file."""

LONGEST_NAME = 255
"""Bytes of a file name that file systems take."""


@dataclass(frozen=True)
class FeatureFolder:
    """The features of many videos: `<prefix><video id>.npy`, each (T, C), all with the same C.

    `channels` is what every file must have; None accepts any. `copies` are those of a remote folder that were fetched
    (`here`), by video.
    """

    folder: Path
    prefix: str = ""
    channels: int | None = None
    copies: Mapping[str, Path] = field(default_factory=dict, repr=False, compare=False)

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
        return read_features(self.path(video), self.channels, self.copies.get(video))

    def shape(self, video: str) -> tuple[int, int]:
        """The steps and channels of a video; of a remote file, its beginning is read, or its copy.

        Raises:
            InputError: see `read`.
        """
        return feature_shape(self.path(video), self.channels)

    def here(self, videos: Iterable[str]) -> "FeatureFolder":
        """The folder with those of these videos on this machine: what is remote is fetched, each version once.

        Raises:
            InputError: one cannot be fetched.
        """
        if not is_remote(self.folder):
            return self
        wanted = list(videos)
        return replace(self, copies=dict(zip(wanted, copies([self.path(video) for video in wanted]), strict=True)))

    def view(self, number: int) -> "FeatureFolder":
        """The folder with that view of the same videos (`logotal extract --views`); 0 is this one."""
        return replace(self, folder=self.folder / VIEWS / str(number), copies={}) if number else self

    def videos(self) -> list[str]:
        """The ids of all videos in the folder, sorted."""
        start, end = len(self.prefix), -len(SUFFIX)
        names = (path.name for path in entries(self.folder) if path.suffix == SUFFIX)
        return [name[start:end] for name in names if name.startswith(self.prefix)]


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


def read_features(path: Path, channels: int | None = None, copy: Path | None = None) -> NDArray[np.floating]:
    """The features (T, C) in a .npy file as a memory map; what is written to it does not reach the file.

    Of a remote file it is that of a `copy`, which is fetched if none is given.

    Raises:
        InputError: see `FeatureFolder.read`.
    """
    here = copy or local(path)
    check_plain(here)
    try:
        with here.open("rb") as file:
            archive = file.read(2) == b"PK"
        with np.errstate(over="raise"):  # a size beyond all memory would wrap around
            features: NDArray[np.floating] | None = (
                None if archive else np.load(here, mmap_mode="c", allow_pickle=False)
            )
    except FileNotFoundError:
        raise InputError(f"{path}: no such feature file") from None
    except Exception as error:  # numpy reads a header as Python: a broken one may raise anything
        size = here.stat().st_size if is_file(here) else 0
        raise _not_whole(path, size, error) from error
    if features is None:
        raise InputError(f"{path}: expected floating-point features (T, C), found an archive")
    _check_shape(path, features.shape, features.dtype, channels)
    return features


def feature_shape(path: Path, channels: int | None = None) -> tuple[int, int]:
    """The shape (T, C) of features in a .npy file; of a remote one, its first bytes are read, or its copy.

    Raises:
        InputError: see `FeatureFolder.read`.
    """
    if not is_remote(path) or (copy := kept(path)):
        T, C = read_features(path, channels, copy if is_remote(path) else None).shape
        return T, C
    beginning, size = io.BytesIO(first_bytes(path, HEADER)), byte_size(path)
    try:
        is_first = np.lib.format.read_magic(beginning) == (1, 0)
        read = np.lib.format.read_array_header_1_0 if is_first else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(beginning)
        _check_shape(path, shape, dtype, channels)
        if size < (whole := beginning.tell() + math.prod(shape) * dtype.itemsize):
            raise ValueError(f"its header says {whole:,}")
    except InputError:
        raise
    except Exception as error:  # as above
        raise _not_whole(path, size, error) from error
    return shape[0], shape[1]


def _not_whole(path: Path, size: int, error: Exception) -> InputError:
    reason = " ".join(str(error).split()) or type(error).__name__
    if "pickle" in reason:  # numpy would have one load it all the same
        reason = "it holds Python objects, which are never loaded"
    return InputError(f"{path}: not a whole .npy array ({size:,} bytes; {reason:.200}); extract it again")


def _check_shape(path: Path, shape: Sequence[int], dtype: "np.dtype[Any]", channels: int | None) -> None:
    """Refuses what is no (T, C) of floating-point numbers, empty, or of other channels."""
    if len(shape) != 2 or not np.issubdtype(dtype, np.floating):
        raise InputError(f"{path}: expected floating-point features (T, C), found {dtype} {shape}")
    T, C = shape
    if T == 0 or C == 0:
        raise InputError(f"{path}: the array is empty, {shape}; extract it again or exclude the video")
    if channels is not None and channels != C:
        hint = (
            "is it stored as (C, T)? `logotal import --layout CT` turns it"
            if channels == T
            else "are these the features the model was trained on?"
        )
        raise InputError(f"{path}: expected (T, {channels}) features, found {shape}; {hint}")


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
    below = [path for path in entries(folder) if is_folder(path) and _holds_features(path, prefix)]
    if len(below) == 1:
        return below[0]
    if below:
        raise InputError(f"{folder}: features lie in {', '.join(p.name for p in below)}; name one of these folders")
    raise InputError(f"{folder}: no {prefix}*{SUFFIX} files here or one folder below; unpack or extract features first")


def _holds_features(folder: Path, prefix: str) -> bool:
    if is_remote(folder):
        return any(path.suffix == SUFFIX and path.name.startswith(prefix) for path in entries(folder))
    with os.scandir(folder) as files:
        return any(file.name.endswith(SUFFIX) and file.name.startswith(prefix) for file in files)


def find_annotations(name: Path, features: Path | None) -> Path:
    """The annotation file: the path itself, or that name in or beside the features, or in `annotations/` there.

    Raises:
        InputError: it is in none of these places, which the message lists.
    """
    places: Iterable[Path] = [name]
    if features is not None and not name.is_absolute() and not is_remote(name):
        places = [name, *(base / sub / name for base in (features, features.parent) for sub in ("annotations", ""))]
    for place in places:
        if is_file(place):
            return place
    raise InputError(f"annotations {name} not found; looked at {', '.join(map(str, places))}")
