"""Which videos belong together: one person, match or day, which no split may tear apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from logotal.errors import InputError
from logotal.files.text import is_there, read_text
from logotal.formats.label_file import VideoLabels
from logotal.formats.tables import parse_table
from logotal.project.matching import VideoIndex
from logotal.project.video_files import VideoFile
from logotal.words import few


@dataclass(frozen=True)
class Groups:
    """The group of every video, by id, and sentences about it."""

    of_video: Mapping[str, str]
    notes: tuple[str, ...] = ()


def read_groups(path: Path | None, videos: Sequence[VideoFile], folder: Path) -> Groups | None:
    """The groups in a table with the columns video and group, or None without one.

    Raises:
        InputError: the table has other columns, or a video two groups.
    """
    if path is None:
        return None
    if not is_there(path):
        raise InputError(f"{path}: no such table of groups")
    table = parse_table(read_text(path), path, needed={"video"})
    video = table.roles["video"]
    other = [i for i, cell in enumerate(table.header) if cell.strip() and i != video]
    named = table.group_column(None)
    if len(column := other if named is None else [named]) != 1:
        raise InputError(
            f"{path}: expected the columns video and group, found {', '.join(cell.strip() for cell in table.header)}"
        )
    index = VideoIndex(videos)
    found: dict[str, str] = {}
    notes = []
    for line, cells in table.rows:
        name, group = cells[video].strip(), cells[column[0]].strip()
        if not (name and group):
            raise InputError(f"{path}, line {line}: expected a video and its group, found {name!r} and {group!r}")
        matched = index.find([name], path)
        if matched is None:
            notes.append(f"{path}, line {line}: no video is called {name!r}")
        elif found.setdefault(matched.video.id, group) != group:
            raise InputError(
                f"{path}, line {line}: {name!r} is in {group!r} here, in {found[matched.video.id]!r} before; keep one"
            )
    return Groups(found, tuple(notes))


def choose_groups(labels: Mapping[str, Sequence[VideoLabels]], column: str | None, listed: Groups | None) -> Groups:
    """The group of every video: as listed, else as its labels say, else the video itself.

    Raises:
        InputError: label files name two groups for a video, or none has the column.
    """
    said = {video: _said(video, entries) for video, entries in labels.items()}
    if column is not None and not any(said.values()):
        raise InputError(
            f"--group: no label file has a column {column!r} with groups; name another, or give --groups FILE"
        )
    known = {} if listed is None else listed.of_video
    groups = {video: known.get(video) or said[video] or video for video in labels}
    alone = [video for video in labels if not (known.get(video) or said[video])]
    notes = list(() if listed is None else listed.notes)
    if alone and len(alone) < len(labels):
        notes.append(f"videos without a group, each a group of its own: {few(alone)}")
    return Groups(groups, tuple(notes))


def _said(video: str, entries: Sequence[VideoLabels]) -> str | None:
    groups = sorted({entry.group for entry in entries if entry.group})
    if len(groups) > 1:
        raise InputError(f"video {video!r}: label files name the groups {', '.join(groups)}; keep one")
    return groups[0] if groups else None
