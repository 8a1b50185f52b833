"""Action segmentation with a label a line and a line a frame, as temporal segmentation networks take it.

Layout: the ground truth of https://github.com/yabufarha/ms-tcn. A run of equal lines is an action; the number of
lines must be that of the frames of the video, or a person says at what rate they were made (`--unit frames@15`).
"""

from itertools import groupby

from logotal.errors import InputError
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.segmentation import background_notes, frame_moment

FEWEST = 10
"""Lines below which a list of words is no list of frames."""


def _claims(source: Source) -> bool:
    lines = [line.strip() for line in source.lines]
    if source.suffix != ".txt" or len(lines) < FEWEST:
        return False
    return sum(1 for _ in groupby(lines)) <= len(lines) / 3 and not any(mark in source.text for mark in ",;\t")


def _labels(source: Source) -> LabelFile:
    path = source.path
    lines = [line.strip() for line in source.text.rstrip().splitlines()]
    if "" in lines:
        raise InputError(f"{path}, line {lines.index('') + 1}: expected a label of the frame, found an empty line")
    actions, at = [], 0
    for label, run in groupby(lines):
        length = sum(1 for _ in run)
        start, end = frame_moment(at, source), frame_moment(at + length, source)
        actions.append(FoundAction(start, end, label, f"{path}, line {at + 1}"))
        at += length
    frames = None if source.options.rate else len(lines)
    entry = VideoLabels((path.stem,), path, tuple(actions), named=False, frames=frames)
    return LabelFile(path, "a label a frame", (entry,), notes=tuple(background_notes(source, lines)))


FRAME_LINES = Form("action segmentation, a label a frame", _claims, _labels, (".txt",), loose=True)
