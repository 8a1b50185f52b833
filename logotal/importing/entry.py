"""What a file of features holds: arrays or poses, each of one video, read only when they are needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.callbacks import Say, silent
from logotal.errors import InputError
from logotal.files.text import ALWAYS, RATIO
from logotal.importing.pose import Pose

Array = NDArray[Any]
Key = tuple[str, ...]
"""Where an array lies in its file: the names of groups, then its own."""

EACH = "*"
"""`--key` that says that each array of a file is a video of its own."""


@dataclass(frozen=True)
class Choices:
    """What a person says about the files, and who is told what is left out of them."""

    key: str | None = None
    coordinates: str | None = None
    ids: frozenset[str] = frozenset()
    say: Say = silent


@dataclass(frozen=True)
class Entry:
    """An array, or a pose, of one video.

    `names` are what the file calls the video, the likeliest first; `key` says where in the file it lies; `rows` is
    whether each row is a step for sure, as in a table with a header.
    """

    names: tuple[str, ...]
    path: Path
    shape: tuple[int, ...]
    read: Callable[[], Array] | None = None
    pose: Callable[[], Pose] | None = None
    key: Key = ()
    rows: bool = False

    @property
    def where(self) -> str:
        """The entry as messages name it."""
        return ":".join([str(self.path), *(["/".join(self.key)] if self.key else [])])


@dataclass(frozen=True)
class Stored:
    """An array in a file of many: its shape, whether it holds numbers, and what reads it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], Array] = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether it can be features: numbers, along more than one axis."""
        return self.dtype.kind in "fiub" and len(self.shape) > 1


def check_modest(where: str, claimed: int, path: Path) -> None:
    """Makes sure, before an array is read, that it is not beyond reason larger than its file.

    Raises:
        InputError: it is; it would fill the memory.
    """
    size = path.stat().st_size
    if claimed > max(ALWAYS, RATIO * size):
        raise InputError(
            f"{where}: expected at most {RATIO} times the {size:,} bytes of its file, found an array of {claimed:,}; "
            "save it anew, unpacked"
        )


def stem(path: Path) -> str:
    """What a file calls its video: its name without the suffix, `.analysis` of SLEAP included."""
    return path.stem.removesuffix(".analysis")


def described(keys: Sequence[Key], most: int = 5) -> str:
    """The first keys of a file, for a message."""
    more = f" and {len(keys) - most:,} more" if len(keys) > most else ""
    return ", ".join(repr("/".join(key)) for key in keys[:most]) + more
