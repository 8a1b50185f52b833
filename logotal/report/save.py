"""Timelines written to a file: in any format of `logotal.formats`, or as a page to look at."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.files.remote import is_remote, refuse_remote
from logotal.files.target import check_target
from logotal.formats.timelines import check_suffix, is_plain_csv, saved_kind, write_timelines
from logotal.report.copies import write_copies
from logotal.report.page import Film, Place, timeline_page
from logotal.report.sheet import PAGE, write_page
from logotal.timeline import Timeline
from logotal.video.probe import probe
from logotal.words import amount

PLAYED = frozenset({"h264", "vp8", "vp9", "av1"})
"""Codecs, by FFmpeg's names, that all browsers play."""

OPENED = frozenset({".mp4", ".m4v", ".webm", ".mov", ".mkv"})
"""Endings of containers that most browsers open."""


def save_timelines(
    timelines: Sequence[Timeline],
    path: Path,
    *,
    truths: Mapping[str, Timeline] | None = None,
    labels_from: str | None = None,
    model: str | None = None,
    learned: Collection[str] = (),
    places: Sequence[Place] = (),
    title: str = "Timelines",
    playable: bool = False,
    safe_csv: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    say: Say = silent,
) -> None:
    """Writes timelines; the suffix of `path` chooses the format.

    Args:
        timelines: one per video.
        path: parent folders are made; earlier timelines there are replaced, and a copy stays of what people edit.
        truths: what is annotated, by video; the page draws it beside the timelines.
        labels_from: what gave the actions their labels, if not the network; ActivityNet's JSON has a place for it.
        model: the model on the Hugging Face hub that found them; it stands in ActivityNet's JSON too.
        learned: the videos that the model has learned from; the page marks them.
        places: what is worth a look; the page lists it with links to it.
        title: the heading of a page.
        playable: the page plays small copies of the videos, which any browser plays; they are written into a folder
            beside it, PAGE_videos.
        safe_csv: in a .csv, names that a spreadsheet takes for formulas begin with an apostrophe.
        overwrite: replaces another file too; a copy of it stays.
        progress: callback(copies done, copies in all).
        say: callback(sentence): which video has no copy, and which ones browsers do not play.

    Raises:
        InputError: the suffix names no format, the format cannot hold these timelines, another file lies there, or a
            file cannot be written.
    """
    check_timelines_target(path, playable=playable, safe_csv=safe_csv, overwrite=True)
    if not is_page(path):
        write_timelines(timelines, path, labels_from=labels_from, model=model, safe_csv=safe_csv, overwrite=overwrite)
        return
    known = truths or {}
    files = {timeline.video: timeline.file for timeline in (*known.values(), *timelines) if timeline.file is not None}
    if playable and files:
        files |= write_copies(files, path.with_name(f"{path.stem}_videos"), progress=progress, say=say)
    elsewhere = [file for file in files.values() if is_remote(file) or is_remote(path)]
    if elsewhere:
        count = amount(len(elsewhere), "video")
        say(f"{count} cannot be played from the page; --playable writes copies beside a page on this machine")
    files = {video: file for video, file in files.items() if file not in elsewhere}
    films = {video: _film(file, path) for video, file in files.items()}
    page = timeline_page(timelines, truths=known, videos=films, learned=learned, places=places, title=title)
    write_page(path, page, overwrite=overwrite)
    _advise(files, films, say)


def check_timelines_target(
    path: Path,
    inputs: Iterable[Path] = (),
    *,
    playable: bool = False,
    safe_csv: bool = False,
    overwrite: bool = False,
) -> None:
    """Makes sure that a model's timelines can be written under this name; better known before the work than after.

    Args:
        path: where they are to go.
        inputs: files that are read, which are never replaced.
        playable: copies of videos are to be written beside a page.
        safe_csv: names that a spreadsheet takes for formulas are to be text.
        overwrite: another file than earlier timelines may be replaced.

    Raises:
        InputError: the suffix names no format, or one that cannot be playable or safe and is to be, or the place is
            not free (`files.target`).
    """
    if not is_page(path):
        try:
            check_suffix(path)
        except InputError as error:
            raise InputError(f"{error}; or .html, a page to look at") from None
        if playable:
            raise InputError(f"{path}: only a page plays videos, expected a name that ends in .html")
    if playable:
        refuse_remote(path, "a page beside copies of videos, and so a file")
    if safe_csv and (is_page(path) or not is_plain_csv(path)):
        raise InputError(f"{path}: only a table of our own can be safe, expected a name that ends in .csv")
    check_target(path, PAGE if is_page(path) else saved_kind(path), inputs=inputs, overwrite=overwrite)


def is_page(path: Path) -> bool:
    """Whether a file of that name is a page."""
    return path.suffix.lower() == ".html"


def check_page(path: Path, what: str, *, overwrite: bool) -> None:
    """Makes sure, before long work, that a page can be written; `what` it is about, with its verb.

    Raises:
        InputError: the name is not that of a page, or another file lies there and `overwrite` is not given.
    """
    if not is_page(path):
        raise InputError(f"{path}: {what} written as a page, expected a name that ends in .html")
    check_target(path, PAGE, overwrite=overwrite)


def _film(file: Path, page: Path) -> Film:
    """Where a video lies, as an address relative to the page, and what it is, if it can be read."""
    address = quote(Path(os.path.relpath(file.resolve(), page.resolve().parent)).as_posix())
    try:
        info = probe(file)
    except (InputError, OSError):
        return Film(address)
    return Film(address, float(info.fps), info.codec)


def _advise(files: Mapping[str, Path], films: Mapping[str, Film], say: Say) -> None:
    """Says which videos browsers do not play."""
    foreign = [
        f"{file} ({film.codec})"
        for video, file in files.items()
        if (film := films[video]).codec and not (film.codec in PLAYED and file.suffix.lower() in OPENED)
    ]
    if foreign:
        count = f"{amount(len(foreign), 'video')}, the first of them {foreign[0]}"
        say(f"browsers do not play {count}; --playable writes copies beside the page that they play")
