"""Label files of any tool, known by what is in them: names as project-1-at-2026.json say nothing.

Everything that can be wrong with a file that the user named is an error; a file that merely lies in the folder and
holds no labels (`NotLabelsError`) is passed over, by name.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from logotal.files.text import read_text
from logotal.formats import read_timelines
from logotal.formats.audacity import read_audacity
from logotal.formats.boris import is_boris, read_boris
from logotal.formats.cues import blocks, read_cue
from logotal.formats.elan import read_elan
from logotal.formats.json_labels import read_json_labels
from logotal.formats.label_file import LabelFile, NotLabelsError, of_timelines
from logotal.formats.tables import parse_table, read_table
from logotal.formats.via import read_via
from logotal.formats.webvtt import read_vtt
from logotal.timeline import Action, Timeline

FORMS = (
    "CSV, TSV or semicolons with a header (video,start,end,label), ELAN .eaf, VIA CSV, Label Studio JSON, "
    "BORIS (events as CSV or TSV, .boris), ActivityNet JSON, .vtt, .srt, Audacity labels"
)
TABLES = frozenset({".csv", ".tsv", ".tab", ".txt"})
SUFFIXES = TABLES | {".json", ".boris", ".eaf", ".vtt", ".srt", ".otio"}
SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods", ".numbers"})
LARGEST = 256 * 2**20
"""Bytes of a label file; a larger one is something else."""


def read_labels(path: Path, group_column: str | None = None) -> LabelFile:
    """What a label file says.

    Raises:
        NotLabelsError: it holds no labels in a form that is known.
        InputError: it does, and they are not as expected.
    """
    suffix = path.suffix.lower()
    if suffix in SPREADSHEETS:
        raise NotLabelsError(f"{path}: a spreadsheet; save it as CSV")
    if suffix not in SUFFIXES:
        raise NotLabelsError(f"{path}: no labels in a form that is known; expected {FORMS}")
    if path.is_file() and path.stat().st_size > LARGEST:
        raise NotLabelsError(f"{path}: too large for labels, {path.stat().st_size / 2**20:,.0f} MB")
    text = read_text(path)
    if not text.strip():
        raise NotLabelsError(f"{path}: the file is empty")
    if suffix in (".json", ".boris"):
        return read_json_labels(text, path, group_column)
    if suffix in TABLES:
        return _table(text, path, group_column)
    return _of_one_video(text, path, suffix)


def _table(text: str, path: Path, group_column: str | None) -> LabelFile:
    """What a text in lines says: VIA's and Audacity's are known by their first lines, all others by their header."""
    if re.search(r"^#[ \t]*CSV_HEADER[ \t]*=", text, re.MULTILINE):
        return LabelFile(path, "VIA", of_timelines(path, read_via(text, path)))
    if re.match(r"\s*-?\d+(?:[.,]\d+)?\t-?\d+(?:[.,]\d+)?(?:\t|\r?\n|$)", text):
        return _named(path, "Audacity", read_audacity(text, path))
    table = parse_table(text, path)
    return read_boris(table, group_column) if is_boris(table) else read_table(table, group_column)


def _of_one_video(text: str, path: Path, suffix: str) -> LabelFile:
    """What a file about one video says."""
    if suffix == ".eaf":
        addresses = [html.unescape(address) for address in re.findall(r'MEDIA_URL\s*=\s*"([^"]*)"', text)[:1]]
        return _named(path, "ELAN", read_elan(text, path), addresses)
    if suffix == ".otio":
        return _named(path, "OpenTimelineIO", read_timelines(path))
    video = read_vtt(text, path)[0].video if suffix == ".vtt" else path.stem
    return _named(path, "subtitles", [Timeline(video, tuple(_cues(text, path)))])


def _cues(text: str, path: Path) -> Iterable[Action]:
    """The cues of subtitles; a number that ends a label is part of it, unless it is a score as logotal writes it."""
    for block in blocks(text):
        if block == [""] or re.match(r"(WEBVTT|NOTE|STYLE|REGION)(\s|$)", block[0]):
            continue
        start, end, cue = read_cue(block, path)
        plain = re.sub(r"&#\d{20,};?", "", re.sub(r"<[^<>]*>", "", cue))  # no character has such a number
        label = " ".join(html.unescape(plain).split())
        yield Action(start, end, re.sub(r" [01]\.\d{3}$", "", label))


def _named(path: Path, form: str, timelines: Iterable[Timeline], addresses: Iterable[str] = ()) -> LabelFile:
    """A file about one video, which may be called as the file says, or as the file itself."""
    videos = [
        replace(video, names=tuple(dict.fromkeys((*addresses, *video.names, path.stem))))
        for video in of_timelines(path, timelines)
    ]
    return LabelFile(path, form, tuple(videos))
