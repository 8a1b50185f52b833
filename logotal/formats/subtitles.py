"""Subtitles as labels: what their cues say. They count where a person names the file, for most hold speech.

A cue that ends in a score, as logotal writes it (`serve 0.812`), is a detection: see `detections`.
"""

import html
import re
from collections.abc import Iterator

from logotal.formats.cues import blocks, read_cue
from logotal.formats.detections import refuse_scores
from logotal.formats.form import Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels, said
from logotal.formats.single import video_of
from logotal.timeline import Action

SCORE = re.compile(r" ([01]\.\d{3})$")
TELEMETRY = re.compile(r"\[?(?:iso|shutter|fnum|latitude|longitude|rel_alt|FrameCnt|DiffTime)\s*:", re.IGNORECASE)


def read_subtitles(source: Source, video: str | None = None) -> LabelFile:
    """The labels in subtitles; `video` is what they say that their video is called.

    Raises:
        NotLabelsError: they are the telemetry of a drone, or detections.
        InputError: a cue says no time, or some of them have a score.
    """
    actions = list(_cues(source))
    if not actions:
        raise NotLabelsError(f"{source.path}: subtitles without a cue")
    if sum(bool(TELEMETRY.search(action.label)) for action in actions) > len(actions) / 2:
        raise NotLabelsError(f"{source.path}: what a drone measured, frame by frame, and no labels")
    scores = [(said(action), score[1] if (score := SCORE.search(action.label)) else "") for action in actions]
    refuse_scores(source.path, scores, "the numbers behind the labels")
    found = [FoundAction.of(action, f"{source.path}: {said(action)}") for action in map(_unscored, actions)]
    names = tuple(dict.fromkeys((video or video_of(source.path), video_of(source.path))))
    entry = VideoLabels(names, source.path, tuple(found), named=video is not None)
    return LabelFile(source.path, "subtitles", (entry,))


def _unscored(action: Action) -> Action:
    """The action without the score of 1 that a person's own timeline is saved with."""
    return Action(action.start, action.end, re.sub(r" 1\.000$", "", action.label))


def _cues(source: Source) -> Iterator[Action]:
    """The cues; a number that ends a label is part of it, unless it is a score as logotal writes it."""
    for block in blocks(source.text):
        if block == [""] or re.match(r"(WEBVTT|NOTE|STYLE|REGION)(\s|$)", block[0]):
            continue
        start, end, cue = read_cue(block, source.path)
        plain = re.sub(r"&#\d{20,};?", "", re.sub(r"<[^<>]*>", "", cue))  # no character has such a number
        yield Action(start, end, " ".join(html.unescape(plain).split()))
