"""ONNX files of others: one file each, which names no other."""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logotal.errors import InputError
from logotal.files.text import check_plain

_EXTERNAL = re.compile(rb"(\x0a|\x8a\x80*\x00)(\x08|\x88\x80*\x00)location")
"""The key that each tensor outside an ONNX file has in it: protobuf's field 1 of 8 bytes, however long-winded."""


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """In which a runtime opens a model.

    Raises:
        InputError: it is no model, or not whole in its file.
    """
    refuse_external_data(path)
    try:
        yield
    except Exception as error:  # those of onnxruntime share no base but Exception
        raise InputError(f"{path}: not an ONNX model ({' '.join(str(error).split())[:200]})") from error


def refuse_external_data(path: Path) -> None:
    """Makes sure that all of a model is in its file: one that names others could have any file read.

    Raises:
        InputError: it does, or there is no such file, or no plain one.
    """
    check_plain(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            external = _EXTERNAL.search(content) is not None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not an ONNX model ({getattr(error, 'strerror', None) or error})") from error
    if external:
        raise InputError(f"{path}: keeps tensors in other files, which are not read; export it as one file")
