"""Pickles of numpy arrays, read without calling anything that they name.

A pickle says which functions to call. Here the three names that an array needs stand for our own small recorders,
which check what they are given, and every other name is refused; numpy sees only checked bytes.
"""

import io
import math
import pickle
import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError

MOST = 10_000
"""Dicts and arrays that are believed; I3D has some hundred."""


class _Type:
    """Stands for numpy.dtype: only little-endian float32."""

    def __init__(self, name: str, *_: object) -> None:
        if name != "f4":
            raise pickle.UnpicklingError(f"expected float32 arrays, found type {name!r}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", "|"):
            raise pickle.UnpicklingError(f"expected little-endian arrays, found {state[1]!r}")


class _Array:
    """Stands for an array: keeps the shape and the bytes of its state."""

    def __init__(self, *_: object) -> None:
        self.values: NDArray[np.float32] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, fortran, content = state
        if not isinstance(kind, _Type) or not isinstance(content, bytes) or fortran:
            raise pickle.UnpicklingError("expected arrays of numbers in C order")
        if not all(type(length) is int and length >= 0 for length in shape) or 4 * math.prod(shape) != len(content):
            raise pickle.UnpicklingError(f"{len(content)} bytes do not make an array of shape {shape}")
        self.values = np.frombuffer(content, np.dtype("<f4")).reshape(shape)


ADMITTED: dict[tuple[str, str], type] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"expected numpy arrays only, found {module}.{name}; do not trust this file")
        return ADMITTED[module, name]


def read_arrays(content: bytes, source: str) -> dict[str, NDArray[np.float32]]:
    """The float32 arrays of a pickle of nested dicts, by their path: `params/Logits/bias`.

    Args:
        content: the pickle.
        source: how a message calls it.

    Raises:
        InputError: it asks for anything else, or is broken. Nothing was run.
    """
    try:
        _check_modest(content)
        return _flat(_ArrayUnpickler(io.BytesIO(content)).load())
    except Exception as error:  # a broken pickle may raise anything
        raise InputError(f"{source}: {error}") from error


def _check_modest(content: bytes) -> None:
    """Refuses a pickle that makes the reader itself take memory by a number that stands in it.

    Raises:
        UnpicklingError: it does.
        ValueError: it is broken.
    """
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name == "BYTEARRAY8" or (opcode.name.endswith("PUT") and int(argument or 0) > len(content)):
            raise pickle.UnpicklingError(f"expected numpy arrays only, found {opcode.name} {argument!r:.30}")


def _flat(root: object) -> dict[str, NDArray[np.float32]]:
    """The arrays of nested dicts by their path."""
    arrays: dict[str, NDArray[np.float32]] = {}
    left, seen = [("", root)], 0
    while left:
        path, value = left.pop()
        seen += 1
        if seen > MOST:  # a few dicts can stand in each other a billion times
            raise pickle.UnpicklingError(f"expected at most {MOST:,} dicts and arrays, found more")
        if isinstance(value, _Array) and value.values is not None:
            arrays[path] = value.values
        elif isinstance(value, dict):
            left += [(f"{path}/{key}" if path else str(key), below) for key, below in reversed(value.items())]
        else:
            raise pickle.UnpicklingError(f"expected dicts of arrays, found {type(value).__name__} at {path!r:.200}")
    return arrays
