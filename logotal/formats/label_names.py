"""Labels as a person means them: of one cell or several, and which of them mean that nothing happens."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from unicodedata import normalize

from logotal.formats.form import Source
from logotal.formats.label_file import FoundAction, LabelFile
from logotal.words import amount, few

SEPARATORS = re.compile(r"\s*[,;|]\s*|\s+[+&]\s+")
IDLE = frozenset({"background", "bg", "sil", "none", "nothing", "noaction", "idle", "null", "g0", "0", "other"})
"""What data sets call the label that means that nothing happens."""


def with_names(file: LabelFile, source: Source) -> LabelFile:
    """The file with the labels of several in a cell split, and without background, where a person says so."""
    videos = []
    dropped = 0
    split = source.options.split_labels
    listed: list[str] = []
    notes = list(file.notes)
    for video in file.videos:
        parts = [part for action in video.actions for part in (_parts(action) if split else [action])]
        listed += [action.label for action in video.actions if len(list(_parts(action))) > 1]
        kept = tuple(part for part in parts if not _same(part.label, source.options.background))
        dropped += len(parts) - len(kept)
        videos.append(replace(video, actions=kept))
    if listed:
        source.offered["split_labels"] = tuple(dict.fromkeys(listed))
        if split:
            source.used.add("split_labels")
            notes.append(f"{file.path}: cells with several labels were split, {few(list(dict.fromkeys(listed)))}")
        else:
            one = f"{file.path}: labels that may be several, each one class: {few(list(dict.fromkeys(listed)))}"
            notes.append(f"{one}; --split-labels makes classes of their parts")
    labels = list(dict.fromkeys(action.label for video in file.videos for action in video.actions))
    source.offered["background"] = tuple(labels)
    source.used |= {
        f"background {name}" for name in source.options.background if any(_same(x, (name,)) for x in labels)
    }
    if dropped:
        notes.append(f"{file.path}: {amount(dropped, 'span')} of {few(source.options.background)} are background")
    return replace(file, videos=tuple(videos), notes=tuple(notes))


def idle_labels(labels: Iterable[str]) -> list[str]:
    """The labels that usually mean that nothing happens."""
    return [label for label in dict.fromkeys(labels) if re.sub(r"[\W_]+", "", label).lower() in IDLE]


def _parts(action: FoundAction) -> Iterator[FoundAction]:
    for part in dict.fromkeys(filter(None, SEPARATORS.split(action.label.strip()))):
        yield replace(action, label=part)


def _same(label: str, names: Iterable[str]) -> bool:
    return any(normalize("NFC", label).strip() == normalize("NFC", name).strip() for name in names)
