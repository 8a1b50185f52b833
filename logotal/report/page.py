"""The report page: timelines in one HTML file that needs nothing else, and as a picture for notebooks.

The page makes no request but for the videos beside it; its content policy forbids any other, and any script but its
own. Names and labels travel as JSON and are only ever set as text.
"""

import html
import json
from collections.abc import Mapping, Sequence
from string import Template
from urllib.parse import urlsplit

from logotal import __version__
from logotal.errors import InputError
from logotal.report.charts.palette import color_indices
from logotal.report.charts.svg import timeline_svg
from logotal.report.sheet import content_hash, source, style
from logotal.timeline import Action, Timeline

__all__ = ["timeline_page", "timeline_svg"]


def timeline_page(
    timelines: Sequence[Timeline],
    *,
    truths: Mapping[str, Timeline] | None = None,
    videos: Mapping[str, str] | None = None,
    title: str = "Timelines",
) -> str:
    """The text of a self-contained HTML page that shows timelines.

    Where most scores are below 0.1, as in a detector's raw output, the page begins with the rest; its slider shows all.

    Args:
        timelines: one per video.
        truths: what is annotated, by video; drawn beside the predictions. A video that only has a truth is shown too.
        videos: where each video lies, as an address relative to the page; those are played.
        title: the heading.

    Raises:
        InputError: the address of a video is not relative.
    """
    timelines = [timeline.named() for timeline in timelines]
    truths, videos = {video: truth.named() for video, truth in (truths or {}).items()}, videos or {}
    predicted = {timeline.video for timeline in timelines}
    unpredicted = [Timeline(video, (), truth.duration) for video, truth in truths.items() if video not in predicted]
    data = _data([*timelines, *unpredicted], truths, videos)
    css, script = style("page.css", "--ink"), "".join(map(source, ("plot.js", "details.js", "controls.js", "page.js")))
    policy = (
        f"default-src 'none'; script-src '{content_hash(script)}'; style-src '{content_hash(css)}'; "
        "media-src 'self' file: blob: data:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    # One pass: what looks like a placeholder inside a value stays as it is.
    return Template(source("page.html")).substitute(
        title=html.escape(title),
        version=__version__,
        policy=policy,
        style=css,
        script=script,
        data=_script_safe(data),
    )


def _data(timelines: Sequence[Timeline], truths: Mapping[str, Timeline], videos: Mapping[str, str]) -> object:
    """What page.js reads: labels as indices and actions as flat lists, for a page may hold a million of them."""
    shown = [*timelines, *truths.values()]
    colors = color_indices(action.label for timeline in shown for action in timeline)
    index = {label: i for i, label in enumerate(colors)}
    entries = []

    def span(action: Action) -> tuple[float, float]:
        return round(float(action.start), 3), round(float(action.end), 3)

    for timeline in timelines:
        truth = truths.get(timeline.video)
        duration = timeline.duration if timeline.duration is not None or truth is None else truth.duration
        entries.append(
            {
                "id": timeline.video,
                "duration": None if duration is None else float(duration),
                "source": _relative(timeline.video, videos.get(timeline.video)),
                "predictions": [x for a in timeline for x in (*span(a), index[a.label], round(float(a.score), 4))],
                "truths": None if truth is None else [x for a in truth for x in (*span(a), index[a.label])],
            }
        )
    return {"labels": list(colors), "colors": list(colors.values()), "videos": entries}


def _relative(video: str, address: str | None) -> str | None:
    if address is not None and _leads_elsewhere(address):
        raise InputError(
            f"video {video!r}: expected an address relative to the page, found {address!r}; put the file beside it"
        )
    return address


def _leads_elsewhere(address: str) -> bool:
    """Whether a browser finds a scheme or a host in an address; a backslash is a slash to it."""
    try:
        parts = urlsplit(address.replace("\\", "/"))
    except ValueError:  # a host that is none
        return True
    return bool(parts.scheme or parts.netloc)


def _script_safe(data: object) -> str:
    """JSON that cannot end the <script> it stands in, nor begin a comment there."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
