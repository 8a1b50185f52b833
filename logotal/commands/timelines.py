"""Where the timelines of `logotal detect` go: to the screen, into a file or a page, or into a copy of the video."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from logotal.commands.console import note, out, progress_bar

if TYPE_CHECKING:
    from logotal.timeline import Action, Timeline


def write_found(
    found: "Mapping[Path, Timeline]",
    save: Path,
    *,
    known: "Mapping[str, tuple[Action, ...]]",
    players: Mapping[str, Path],
    labels_from: str | None,
) -> None:
    """Writes the timelines of some inputs into a file whose suffix says how.

    Args:
        found: by video or feature file.
        save: a page has the truth of what is `known`, and plays the videos.
        known: annotated actions, by video.
        players: where videos lie whose features were the input.
        labels_from: what gave the actions their labels, where that was not the network.
    """
    from logotal.files.whole import write_whole  # noqa: PLC0415
    from logotal.formats import write_timelines  # noqa: PLC0415
    from logotal.report.page import timeline_page  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415

    timelines = list(found.values())
    truths = {t.video: Timeline(t.video, known[t.video], t.duration) for t in timelines if t.video in known}
    if save.suffix != ".html":
        write_timelines(timelines, save, truths=truths, labels_from=labels_from)
        return
    folder = save.resolve().parent
    files = dict(players) | {timeline.video: path for path, timeline in found.items() if path.suffix != ".npy"}
    shown = {timeline.video for timeline in timelines}
    videos = {
        name: quote(Path(os.path.relpath(path.resolve(), folder)).as_posix())
        for name, path in files.items()
        if name in shown
    }
    write_whole(save, timeline_page(timelines, truths=truths, videos=videos).encode())


def draw_found(video: Path, timeline: "Timeline", target: Path) -> None:
    """Writes a copy of a video with its timeline drawn in."""
    from logotal.report.overlay import write_annotated_video  # noqa: PLC0415

    with progress_bar("drawing frames", None) as advance:
        write_annotated_video(video, timeline, target, progress=lambda done, total: advance(1, total))
    note(f"annotated video: {target}")


def print_found(found: "Mapping[Path, Timeline]") -> None:
    """Prints the timelines, an action a line."""
    for timeline in found.values():
        out.print(f"{timeline.video}: {len(timeline)} actions", markup=False)
        for action in timeline:
            out.print(f"  {action.start:9.2f} - {action.end:9.2f} s  {action.score:.3f}  {action.label}", markup=False)
