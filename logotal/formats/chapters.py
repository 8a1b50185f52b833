"""Chapters of a video as YouTube's descriptions have them: a clock and a title a line, each until the next begins.

Layout: https://support.google.com/youtube/answer/9884579; the first is at 0:00.
"""

import re
from itertools import pairwise

from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.moments import END, Moment
from logotal.formats.times import clock_of

CHAPTER = re.compile(r"\s*[\[(]?((?:\d{1,3}:)?\d{1,3}:\d{2}(?:\.\d+)?)[\])]?[\s\-\u2013\u2014]+(\S(?:.*\S)?)\s*")


def _claims(source: Source) -> bool:
    found = [CHAPTER.fullmatch(line) for line in source.lines]
    times = [clock_of(each[1]) for each in found if each]
    if source.suffix != ".txt" or len(times) < max(2, len(source.lines)):
        return False
    known = [time for time in times if time is not None]
    return known == times and all(earlier < later for earlier, later in pairwise(known))


def _labels(source: Source) -> LabelFile:
    found = [match for line in source.lines if (match := CHAPTER.fullmatch(line))]
    starts = [Moment(clock_of(match[1]) or 0.0) for match in found]
    actions = tuple(
        FoundAction(start, end, match[2], f"{source.path}: {match[2]!r:.60} at {match[1]}")
        for match, start, end in zip(found, starts, [*starts[1:], END], strict=True)
    )
    entry = VideoLabels((source.path.stem,), source.path, actions, named=False)
    return LabelFile(source.path, "chapters", (entry,))


CHAPTERS = Form("chapters of a video", _claims, _labels, (".txt",), loose=True)
