"""Arrays of NumPy and PyTorch: .npy, .npz, .pt and .pth; nothing in them is run."""

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from logotal.errors import InputError
from logotal.importing.entry import Array, Choices, Entry, Key, Stored, check_modest, stem
from logotal.importing.keys import entries_of
from logotal.importing.landmarks import is_pose_array, pose_entry


def read_npy(path: Path, choices: Choices) -> list[Entry]:
    """The array of a .npy file."""
    array = _loaded(path)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{path}: expected an array of numbers, found {array.dtype}")
    entry = Entry((stem(path),), path, array.shape, read=lambda: _loaded(path))
    return with_poses([entry], choices)


def read_npz(path: Path, choices: Choices) -> list[Entry]:
    """The arrays of a .npz file; only their shapes are read yet."""
    arrays: dict[Key, Stored] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                name = member.removesuffix(".npy")
                check_modest(f"{path}:{name}", archive.getinfo(member).file_size, path)
                with archive.open(member) as file:
                    shape, dtype = _header(file)
                arrays[tuple(name.split("/"))] = Stored(shape, dtype, partial(_loaded, path, name))
    except InputError:
        raise
    except Exception as error:  # whatever a broken archive makes of it
        raise _broken(path, error, "a .npz archive") from error
    return with_poses(entries_of(path, arrays, choices), choices)


def read_torch(path: Path, choices: Choices) -> list[Entry]:
    """The tensors of a .pt or .pth file: one, or dicts of them."""
    content = dict(_tensors(path))
    arrays = {key: Stored(tensor.shape, tensor.dtype, partial(_tensor, path, key)) for key, tensor in content.items()}
    if list(arrays) == [()]:
        array = arrays[()]
        return with_poses([Entry((stem(path),), path, array.shape, read=array.read)], choices)
    return with_poses(entries_of(path, arrays, choices), choices)


def with_poses(entries: list[Entry], choices: Choices) -> list[Entry]:
    """The entries, in which arrays of landmarks are poses."""
    return [pose_entry(entry, choices) if is_pose_array(entry.shape, choices) else entry for entry in entries]


def _loaded(path: Path, name: str | None = None) -> Array:
    try:
        if name is None:
            with path.open("rb") as file:
                if file.read(2) == b"PK":  # whose file numpy would leave open where it is broken
                    raise ValueError("it is an archive: call it .npz")
        content: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        if name is None:
            return np.asarray(content)
        with content:
            array: Array = content[name]
            return array
    except Exception as error:  # numpy reads a header as Python: a broken one may raise anything
        raise _broken(path, error, "a whole array") from error


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(file)
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = reader(file)
    return shape, dtype


def _tensors(path: Path) -> Iterator[tuple[Key, Array]]:
    from logotal.backbones.state import load_tensors  # noqa: PLC0415 - torch is loaded only for its own files

    yield from _flat(path, load_tensors(path, "features"), ())


def _tensor(path: Path, key: Key) -> Array:
    return dict(_tensors(path))[key]


def _flat(path: Path, content: Any, key: Key) -> Iterator[tuple[Key, Array]]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _flat(path, value, (*key, str(name)))
    elif hasattr(content, "detach"):
        where = f"{path}:{'/'.join(key)}" if key else str(path)
        check_modest(where, content.numel() * content.element_size(), path)  # one number can be said to be a billion
        tensor = content.detach()
        try:
            array = (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
        except (NotImplementedError, RuntimeError, TypeError):  # it has no values, is sparse or quantized
            raise InputError(f"{where}: expected a plain tensor, found {tensor.layout} on {tensor.device}") from None
        yield key, array
    elif isinstance(content, int | float | str | type(None)):
        yield key, np.array(0.0)  # a number or a text beside the features, which is told with all that is left out
    else:
        found = f"{type(content).__name__}{' at ' + '/'.join(key) if key else ''}"
        raise InputError(f"{path}: expected a tensor or a dict of tensors, found {found}; save the tensors in a dict")


def _broken(path: Path, error: Exception, expected: str) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path}: no such file")
    reason = " ".join(str(error).split()) or type(error).__name__
    if "pickle" in reason or "Python objects" in reason:
        reason = "it holds Python objects, which are never loaded"
    return InputError(f"{path}: not {expected} ({reason:.200}); save it again")
