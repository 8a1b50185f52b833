"""Timelines written to a file: in any format of `logotal.formats`, or as a page to look at."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from logotal.errors import InputError
from logotal.files.target import check_target
from logotal.formats.timelines import check_suffix, saved_kind, write_timelines
from logotal.report.page import timeline_page
from logotal.report.sheet import PAGE, write_page
from logotal.timeline import Timeline


def save_timelines(
    timelines: Sequence[Timeline],
    path: Path,
    *,
    truths: Mapping[str, Timeline] | None = None,
    labels_from: str | None = None,
    title: str = "Timelines",
    safe_csv: bool = False,
    overwrite: bool = False,
) -> None:
    """Writes timelines; the suffix of `path` chooses the format.

    Args:
        timelines: one per video.
        path: parent folders are made; earlier timelines there are replaced, and a copy stays of what people edit.
        truths: what is annotated, by video; the page draws it beside the timelines.
        labels_from: what gave the actions their labels, if not the network; ActivityNet's JSON has a place for it.
        title: the heading of a page.
        safe_csv: in a .csv, names that a spreadsheet takes for formulas begin with an apostrophe.
        overwrite: replaces another file too; a copy of it stays.

    Raises:
        InputError: the suffix names no format, the format cannot hold these timelines, another file lies there, or the
            file cannot be written.
    """
    check_timelines_target(path, overwrite=True)
    if not _is_page(path):
        write_timelines(timelines, path, labels_from=labels_from, safe_csv=safe_csv, overwrite=overwrite)
        return
    known = truths or {}
    files = {timeline.video: timeline.file for timeline in (*known.values(), *timelines) if timeline.file is not None}
    videos = {video: _address(file, path) for video, file in files.items()}
    page = timeline_page(timelines, truths=known, videos=videos, title=title)
    write_page(path, page, overwrite=overwrite)


def check_timelines_target(path: Path, inputs: Iterable[Path] = (), *, overwrite: bool = False) -> None:
    """Makes sure that a model's timelines can be written under this name; better known before the work than after.

    Args:
        path: where they are to go.
        inputs: files that are read, which are never replaced.
        overwrite: another file than earlier timelines may be replaced.

    Raises:
        InputError: the suffix names no format, or the place is not free (`files.target`).
    """
    if not _is_page(path):
        try:
            check_suffix(path)
        except InputError as error:
            raise InputError(f"{error}; or .html, a page to look at") from None
    check_target(path, PAGE if _is_page(path) else saved_kind(path), inputs=inputs, overwrite=overwrite)


def _is_page(path: Path) -> bool:
    return path.suffix.lower() == ".html"


def _address(file: Path, page: Path) -> str:
    """Where a video lies, as an address relative to the page."""
    return quote(Path(os.path.relpath(file.resolve(), page.resolve().parent)).as_posix())
