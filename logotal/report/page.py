"""The report page: timelines in one HTML file that needs nothing else, and as a picture for notebooks.

The page makes no request but for the videos beside it; its content policy forbids any other, and any script but its
own. Names and labels travel as JSON and are only ever set as text.
"""

import html
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from urllib.parse import urlsplit

from logotal import __version__
from logotal.errors import InputError
from logotal.report.charts.palette import color_indices
from logotal.report.charts.rows import MOST, rows
from logotal.report.charts.svg import timeline_svg
from logotal.report.sheet import content_hash, source, style
from logotal.timeline import Timeline

__all__ = ["Film", "Place", "timeline_page", "timeline_svg"]

SCRIPTS = ("plot.js", "details.js", "controls.js", "playback.js", "labels.js", "page.js")


@dataclass(frozen=True, slots=True)
class Film:
    """Where the video of a timeline lies, as an address relative to the page, and what is known of the file.

    `fps` is the rate of frame steps; `codec`, by FFmpeg's name, is for whoever cannot play it.

    >>> Film("videos/match.avi", fps=25.0, codec="mpeg4").address
    'videos/match.avi'
    """

    address: str
    fps: float | None = None
    codec: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a video that is worth a look, in seconds, or all of it; and why, in a sentence.

    >>> Place("match", 3.0, "match: a serve that nobody labelled").time
    3.0
    """

    video: str
    time: float | None
    text: str


def timeline_page(
    timelines: Sequence[Timeline],
    *,
    truths: Mapping[str, Timeline] | None = None,
    videos: Mapping[str, str | Film] | None = None,
    learned: Collection[str] = (),
    places: Sequence[Place] = (),
    title: str = "Timelines",
) -> str:
    """The text of a self-contained HTML page that shows timelines.

    Where most scores are below 0.1, as in a detector's raw output, the page begins with the rest; its slider shows all.

    Args:
        timelines: one per video.
        truths: what is annotated, by video; drawn beside the predictions. A video that only has a truth is shown too.
        videos: where each video lies, as an address relative to the page; those are played. A `Film` says more of it.
        learned: the videos that the model has learned from, which are marked.
        places: what is worth a look; listed with links to it. Those of videos that are not shown are left out.
        title: the heading.

    Raises:
        InputError: the address of a video is not relative.
    """
    timelines = [timeline.named() for timeline in timelines]
    truths, videos = {video: truth.named() for video, truth in (truths or {}).items()}, videos or {}
    predicted = {timeline.video for timeline in timelines}
    unpredicted = [Timeline(video, (), truth.duration) for video, truth in truths.items() if video not in predicted]
    films = {name: Film(known) if isinstance(known, str) else known for name, known in videos.items()}
    data = _data([*timelines, *unpredicted], truths, films, learned, places)
    css, script = style("page.css", "--ink"), "".join(map(source, SCRIPTS))
    policy = (
        f"default-src 'none'; script-src '{content_hash(script)}'; style-src '{content_hash(css)}'; "
        "media-src 'self' file: blob: data:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    # One pass: what looks like a placeholder inside a value stays as it is.
    return Template(source("page.html")).substitute(
        title=html.escape(title),
        version=__version__,
        rows=MOST,
        policy=policy,
        style=css,
        script=script,
        data=_script_safe(data),
    )


def _data(
    timelines: Sequence[Timeline],
    truths: Mapping[str, Timeline],
    films: Mapping[str, Film],
    learned: Collection[str],
    places: Sequence[Place],
) -> object:
    """What page.js reads: labels as indices and actions as flat lists, for a page may hold a million of them."""
    shown = [*timelines, *truths.values()]
    colors = color_indices(action.label for timeline in shown for action in timeline)
    index = {label: i for i, label in enumerate(colors)}
    entries = []

    def numbers(timeline: Timeline) -> list[tuple[float, ...]]:
        placed = zip(timeline, rows(timeline.actions), strict=True)
        return [(round(float(a.start), 3), round(float(a.end), 3), index[a.label], row) for a, row in placed]

    for timeline in timelines:
        truth, film = truths.get(timeline.video), films.get(timeline.video)
        duration = timeline.duration if timeline.duration is not None or truth is None else truth.duration
        scored = zip(numbers(timeline), timeline, strict=True)
        entries.append(
            {
                "id": timeline.video,
                "duration": None if duration is None else float(duration),
                "source": _relative(timeline.video, film),
                "fps": None if film is None else film.fps,
                "codec": None if film is None else film.codec,
                "learned": timeline.video in learned,
                "predictions": [x for place, action in scored for x in (*place, round(float(action.score), 4))],
                "truths": None if truth is None else [x for place in numbers(truth) for x in place],
            }
        )
    known = {timeline.video: number for number, timeline in enumerate(timelines)}
    listed = [{"video": known[p.video], "time": p.time, "text": p.text} for p in places if p.video in known]
    return {
        "labels": list(colors),
        "colors": list(colors.values()),
        "rows": MOST,
        "videos": entries,
        "places": listed,
    }


def _relative(video: str, film: Film | None) -> str | None:
    if film is None:
        return None
    if _leads_elsewhere(film.address):
        raise InputError(
            f"video {video!r}: expected an address relative to the page, found {film.address!r}; put the file beside it"
        )
    return film.address


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
