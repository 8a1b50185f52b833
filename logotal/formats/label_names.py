"""Labels as a person means them: of one cell or several, and which of them mean that nothing happens."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from unicodedata import normalize

from logotal.formats.form import Source
from logotal.formats.label_file import LabelFile, VideoLabels
from logotal.words import amount, few

SEPARATORS = re.compile(r"[,;|]|(?<=\s)[+&](?=\s)")
IDLE = frozenset({"background", "bg", "sil", "none", "nothing", "noaction", "idle", "null", "g0", "0", "other"})
"""What data sets call the label that means that nothing happens."""


def with_names(file: LabelFile, source: Source) -> LabelFile:
    """The file with the labels of several in a cell split, and without background, where a person says so."""
    labels = list(dict.fromkeys(action.label for video in file.videos for action in video.actions))
    parts = {label: _parts(label) for label in labels}
    listed = [label for label in labels if len(parts[label]) > 1]
    notes = list(file.notes)
    videos = [_renamed(video, parts, source) for video in file.videos]
    if listed:
        source.offered["split_labels"] = tuple(listed)
        if source.options.split_labels:
            source.used.add("split_labels")
            notes.append(f"{file.path}: cells with several labels were split, {few(listed)}")
        else:
            one = f"{file.path}: labels that may be several, each one class: {few(listed)}"
            notes.append(f"{one}; --split-labels makes classes of their parts")
    source.offered["background"] = tuple(labels)
    idle = source.options.background
    known = {*labels, *(part for label in labels for part in parts[label])}
    source.used |= {f"background {name}" for name in idle if any(_same(label, (name,)) for label in known)}
    dropped = sum(_same(action.label, idle) for video in file.videos for action in video.actions)
    if dropped:
        notes.append(f"{file.path}: {amount(dropped, 'span')} of {few(idle)} are background")
    return replace(file, videos=tuple(videos), notes=tuple(notes))


def _renamed(video: VideoLabels, parts: Mapping[str, Sequence[str]], source: Source) -> VideoLabels:
    """What is said of a video, and of another medium of it, with the labels as a person means them."""
    kept = [
        action if label == action.label else replace(action, label=label)
        for action in video.actions
        for label in (parts[action.label] if source.options.split_labels else [action.label])
        if not _same(label, source.options.background)
    ]
    otherwise = None if video.otherwise is None else _renamed(video.otherwise, parts, source)
    return replace(video, actions=tuple(kept), otherwise=otherwise)


def idle_labels(labels: Iterable[str]) -> list[str]:
    """The labels that usually mean that nothing happens."""
    return [label for label in dict.fromkeys(labels) if re.sub(r"[\W_]+", "", label).lower() in IDLE]


def _parts(label: str) -> list[str]:
    """The labels that one text may be, at least itself."""
    return list(dict.fromkeys(filter(None, map(str.strip, SEPARATORS.split(label))))) or [label]


def _same(label: str, names: Iterable[str]) -> bool:
    return any(normalize("NFC", label).strip() == normalize("NFC", name).strip() for name in names)
