"""SoccerNet v2 (Labels-v2.json and its like): moments of a match, in milliseconds of each half.

Layout: https://www.soccer-net.org/tasks/action-spotting; `gameTime` is "half - mm:ss" and `position` the milliseconds.
The halves lie beside the labels as 1_720p.mkv and 2_720p.mkv, or in other sizes.
"""

import re

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.models import Frame, Others, modelled
from logotal.formats.moments import Moment
from logotal.formats.times import clock_of

SIZES = ("_720p", "_224p", "_HQ", "")


class _Event(Others):
    gameTime: str  # noqa: N815 - as the file has it
    label: str
    position: Frame | str | None = None


class _Match(Others):
    UrlLocal: str = ""
    annotations: list[_Event]


def _claims(source: Source) -> bool:
    listed = source.object.get("annotations")
    return (
        isinstance(listed, list)
        and bool(listed)
        and all(isinstance(item, dict) and "gameTime" in item for item in listed)
    )


def _labels(source: Source) -> LabelFile:
    match = modelled(_Match, source.object, source.path)
    halves: dict[str, list[FoundAction]] = {}
    for i, event in enumerate(match.annotations):
        where = f"{source.path}: annotation {i}"
        found = re.fullmatch(r"\s*(\d+)\s*-\s*(\d+:\d{2}(?:\.\d+)?)\s*", event.gameTime)
        if found is None:
            raise InputError(f"{where}: expected gameTime as half - mm:ss, found {event.gameTime!r:.60}")
        clock = clock_of(found[2])
        seconds = clock if event.position is None else number(str(event.position), f"{where}: position") / 1000
        if seconds is None:
            raise InputError(f"{where}: expected gameTime as half - mm:ss, found {event.gameTime!r:.60}")
        moment = Moment(round(seconds, 6))
        halves.setdefault(found[1], []).append(FoundAction(moment, moment, event.label, where))
    folder = match.UrlLocal.replace("\\", "/").strip("/")
    videos = [
        VideoLabels(
            tuple(f"{folder}/{half}{size}.mkv".lstrip("/") for size in SIZES), source.path, tuple(actions), named=False
        )
        for half, actions in halves.items()
    ]
    return LabelFile(source.path, "SoccerNet", tuple(videos))


SOCCERNET = Form("SoccerNet v2 JSON", _claims, _labels, (".json",))
