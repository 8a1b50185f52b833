"""HDF5 files by h5py, the extra `h5`: arrays of features, SLEAP's analysis, DeepLabCut's tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.importing.arrays import with_poses
from logotal.importing.entry import Array, Choices, Entry, Key, Stored, check_modest, stem
from logotal.importing.keys import entries_of
from logotal.importing.pandas_tables import is_pandas, pose_of_pandas
from logotal.importing.sleap import is_sleap, pose_of_sleap, video_of_sleap

MOST = 1_000_000
"""Arrays of a file that are looked at."""
DEEPEST = 64
"""Groups inside each other; what we read has less than five."""


def read_hdf(path: Path, choices: Choices) -> list[Entry]:
    """The features or the pose in an HDF5 file.

    Raises:
        InputError: h5py is not installed, or the file is not as expected.
    """
    with opened(path) as file:
        listed = list(islice(_datasets(file, path), MOST))
        for name, dataset in listed:
            check_modest(f"{path}:{name}", dataset.nbytes, path)
        if is_sleap(file):
            names = (*filter(None, [video_of_sleap(file)]), stem(path))
            return [Entry(names, path, (pose_of_sleap(file, path).steps,), pose=lambda: _read(path, pose_of_sleap))]
        if is_pandas(file):
            return [
                Entry(
                    (stem(path),), path, (pose_of_pandas(file, path).steps,), pose=lambda: _read(path, pose_of_pandas)
                )
            ]
        arrays: dict[Key, Stored] = {}
        for name, dataset in listed:
            arrays[tuple(name.split("/"))] = Stored(dataset.shape, dataset.dtype, partial(_array, path, name))
    return with_poses(entries_of(path, arrays, choices), choices)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file, open for reading.

    Raises:
        InputError: h5py is not installed, or this is no HDF5 file.
    """
    try:
        import h5py  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(f"{path}: HDF5 files need h5py: pip install 'logotal[h5]'") from None
    try:
        with h5py.File(path, "r") as file:
            yield file
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except InputError:
        raise
    except Exception as error:  # whatever a broken file makes of it
        raise InputError(
            f"{path}: not a whole HDF5 file ({' '.join(str(error).split()):.200}); get it again"
        ) from error


def _datasets(file: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """The arrays in a file by their path; links that lead out of it, or elsewhere in it, are not followed.

    Raises:
        InputError: one keeps its numbers in another file, or groups are nested beyond reason, which takes HDF5 minutes.
    """
    import h5py  # noqa: PLC0415 - an extra

    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), file)]
    while waiting:
        names, group = waiting.pop()
        if len(names) > DEEPEST:
            raise InputError(f"{path}: expected a few groups inside each other, found more than {DEEPEST}")
        inner = []
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if (place := h5py.h5o.get_info(item.id).addr) in seen:
                continue
            seen.add(place)
            if isinstance(item, h5py.Group):
                inner.append(((*names, name), item))
            elif isinstance(item, h5py.Dataset) and item.external:
                raise InputError(f"{path}: {name!r} lies in another file, which is not read; copy it in")
            elif isinstance(item, h5py.Dataset) and item.shape is not None:
                yield "/".join((*names, name)), item
        waiting += reversed(inner)


def _array(path: Path, name: str) -> Array:
    with opened(path) as file:
        array: Array = file[name][()]
        return array


def _read(path: Path, reader: Any) -> Any:
    with opened(path) as file:
        return reader(file, path)
