"""Tables of DeepLabCut: rows of names (scorer, individuals, bodyparts, coords), then a row a frame.

A project of one animal has no row of individuals.
"""

from collections.abc import Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.importing.cells import check_cells, is_number, numbers
from logotal.importing.points import SURE, THRESHOLDS, Column, bodies_of, frame_step, on_frames
from logotal.importing.pose import Pose, Values

LEVELS = ("scorer", "individuals", "bodyparts", "coords")
PICTURES = "this is a table of labeled pictures; name that of the whole video, which analyze_videos writes"


def is_deeplabcut(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table begins as those of DeepLabCut do."""
    begins = [row[0].strip() for row in rows[:4] if row]
    return begins[:1] == ["scorer"] and "bodyparts" in begins and "coords" in begins


def pose_of_rows(path: Path, rows: Sequence[Sequence[str]]) -> Pose:
    """The pose in a CSV of DeepLabCut.

    Raises:
        InputError: its rows are no frames, or a cell holds no number.
    """
    header = [row for row in rows[:4] if row[0].strip() in LEVELS]
    levels = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in header}
    body = rows[len(header) :]
    if not body or not all(is_number(row[0]) for row in body[:3]) or not all(levels["coords"]):
        raise InputError(f"{path}: expected a row for each frame, numbered; {PICTURES}")
    count = len(levels["coords"])
    check_cells(path, body, count + 1)
    individuals = levels.get("individuals", [""] * count)
    names = list(zip(individuals, levels["bodyparts"], levels["coords"], strict=False))
    values = numbers(body, str(path), ["frame", *("/".join(filter(None, name)) for name in names)])
    return pose_of_columns(names, values[:, 1:], values[:, 0], str(path))


def pose_of_columns(names: Sequence[tuple[str, str, str]], values: Values, frames: Values, where: str) -> Pose:
    """The pose in columns that are called (individual, body part, coordinate)."""
    columns = [Column(body, point, SURE if axis == "likelihood" else axis) for body, point, axis in names]
    if unknown := sorted({column.axis for column in columns} - {"x", "y", "z", SURE}):
        raise InputError(f"{where}: expected the coordinates x, y, z and likelihood, found {unknown[0]!r}")
    apart = frame_step(frames, where)
    bodies = bodies_of(columns, on_frames(frames, values, apart, where), where)
    return Pose(bodies, THRESHOLDS["likelihood"], stride=apart)


def level_names(levels: Sequence[Sequence[str]]) -> list[tuple[str, str, str]]:
    """Columns by individual, body part and coordinate, from (scorer, [individual,] body part, coordinate)."""
    return [(parts[-3] if len(parts) == 4 else "", parts[-2], parts[-1]) for parts in map(tuple, levels)]
