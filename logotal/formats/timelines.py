"""Files that hold timelines: the suffix of a name chooses the format.

`FORMATS` writes and `READERS` reads back. A writer is `(timelines, truths) -> text` and leaves out what its format
cannot say; a reader is `(text, path) -> timelines`. Both are part of a `Form`: a new format is a file here and a line
in `labels.FORMS`. A name that ends in .gz besides (`.json.gz`) is compressed.
"""

import gzip
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from logotal.errors import InputError
from logotal.files.target import Kind, write_target
from logotal.files.text import read_text
from logotal.formats.activitynet import write_activitynet
from logotal.formats.comma_separated import write_csv
from logotal.formats.form import Reader, Writer
from logotal.formats.labels import FORMS
from logotal.timeline import Action, Timeline

__all__ = ["FORMATS", "READERS", "check_suffix", "is_plain_csv", "read_timelines", "saved_kind", "write_timelines"]

FORMATS: dict[str, Writer] = {form.saved.suffix: form.saved.write for form in FORMS if form.saved}

READERS: dict[str, Reader] = {form.saved.suffix: form.saved.read for form in FORMS if form.saved}


def write_timelines(
    timelines: Sequence[Timeline],
    path: Path,
    *,
    truths: Mapping[str, Timeline] | None = None,
    labels_from: str | None = None,
    model: str | None = None,
    safe_csv: bool = False,
    overwrite: bool = False,
) -> None:
    """Writes timelines to `path`, whole or not at all, in the format that its suffix names.

    Args:
        timelines: one per video.
        path: parent folders are made; earlier timelines there are replaced, and a copy of them stays.
        truths: what is annotated, by video; the formats that show both draw it beside the timeline.
        labels_from: what gave the actions their labels, if not the network; ActivityNet's JSON has a place for it.
        model: the model on the Hugging Face hub that found them; it stands in ActivityNet's JSON too.
        safe_csv: in a .csv, names that a spreadsheet takes for formulas begin with an apostrophe.
        overwrite: replaces another file too; a copy of it stays.

    Raises:
        InputError: the suffix names no format, two timelines are of the same video, a number is not finite, the
            format cannot hold these timelines, another file lies there, or the file cannot be written.
    """
    path = Path(path)
    writer = FORMATS[_suffix(path, FORMATS, "written")]
    if writer is write_activitynet:
        writer = partial(write_activitynet, labels_from=labels_from, model=model)
    if writer is write_csv:
        writer = partial(write_csv, safe=safe_csv)
    try:
        _check(timelines)
        content = writer(timelines, truths or {}).encode("utf-8")
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}: a label or video name is not valid text, found {error.object[error.start]!r}"
        ) from error
    content = gzip.compress(content, mtime=0) if path.suffix.lower() == ".gz" else content
    write_target(path, content, saved_kind(path, by_model=_by_model(timelines)), overwrite=overwrite)


def saved_kind(path: Path, *, by_model: bool = True) -> Kind:
    """Files of timelines as logotal writes them in the form that the suffix of `path` names.

    Such a file says again, letter by letter, what it says when it is read and written. Where the form has a place for
    scores, what a person annotated or corrected has none but 1: a model's timelines (`by_model`) do not replace it.

    Raises:
        InputError: the suffix names no format.
    """
    suffix = _suffix(path, FORMATS, "written")

    def is_ours(held: Path) -> bool:
        text = read_text(held)
        timelines = READERS[suffix](text, held)
        if by_model and _holds_scores(suffix) and any(timelines) and not _by_model(timelines):
            return False
        writers: list[Writer] = [FORMATS[suffix], *([partial(write_csv, safe=True)] if suffix == ".csv" else [])]
        # External data is what no timeline holds.
        return EXTERNAL.sub("", text) in (EXTERNAL.sub("", write(timelines, {})) for write in writers)

    return Kind(f"a {suffix} of timelines", is_ours, edited=True)


EXTERNAL = re.compile(r'^"external_data": .*$', re.MULTILINE)


def _by_model(timelines: Sequence[Timeline]) -> bool:
    """Whether a model found them: a person's have no score but 1."""
    return any(action.score != 1 for timeline in timelines for action in timeline)


@cache
def _holds_scores(suffix: str) -> bool:
    """Whether a form has a place for scores."""
    scored = [Timeline("video", (Action(0.0, 1.0, "label", 0.5),), 2.0)]
    return _by_model(READERS[suffix](FORMATS[suffix](scored, {}), Path(f"video{suffix}")))


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


def is_plain_csv(path: Path) -> bool:
    """Whether a file of that name is a table of our own: the only form in which names may be written as text."""
    return FORMATS[_suffix(path, FORMATS, "written")] is write_csv


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
