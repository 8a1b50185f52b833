"""Annotations of label files whose videos are not at hand: of data sets that come as features.

`logotal init` reads the same files, and asks the videos for what the files do not say.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.target import numbers, write_target
from logotal.formats.annotations import action_entry
from logotal.formats.label_file import FoundAction, VideoLabels
from logotal.formats.labels import read_labels
from logotal.formats.moments import Clock
from logotal.formats.options import Options
from logotal.ranges import check_range
from logotal.timeline import Action

ANNOTATIONS = numbers("annotations", "database")


def gather_annotations(
    files: Iterable[str | Path],
    out: str | Path,
    *,
    split: Callable[[str, Path], str],
    options: Options | None = None,
    fps: float | None = None,
    overwrite: bool = False,
) -> None:
    """Writes what label files say as ActivityNet JSON; what several files say of a video is joined.

    Args:
        files: label files in any form that `logotal init` reads.
        out: where to write.
        split: the split of a video, by its id and label file, where the file does not say it.
        options: what a person says about the files.
        fps: frames a second of all videos, for files that count frames.
        overwrite: replaces a file that is no earlier one of these; a copy stays.

    Raises:
        InputError: a file is not as expected, or counts frames and `fps` is absent.
    """
    check_range("fps", fps, above=0)
    database: dict[str, dict[str, Any]] = {}
    for path in map(Path, files):
        for labels in read_labels(path, options).videos:
            name = labels.names[0]
            entry = {"subset": labels.split or split(name, path), "annotations": []} | _known(labels, fps)
            joined = database.setdefault(name, entry)
            joined["annotations"] += [action_entry(_placed(found, fps)) for found in labels.actions]
            unlabelled = (_placed(each, fps) for each in labels.unlabelled)
            if spans := [*map(list, labels.ignored), *([each.start, each.end] for each in unlabelled)]:
                joined["ignored"] = joined.get("ignored", []) + spans
    if not database:
        raise InputError("expected label files, found none with a video")
    text = json.dumps({"version": "gathered", "database": database}, ensure_ascii=False) + "\n"
    write_target(Path(out), text.encode(), ANNOTATIONS, overwrite=overwrite)


def _known(labels: VideoLabels, fps: float | None) -> dict[str, Any]:
    """What is said of the video itself."""
    frames = None if labels.frames is None or fps is None else labels.frames / fps
    said = {"duration": labels.duration or frames, "fps": fps, "group": labels.group}
    return {key: value for key, value in said.items() if value is not None}


def _placed(found: FoundAction, fps: float | None) -> Action:
    if fps is None and {found.start.clock, found.end.clock} & {Clock.FRAMES, Clock.TIMECODE}:
        raise InputError(f"{found.where}: expected seconds, found frames; say how many are a second with fps")
    return found.at(fps or 1.0)
