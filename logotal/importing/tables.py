"""Tables as text (.csv, .tsv, .txt): a row a step and a column a channel, or points of a body."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from logotal.errors import InputError
from logotal.importing.cells import has_header, numbers, rows_of
from logotal.importing.deeplabcut import is_deeplabcut, pose_of_rows
from logotal.importing.entry import Array, Choices, Entry, stem
from logotal.importing.wide import point_entries
from logotal.words import few

COUNTERS = frozenset({"", "unnamed: 0", "index", "frame", "frame_idx", "frame_id", "frame_number", "step", "snippet"})
CLOCKS = frozenset({"time", "timestamp", "time_s", "timestamp_ms", "seconds", "sec"})


def read_table(path: Path, choices: Choices) -> list[Entry]:
    """The features or the points in a table."""
    rows = rows_of(path)
    if is_deeplabcut(rows):
        steps = pose_of_rows(path, rows).steps
        return [Entry((stem(path),), path, (steps,), pose=lambda: pose_of_rows(path, rows_of(path)))]
    if (found := point_entries(path, rows, choices)) is not None:
        return found
    header = has_header(rows)
    array = _channels(path, rows, choices)
    return [
        Entry((stem(path),), path, array.shape, read=lambda: _channels(path, rows_of(path), Choices()), rows=header)
    ]


def _channels(path: Path, rows: Sequence[Sequence[str]], choices: Choices) -> Array:
    """The numbers of a table, without the columns that count rows or say the time, which are told."""
    header = has_header(rows)
    names = list(rows[0]) if header else [str(number + 1) for number in range(len(rows[0]))]
    values = numbers(rows[1:] if header else rows, str(path), names)
    if not len(values):
        raise InputError(f"{path}: expected a row for each step, found a header alone")
    left = [column for column, name in enumerate(names) if header and name.strip().lower() in COUNTERS | CLOCKS]
    counts = values.shape[1] > 1 and len(values) > 2 and np.array_equal(values[:, 0], np.arange(len(values)))
    if counts and 0 not in left:
        left.append(0)
    if left:
        choices.say(f"{path}: left out {few([names[column] or 'the first column' for column in left])}: no channels")
    return np.delete(values, left, axis=1)
