"""WebVTT: subtitles that a browser's <video> shows. One video a file; times and scores in thousandths.

A comment keeps the video's name and duration: `NOTE {"video": "match", "duration": 33.8}`. Labels may hold anything:
`&`, `<`, `>` and line breaks are written as character references.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.files.json import as_number, parsed_json
from logotal.formats.cues import action_of, blocks, read_cue, text_of, timing
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import LabelFile
from logotal.formats.single import only_video, video_of
from logotal.formats.subtitles import read_subtitles
from logotal.timeline import Action, Timeline

REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;", "\0": "&#0;"}


def write_vtt(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a WebVTT file.

    Raises:
        InputError: there is not exactly one timeline, or an action starts before its video.
    """
    timeline = only_video(timelines, "subtitles")
    note = json.dumps({"video": timeline.video, "duration": timeline.duration and float(timeline.duration)})
    # A comment must not hold an arrow.
    parts = ["WEBVTT", "NOTE " + note.replace(">", "\\u003e")]
    parts += [f"{timing(action, '.')}\n{_escape(text_of(action))}" for action in timeline]
    return "\n\n".join(parts) + "\n"


def read_vtt(text: str, path: Path) -> list[Timeline]:
    """The timeline of a WebVTT file; without our comment the video is named as the file is.

    Raises:
        InputError: the file does not begin with WEBVTT, or a cue says no time.
    """
    header, *rest = blocks(text)
    if not re.match(r"WEBVTT(\s|$)", header[0]):
        raise InputError(f"{path}: expected a first line WEBVTT, found {header[0]!r:.60}")
    video, duration, actions = video_of(path), None, list[Action]()
    for block in rest:
        word = block[0].split(" ")[0].strip()
        if word == "NOTE":
            video, duration = _note(block[0][5:]) or (video, duration)
        elif word not in ("STYLE", "REGION"):
            start, end, cue = read_cue(block, path)
            actions.append(action_of(start, end, _shown(cue)))
    return [Timeline(video, tuple(actions), duration)]


def _escape(text: str) -> str:
    return "".join(REFERENCES.get(character, character) for character in text)


def _shown(cue: str) -> str:
    """The text of a cue as a player shows it: without tags, references as the characters that they mean."""
    tagged, end, rest = cue.rpartition(">")  # behind the last one a search for tags would go over all, from each "<"
    text = re.sub(r"<[^>]*>", "", tagged + end) + rest
    # No character has a number of twenty digits, and that of thousands `unescape` does not survive.
    return html.unescape(re.sub(r"&#\d{20,};?", "\ufffd", text))


def _note(text: str) -> tuple[str, float | None] | None:
    try:
        note = parsed_json(text, "NOTE")
        return str(note["video"]), None if note["duration"] is None else as_number(note["duration"], "duration")
    except (InputError, TypeError, KeyError):  # somebody else's comment
        return None


def _claims(source: Source) -> bool:
    return re.match(r"WEBVTT(\s|$)", source.text) is not None


def _labels(source: Source) -> LabelFile:
    own = video_of(source.path)
    video = read_vtt(source.text, source.path)[0].video
    return read_subtitles(source, None if video == own else video)


WEBVTT = Form(
    "WebVTT subtitles (.vtt)", _claims, _labels, (".vtt",), loose=True, saved=Saved(".vtt", write_vtt, read_vtt)
)
