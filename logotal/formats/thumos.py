"""THUMOS14 and MultiTHUMOS: a file for each label, with lines of video, start and end in seconds.

Layout: https://www.crcv.ucf.edu/THUMOS14/download.html (`BaseballPitch_val.txt`) and
http://ai.stanford.edu/~syyeung/everymoment.html. The label is the file's name, without THUMOS' `_val` and `_test`.
"""

import re

from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, LabelFile
from logotal.timeline import Action

LINE = re.compile(r"(?=[\d.]*[^\d.\s])(\S+)[ \t]+(\d+(?:\.\d+)?)[ \t]+(\d+(?:\.\d+)?)[ \t]*")


def _claims(source: Source) -> bool:
    return source.suffix == ".txt" and bool(source.lines) and all(map(LINE.fullmatch, source.lines))


def _labels(source: Source) -> LabelFile:
    found = Collected(source.path)
    rows = [(i, match) for i, line in enumerate(source.text.splitlines(), 1) if (match := LINE.fullmatch(line))]
    label = source.path.stem
    if all(re.match(r"video_(validation|test)_", match[1]) for _, match in rows):
        label = re.sub(r"_(val|test)$", "", label)
    for i, match in rows:
        where = f"{source.path}, line {i}"
        start, end = (number(match[k], f"{where}: a time") for k in (2, 3))
        found.add(match[1], Action(start, end, label), where)
    return found.file("THUMOS", [f"{source.path}: lines without a label; it is the file's name, {label!r}"])


THUMOS = Form("THUMOS14 and MultiTHUMOS text", _claims, _labels, (".txt",), loose=True)
