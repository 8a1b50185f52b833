"""Tables that pandas wrote to HDF5, as DeepLabCut's .h5 are: read without pandas, and without running anything.

Of the two ways in which pandas writes, "fixed" has the names of columns as arrays. "table", which DeepLabCut takes, has
them as a pickle in an attribute, of which lists, tuples, texts and numbers are made, and nothing else.
"""

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from logotal.errors import InputError
from logotal.importing.deeplabcut import PICTURES, level_names, pose_of_columns
from logotal.importing.pose import Pose, Values

CURE = "write it as CSV (deeplabcut.analyze_videos_converth5_to_csv) and name that"
LONGEST_NAMES = 1 << 20
"""Bytes of the names of columns."""

PLAIN = {
    *("PROTO", "FRAME", "STOP", "MARK", "PUT", "GET", "BINPUT", "BINGET", "LONG_BINPUT", "LONG_BINGET", "MEMOIZE"),
    *("LIST", "EMPTY_LIST", "APPEND", "APPENDS", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_TUPLE"),
    *("NONE", "INT", "BININT", "BININT1", "BININT2", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
}
"""What a pickle of lists, tuples, texts and numbers consists of."""


class _PlainValues(pickle.Unpickler):
    """Makes no object of any class."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"expected names alone, found {module}.{name}")


def is_pandas(file: Any) -> bool:
    """Whether an HDF5 file holds one table of pandas, and nothing else."""
    return len(file) == 1 and "pandas_type" in next(iter(file.values())).attrs


def pose_of_pandas(file: Any, path: Path) -> Pose:
    """The pose in a table of DeepLabCut.

    Raises:
        InputError: it is another table, or written in a way that is not read.
    """
    group = next(iter(file.values()))
    try:
        fixed = "block0_values" in group
        names, values, frames = _fixed(group) if fixed else _table(group)
    except Exception as error:  # whatever another table has elsewhere
        raise InputError(f"{path}: not a table of DeepLabCut that can be read ({error!r:.200}); {CURE}") from error
    if frames.dtype.kind not in "iuf":
        raise InputError(f"{path}: expected a row for each frame, numbered; {PICTURES}")
    return pose_of_columns(level_names(names), values, frames.astype(np.float64), str(path))


def _fixed(group: Any) -> tuple[list[tuple[str, ...]], Values, Any]:
    levels = int(group.attrs["block0_items_nlevels"])
    parts = []
    for level in range(levels):
        words = [word.decode() for word in group[f"block0_items_level{level}"][()]]
        parts.append([words[number] for number in group[f"block0_items_label{level}"][()]])
    return list(zip(*parts, strict=True)), np.asarray(group["block0_values"][()], np.float64), group["axis1"][()]


def _table(group: Any) -> tuple[list[tuple[str, ...]], Values, Any]:
    rows = group["table"][()]
    blocks = [name for name in rows.dtype.names if name.startswith("values_block_")]
    if len(blocks) != 1 or len(rows.dtype.names) != 2:
        raise ValueError(f"columns {rows.dtype.names}")
    said = group["table"].attrs[f"{blocks[0]}_kind"]
    names = _plain(said.encode("latin-1") if isinstance(said, str) else bytes(said))
    return [tuple(map(str, name)) for name in names], np.asarray(rows[blocks[0]], np.float64), rows["index"]


def _plain(content: bytes) -> Any:
    if len(content) > LONGEST_NAMES:
        raise ValueError(f"{len(content):,} bytes of names")
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name not in PLAIN or (opcode.name.endswith("PUT") and int(argument or 0) > LONGEST_NAMES):
            raise ValueError(f"expected names alone, found {opcode.name}")
    return _PlainValues(io.BytesIO(content)).load()
