"""BENTO annotations (.annot): bouts of behaviors by channel, in frames from 1, the last one included.

Layout: https://github.com/neuroethology/bentoMAT (docs/annot_format.md). The file says its frame rate and its movie.
Channels are the views of different people or of a machine; where several hold bouts, it is asked which counts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.moments import Clock, Moment
from logotal.formats.tiers import chosen_tiers, unread

RATE = re.compile(r"(?mi)^Annotation framerate:\s*([\d.]+)")
MOVIE = re.compile(r"(?mi)^Movie file\(s\):[ \t]*\n?[ \t]*(\S[^\n]*)")


class _Bout(NamedTuple):
    channel: str
    label: str
    first: float
    last: float
    line: int


def _bouts(text: str, path: Path) -> Iterator[_Bout]:
    """The bouts of the body, which begins with a line of the channel's name and hyphens."""
    channel = label = ""
    for i, line in enumerate(text.splitlines(), start=1):
        if heading := re.fullmatch(r"(\S(?:.*[^-])?)-{4,}\s*", line):
            channel, label = heading[1], ""
        elif line.startswith(">"):
            label = line[1:].strip()
        elif channel and label and (cells := line.split()) and not cells[0].isalpha():
            if len(cells) < 2:
                raise InputError(f"{path}, line {i}: expected the first and last frame of a bout, found {line!r:.60}")
            first, last = (number(cell, f"{path}, line {i}: a frame") for cell in cells[:2])
            yield _Bout(channel, label, first, last, i)


def _claims(source: Source) -> bool:
    return source.text.lstrip().lower().startswith("bento annotation file")


def _labels(source: Source) -> LabelFile:
    path = source.path
    bouts = list(_bouts(source.text, path))
    counts = Counter(bout.channel for bout in bouts)
    if not bouts:
        raise NotLabelsError(f"{path}: BENTO annotations without a bout; nobody annotated it yet")
    chosen = chosen_tiers(source, counts, "channel")
    found = RATE.search(source.text)
    fps = number(found[1], f"{path}: the frame rate") if found else None
    actions = [_action(bout, fps or None, path) for bout in bouts if bout.channel in chosen]
    movie = MOVIE.search(source.text)
    names = (movie[1].strip(), path.stem) if movie else (path.stem,)
    entry = VideoLabels(names, path, tuple(actions), named=movie is not None)
    return LabelFile(path, "BENTO", (entry,), notes=tuple(unread(source, counts, chosen, "channel")))


def _action(bout: _Bout, fps: float | None, path: Path) -> FoundAction:
    start, end = (
        Moment(frame, Clock.FRAMES) if fps is None else Moment(round(frame / fps, 6))
        for frame in (bout.first - 1, bout.last)
    )
    return FoundAction(start, end, bout.label, f"{path}, line {bout.line}")


BENTO = Form("BENTO .annot", _claims, _labels, (".annot",))
