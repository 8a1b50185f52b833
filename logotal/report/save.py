"""Timelines written to a file: in any format of `logotal.formats`, or as a page to look at."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from logotal.errors import InputError
from logotal.files.whole import write_whole
from logotal.formats.timelines import check_suffix, write_timelines
from logotal.report.page import timeline_page
from logotal.timeline import Timeline

PAGE = ".html"


def save_timelines(
    timelines: Sequence[Timeline],
    path: Path,
    *,
    truths: Mapping[str, Timeline] | None = None,
    labels_from: str | None = None,
    title: str = "Timelines",
) -> None:
    """Writes timelines; the suffix of `path` chooses the format.

    Args:
        timelines: one per video.
        path: parent folders are made; an existing file is replaced.
        truths: what is annotated, by video; the page draws it beside the timelines.
        labels_from: what gave the actions their labels, if not the network; ActivityNet's JSON has a place for it.
        title: the heading of a page.

    Raises:
        InputError: the suffix names no format, the format cannot hold these timelines, or the file cannot be written.
    """
    check_target(path)
    if not _is_page(path):
        write_timelines(timelines, path, labels_from=labels_from)
        return
    known = truths or {}
    files = {timeline.video: timeline.file for timeline in (*known.values(), *timelines) if timeline.file is not None}
    videos = {video: _address(file, path) for video, file in files.items()}
    write_whole(path, timeline_page(timelines, truths=known, videos=videos, title=title).encode())


def check_target(path: Path) -> None:
    """Makes sure that timelines can be written under this name; better known before the work than after.

    Raises:
        InputError: the suffix names no format.
    """
    if not _is_page(path):
        try:
            check_suffix(path)
        except InputError as error:
            raise InputError(f"{error}; or {PAGE}, a page to look at") from None


def _is_page(path: Path) -> bool:
    return path.suffix.lower() == PAGE


def _address(file: Path, page: Path) -> str:
    """Where a video lies, as an address relative to the page."""
    return quote(Path(os.path.relpath(file.resolve(), page.resolve().parent)).as_posix())
