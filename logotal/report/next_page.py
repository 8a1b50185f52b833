"""What to label next on a page: each stretch leads to its place, with what the model found there."""

from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.report.page import Place
from logotal.report.save import check_page, save_timelines
from logotal.runs.next_to_label import NextToLabel, next_to_label

MOST = 200
"""Stretches that a page lists."""


def write_next_page(
    project: str | Path,
    run: str | Path | None,
    save: str | Path,
    *,
    playable: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    say: Say = silent,
) -> NextToLabel:
    """Writes the page, and returns what it shows.

    Args:
        project: a project folder.
        run: another run than the project's own.
        save: the page, a name that ends in .html.
        playable: the page plays small copies of the videos, which any browser plays.
        overwrite: replaces a file that is no page of ours; a copy of it stays.
        progress: callback(videos done, videos in all), for features, detection and copies.
        say: callback(sentence): what could not be looked at, and which videos browsers do not play.

    Raises:
        InputError: see `next_to_label`; or the page cannot be written.
    """
    page = Path(save)
    check_page(page, "what to label next is", overwrite=overwrite)  # known before the model looks at videos
    found = next_to_label(project, run, progress=progress, say=say)
    shown = found.stretches[:MOST]
    videos = {stretch.video for stretch in shown}
    save_timelines(
        [line for line in found.timelines if line.video in videos],
        page,
        places=[Place(each.video, each.start, f"{each.video}, {each.start:.1f} s: {each.reason}") for each in shown],
        title=f"What to label next: {Path(project).resolve().name}",
        playable=playable,
        overwrite=overwrite,
        progress=progress,
        say=say,
    )
    return found
