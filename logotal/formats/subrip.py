"""SubRip (.srt): subtitles that every player and subtitle editor knows. One video a file, times in milliseconds.

The format has no escapes and no comments: line breaks in labels become spaces, and the video is named as the file is.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.formats.cues import TIMING, action_of, blocks, read_cue, text_of, timing
from logotal.formats.form import Form, Saved, Source
from logotal.formats.single import only_video, video_of
from logotal.formats.subtitles import read_subtitles
from logotal.timeline import Timeline


def write_srt(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a SubRip file: numbered cues.

    Raises:
        InputError: there is not exactly one timeline, or an action starts before its video.
    """
    timeline = only_video(timelines, "subtitles")
    cues = [
        f"{number}\n{timing(action, ',')}\n{text_of(action).replace(chr(13), ' ').replace(chr(10), ' ')}\n"
        for number, action in enumerate(timeline, start=1)
    ]
    return "\n".join(cues)


def read_srt(text: str, path: Path) -> list[Timeline]:
    """The timeline of a SubRip file, named as the file is.

    Raises:
        InputError: a cue says no time.
    """
    cues = [read_cue(block, path) for block in blocks(text) if block != [""]]
    return [Timeline(video_of(path), tuple(action_of(*cue) for cue in cues))]


def _claims(source: Source) -> bool:
    first = source.lines[:2]
    return any(TIMING.match(line) for line in first) and not re.match(r"WEBVTT(\s|$)", source.text)


SUBRIP = Form(
    "SubRip subtitles (.srt)", _claims, read_subtitles, (".srt",), loose=True, saved=Saved(".srt", write_srt, read_srt)
)
