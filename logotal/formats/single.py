"""What formats share whose file is about one video, or whose labels are lines of text."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.timeline import Action, Timeline


def only_video(timelines: Sequence[Timeline], holder: str) -> Timeline:
    """The one timeline that a file can hold; `holder` names the format in messages, as a plural.

    Raises:
        InputError: there is not exactly one, or an action starts before the video does.
    """
    if len(timelines) != 1:
        raise InputError(f"{holder} hold one video, found {len(timelines)}; write .json or .csv, or a file for each")
    from_zero(timelines[0], holder)
    return timelines[0]


def from_zero(timeline: Timeline, holder: str) -> None:
    """Makes sure that no action begins before its video.

    Raises:
        InputError: the action that does.
    """
    for action in timeline:
        if action.start < 0 or action.end < 0:
            raise InputError(f"{holder} begin at 0 seconds, found {action}; write .json or .csv")


def span_of(action: Action) -> tuple[float, float]:
    """When an action starts and ends, in seconds, for formats that have no other order.

    Raises:
        InputError: it ends before it starts.
    """
    start, end = float(action.start), float(action.end)
    if end < start:
        raise InputError(f"expected actions that end after they start, found {action}")
    return start, end


def one_line(text: str, holder: str) -> str:
    """The text itself, if it can stand in a line between tabs or in XML.

    Raises:
        InputError: it holds a line break, a tab, another control character or none at all.
    """
    bad = next((c for c in text if unicodedata.category(c) == "Cc" or c in "\ufffe\uffff"), None)
    if bad is not None:
        raise InputError(
            f"{holder} is one line of text without control characters, found {bad!r} in {text!r:.60}; "
            "write .json or .csv, or rename it"
        )
    return text


def video_of(path: Path) -> str:
    """The video that a file is about, where only the file's name says it.

    >>> video_of(Path("runs/match.1.vtt.gz"))
    'match.1'
    """
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    return name.rpartition(".")[0]
