"""Tables of points with one header: SLEAP's CSV, MediaPipe's landmarks in the ways that people write them.

Wide, a row for a frame or for a body in a frame: `nose.x, nose.y, nose.score`, `x1, y1, z1, v1`,
`left_hip_x, left_hip_y, left_hip_visibility`. Long, a row for a point: `frame, landmark, x, y, z, visibility`.
Columns may say the frame, the track (or person) and the video; what else stands there is told or refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import numpy as np

from logotal.errors import InputError
from logotal.importing.cells import check_cells, numbers, rows_of
from logotal.importing.entry import Choices, Entry, stem
from logotal.importing.points import AXES, SURE, THRESHOLDS, Column, pose_of_tracks
from logotal.importing.pose import Pose
from logotal.words import few

ROLES = {
    "frame": {"frame", "frame_idx", "frame_index", "frame_number", "frame_num", "frame_id", "frame_no"},
    "track": {"track", "track_id", "track_name", "individual", "person", "person_id"},
    "video": {"video", "video_path", "video_name", "filename"},
    "point": {"node", "landmark", "landmark_id", "landmark_index", "landmark_name", "keypoint", "bodypart", "joint"},
}
BESIDE = {"instance_idx", "instance_score", "instance.score", "tracking_score", "class", "label", "time", "timestamp"}
BESIDE |= {"timestamp_ms", "time_s", "world"}
SURENESS = ("v", "vis", "visibility", "score", "confidence", "conf", "likelihood")
LEFT = ("presence",)
WORDS = "|".join((*AXES, *SURENESS, *LEFT))
NUMBERED = re.compile(rf"({WORDS})_?(\d+)")
NAMED = re.compile(rf"(.+?)[._ ]({WORDS})")


@dataclass(frozen=True)
class Layout:
    """Which columns of a table say what; in a long one, `columns` are the coordinates of whatever point a row is of."""

    roles: Mapping[str, int]
    columns: Mapping[int, Column]
    long: bool
    beside: tuple[str, ...]
    threshold: float


def point_entries(path: Path, rows: Sequence[Sequence[str]], choices: Choices) -> list[Entry] | None:
    """The poses in a table of points; None where it is no such table.

    Raises:
        InputError: columns may be points of a body or channels, or a row cannot be placed.
    """
    layout = _layout(path, rows[0], choices.coordinates)
    if layout is None:
        return None
    check_cells(path, rows, len(rows[0]))
    if layout.beside:
        choices.say(f"{path}: left out {few(layout.beside)}: no coordinates")
    videos = _by_video(rows[1:], layout.roles.get("video"))
    return [
        Entry(
            (_called(video), stem(path)) if video else (stem(path),),
            path,
            (_pose(path, some, layout).steps,),
            pose=_reader(path, layout, video),
            key=(_called(video),) if len(videos) > 1 else (),
        )
        for video, some in videos.items()
    ]


def _layout(path: Path, header: Sequence[str], coordinates: str | None) -> Layout | None:
    names = [cell.strip().lower() for cell in header]
    roles = {role: names.index(name) for role, called in ROLES.items() for name in names if name in called}
    rest = {i: name for i, name in enumerate(names) if i not in roles.values() and name not in BESIDE}
    long = "point" in roles and {"x", "y"} <= set(rest.values())
    found = {
        i: (("", name) if name in WORDS.split("|") else None) if long else _parsed(name) for i, name in rest.items()
    }
    known = {i: part for i, part in found.items() if part is not None}
    points = {point for point, axis in known.values() if axis == "x"} & {p for p, axis in known.values() if axis == "y"}
    if coordinates == "none" or not points or (len(points) < 2 and not long):
        return None
    sure = {point for point, axis in known.values() if axis in SURENESS}
    if coordinates is None and not (points <= sure or "frame" in roles) and len(known) >= len(rest):
        raise InputError(
            f"{path}: columns {few([header[i] for i in known], 4)} may be points of a body or plain channels; say "
            "--coordinates xy (or xyz), or --coordinates none"
        )
    strangers = [header[i] for i in rest if i not in known]
    if strangers:
        if points <= sure or coordinates is not None or roles:
            raise InputError(f"{path}: columns {few(strangers)} are no coordinates of a point; remove them")
        return None
    kinds = {axis for _, axis in known.values() if axis in SURENESS}
    columns = {i: _column(part) for i, part in known.items() if part[1] not in LEFT}
    beside = [header[i] for i, name in enumerate(names) if name in BESIDE and name]
    beside += [header[i] for i, part in known.items() if part[1] in LEFT]
    threshold = max((THRESHOLDS.get(kind, 0.0) for kind in kinds), default=0.0)
    return Layout(roles, columns, long, tuple(beside), threshold)


def _parsed(name: str) -> tuple[str, str] | None:
    """The point and the word of a column of a wide table."""
    if found := NUMBERED.fullmatch(name):
        return found[2], found[1]
    found = NAMED.fullmatch(name)
    return (found[1], found[2]) if found else None


def _column(part: tuple[str, str]) -> Column:
    point, axis = part
    body, mark, rest = point.partition(".")
    split = bool(mark) and re.fullmatch(r"inst\d+", body) is not None
    return Column(body if split else "", rest if split else point, axis if axis in AXES else SURE)


def _by_video(rows: Sequence[Sequence[str]], column: int | None) -> dict[str, list[Sequence[str]]]:
    videos: dict[str, list[Sequence[str]]] = {}
    for row in rows:
        videos.setdefault("" if column is None else row[column].strip(), []).append(row)
    return videos


def _called(video: str) -> str:
    """The name of a video by its path, of whatever machine."""
    return PureWindowsPath(video).stem


def _reader(path: Path, layout: Layout, video: str) -> Callable[[], Pose]:
    return lambda: _pose(path, _by_video(rows_of(path)[1:], layout.roles.get("video"))[video], layout)


def _pose(path: Path, rows: Sequence[Sequence[str]], layout: Layout) -> Pose:
    where, roles = str(path), layout.roles
    if "frame" not in roles and ("track" in roles or layout.long):
        raise InputError(f"{path}: expected a column that says the frame of each row, found none; add one called frame")
    if layout.long:
        rows, columns = _widened(path, rows, layout)
        places = list(range(2, 2 + len(columns)))
        frame, track = 0, 1
    else:
        columns, places = list(layout.columns.values()), list(layout.columns)
        frame, track = roles.get("frame", -1), roles.get("track", -1)
    tracks: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        tracks.setdefault(row[track].strip() if track >= 0 else "", []).append(number)
    values = numbers([[row[i] for i in places] for row in rows], where, [column.point for column in columns])
    frames = np.arange(len(rows), dtype=float)
    if frame >= 0:
        frames = numbers([[row[frame]] for row in rows], where, ["frame"])[:, 0]
    pose = pose_of_tracks(
        {name: (frames[some], values[some]) for name, some in tracks.items()}, columns, layout.threshold, where
    )
    return pose if frame >= 0 else Pose(pose.bodies, pose.threshold)


def _widened(path: Path, rows: Sequence[Sequence[str]], layout: Layout) -> tuple[list[list[str]], list[Column]]:
    """A long table as a wide one: frame, track, then the coordinates of each point."""
    point, frame, track = layout.roles["point"], layout.roles["frame"], layout.roles.get("track")
    names = list(dict.fromkeys(row[point].strip() for row in rows))
    columns = [Column("", name, column.axis) for name in names for column in layout.columns.values()]
    wide: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in rows:
        place = wide.setdefault((row[frame].strip(), "" if track is None else row[track].strip()), {})
        if place.setdefault(row[point].strip(), cells := [row[i] for i in layout.columns]) is not cells:
            raise InputError(f"{path}: point {row[point]!r} stands twice in frame {row[frame]}; track bodies first")
    empty = [""] * len(layout.columns)
    return [[*key, *_joined(points.get(name, empty) for name in names)] for key, points in wide.items()], columns


def _joined(parts: Iterable[list[str]]) -> list[str]:
    return [cell for part in parts for cell in part]
