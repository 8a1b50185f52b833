"""Files that hold timelines: the suffix of a name chooses the format.

`FORMATS` writes and `READERS` reads back. A writer is `(timelines, truths) -> text` and leaves out what its format
cannot say; a reader is `(text, path) -> timelines`. Both are part of a `Form`: a new format is a file here and a line
in `labels.FORMS`. A name that ends in .gz besides (`.json.gz`) is compressed.
"""

import gzip
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from logotal.errors import InputError
from logotal.files.text import read_text
from logotal.files.whole import write_whole
from logotal.formats.activitynet import write_activitynet
from logotal.formats.form import Reader, Writer
from logotal.formats.labels import FORMS
from logotal.timeline import Timeline

__all__ = ["FORMATS", "READERS", "check_suffix", "read_timelines", "write_timelines"]

FORMATS: dict[str, Writer] = {form.saved.suffix: form.saved.write for form in FORMS if form.saved}

READERS: dict[str, Reader] = {form.saved.suffix: form.saved.read for form in FORMS if form.saved}


def write_timelines(
    timelines: Sequence[Timeline],
    path: Path,
    *,
    truths: Mapping[str, Timeline] | None = None,
    labels_from: str | None = None,
) -> None:
    """Writes timelines to `path`, whole or not at all, in the format that its suffix names.

    Args:
        timelines: one per video.
        path: parent folders are made; an existing file is replaced.
        truths: what is annotated, by video; the formats that show both draw it beside the timeline.
        labels_from: what gave the actions their labels, if not the network; ActivityNet's JSON has a place for it.

    Raises:
        InputError: the suffix names no format, two timelines are of the same video, a number is not finite, the
            format cannot hold these timelines, or the file cannot be written.
    """
    path = Path(path)
    writer = FORMATS[_suffix(path, FORMATS, "written")]
    if writer is write_activitynet:
        writer = partial(write_activitynet, labels_from=labels_from)
    try:
        _check(timelines)
        content = writer(timelines, truths or {}).encode("utf-8")
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}: a label or video name is not valid text, found {error.object[error.start]!r}"
        ) from error
    write_whole(path, gzip.compress(content, mtime=0) if path.suffix.lower() == ".gz" else content)


def read_timelines(path: str | Path) -> list[Timeline]:
    """The timelines in a file, in its order, one per video.

    Raises:
        InputError: the suffix names no format that can be read, the file is absent or not as expected, or a number in
            it is beyond what a float can hold.
    """
    path = Path(path)
    reader = READERS[_suffix(path, READERS, "read")]
    timelines = reader(read_text(path), path)
    try:
        _check(timelines)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return timelines


def check_suffix(path: Path) -> None:
    """Raises:
    InputError: the suffix of `path` names no format that can be written; better known before the work than after.
    """  # noqa: D205 - there is nothing else to say
    _suffix(path, FORMATS, "written")


def _suffix(path: Path, known: Mapping[str, object], done: str) -> str:
    name = path.name.lower().removesuffix(".gz")
    # The longest first: `.fiftyone.json` is another format than `.json`.
    for suffix in sorted(known, key=len, reverse=True):
        if name.endswith(suffix) and name != suffix:
            return suffix
    found = Path(name).suffix or "none"
    raise InputError(f"{path}: a timeline is {done} as one of {', '.join(known)}; found suffix {found}")


def _check(timelines: Sequence[Timeline]) -> None:
    seen: set[str] = set()
    for timeline in timelines:
        if timeline.video in seen:
            raise InputError(f"expected one timeline per video, found two of {timeline.video!r}; join their actions")
        seen.add(timeline.video)
        if timeline.duration is not None and not math.isfinite(timeline.duration):
            raise InputError(f"video {timeline.video!r}: duration must be finite, found {timeline.duration!r}")
        for action in timeline:
            if not all(map(math.isfinite, (action.start, action.end, action.score))):
                raise InputError(f"video {timeline.video!r}: start, end and score must be finite, found {action}")
