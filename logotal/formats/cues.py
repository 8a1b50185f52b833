"""Cues, what the subtitle formats share: a time span and the text shown meanwhile.

An action is the text `label score`; times and scores are in thousandths. A file holds one video.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from logotal.errors import InputError
from logotal.timeline import Action

TIMING = re.compile(
    r"\s*(?:(\d{1,9}):)?(\d{1,2}):(\d{2})[.,](\d{3})\s*-->\s*(?:(\d{1,9}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
)
"""Hours have nine digits at most: a number of thousands is no time, and neither an int nor a float would take it."""


def timing(action: Action, point: str) -> str:
    """The line that says from when to when, with `point` before the milliseconds.

    >>> timing(Action(3.2, 3725.0405, "jump"), point=".")
    '00:00:03.200 --> 01:02:05.040'
    """
    return f"{_clock(action.start, point)} --> {_clock(action.end, point)}"


def blocks(text: str) -> Iterator[list[str]]:
    """The lines of each stretch between empty lines; lines end as they do in WebVTT (LF, CR LF or CR)."""
    for block in re.split(r"\n{2,}", re.sub(r"\r\n?", "\n", text).strip("\n")):
        yield block.split("\n")


def span(line: str) -> tuple[float, float] | None:
    """The start and end, in seconds, that a timing line says, or None for another line."""
    found = TIMING.match(line)
    if found is None:
        return None
    h1, m1, s1, ms1, h2, m2, s2, ms2 = (int(part or 0) for part in found.groups())
    # One division, so that each millisecond is the float nearest to it.
    start, end = ((h1 * 60 + m1) * 60 + s1) * 1000 + ms1, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2
    return start / 1000, end / 1000


def read_cue(lines: list[str], path: Path) -> tuple[float, float, str]:
    """The start, end and text of a block of lines that holds a cue.

    Raises:
        InputError: no line of the block says from when to when.
    """
    for i, line in enumerate(lines[:2]):  # the first may be the cue's name
        times = span(line)
        if times is not None:
            return *times, "\n".join(lines[i + 1 :])
    raise InputError(f"{path}: expected a line like 00:00:01.000 --> 00:00:02.500, found {lines[0]!r:.60}")


def text_of(action: Action) -> str:
    """The text of an action's cue, unescaped: its label and its score."""
    return f"{action.label} {action.score:.3f}"


def action_of(start: float, end: float, text: str) -> Action:
    """The action a cue says; a text that does not end in a number is all label, with score 1."""
    label, _, score = text.rpartition(" ")
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", score) and (label or text.startswith(" ")):
        return Action(start, end, label, float(score))
    return Action(start, end, text)


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
