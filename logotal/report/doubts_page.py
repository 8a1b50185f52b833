"""The doubts about the labels of a project on a page: each leads to its place, with labels and detections."""

from dataclasses import replace
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.evaluation.doubts import Doubt
from logotal.places import ANNOTATIONS
from logotal.project.folder import project_videos
from logotal.report.page import Place
from logotal.report.save import check_page, save_timelines
from logotal.runs.doubts import Doubts, doubts_of, read_folds
from logotal.timeline import Timeline

MOST = 200
"""Doubts that a page lists."""


def write_doubts_page(
    project: str | Path,
    save: str | Path,
    *,
    playable: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    say: Say = silent,
) -> Doubts:
    """Writes the page, and returns what it shows.

    Args:
        project: a project folder with folds.
        save: the page, a name that ends in .html.
        playable: the page plays small copies of the videos, which any browser plays.
        overwrite: replaces a file that is no page of ours; a copy of it stays.
        progress: callback(copies done, copies in all).
        say: callback(sentence): which videos browsers do not play.

    Raises:
        InputError: it is no project with folds, one of its videos is gone, or the page cannot be written.
    """
    project, page = Path(project), Path(save)
    check_page(page, "doubts are", overwrite=overwrite)  # known before videos are copied
    truth, detected = read_folds(project)
    found = doubts_of(truth, detected)
    files = project_videos(project, project / ANNOTATIONS)
    truths = {
        name: Timeline(name, video.actions, video.duration, files.get(name)) for name, video in truth.videos.items()
    }
    shown = [replace(each, duration=truths[each.video].duration) for each in detected if each.video in truths]
    places = [place_of(doubt) for doubt in found.doubts[:MOST] if doubt.video is not None]
    save_timelines(
        shown,
        page,
        truths=truths,
        places=places,
        title=f"Labels to look at again: {project.resolve().name}",
        playable=playable,
        overwrite=overwrite,
        progress=progress,
        say=say,
    )
    return found


def place_of(doubt: Doubt) -> Place:
    """Where a doubt leads to.

    >>> place_of(Doubt("missing", "match", 3.0, 4.5, "serve", 0.9, "serve, not labelled"))
    Place(video='match', time=3.75, text='match, 3.0 s: serve, not labelled (90 %)')
    """
    assert doubt.video is not None
    said = f"{doubt.sentence} ({100 * doubt.strength:.0f} %)"
    if doubt.start is None or doubt.end is None:
        return Place(doubt.video, None, f"{doubt.video}: {said}")
    return Place(doubt.video, (doubt.start + doubt.end) / 2, f"{doubt.video}, {doubt.start:.1f} s: {said}")
