"""Anvil annotations (.anvil): elements of tracks, in seconds, whose attributes say what they are.

Layout: https://www.anvil-software.org (`<annotation><body><track><el start end><attribute name>`). Elements of tracks
that hang on others have no times of their own, and are counted. Where several tracks or attributes hold something, it
is asked which counts. An attribute that is called subject, or the like, says who acts.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from logotal.formats.columns import subject_name
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, LabelFile, NotLabelsError
from logotal.formats.tiers import chosen_tiers, unread
from logotal.timeline import Action
from logotal.words import amount


def _claims(source: Source) -> bool:
    return source.xml is not None and source.xml.tag == "annotation" and source.xml.find("body") is not None


def _labels(source: Source) -> LabelFile:
    path = source.path
    root = source.xml if source.xml is not None else Element("annotation")
    tracks = {track.get("name", ""): list(track.iter("el")) for track in root.iter("track")}
    timed = {name: [el for el in els if el.get("start") is not None] for name, els in tracks.items()}
    counts = {name: len(els) for name, els in timed.items() if els}
    if not counts:
        raise NotLabelsError(f"{path}: an Anvil annotation without elements; nobody annotated it yet")
    chosen = chosen_tiers(source, counts, "track")
    names = list(dict.fromkeys(name for track in chosen for el in timed[track] for name, _ in _said(el)))
    label = source.choose("attribute", names, "attributes") if names else ""
    who = subject_name(name for name in names if name != label)
    video = next((each.get("src") or "" for each in root.iter("video")), "")
    found = Collected(path)
    found.see(video or path.stem)
    for track in chosen:
        for el in timed[track]:
            where = f"{path}: track {track!r}, element {el.get('index')}"
            start, end = (number(el.get(key), f"{where}: {key}") for key in ("start", "end"))
            said = dict(_said(el))
            if text := said.get(label, ""):
                found.add(video or path.stem, Action(start, end, text, subject=said.get(who) if who else None), where)
            else:
                found.leave_unlabelled(video or path.stem, Action(start, end, ""), where)
    found.notes += unread(source, counts, chosen, "track")
    for name, els in tracks.items():
        if without := len(els) - len(timed[name]):
            found.notes.append(f"{path}: {amount(without, 'element')} of track {name!r} have no times of their own")
    return found.file("Anvil", named=bool(video))


def _said(el: Element) -> Iterator[tuple[str, str]]:
    for attribute in el.iter("attribute"):
        if (attribute.text or "").strip():
            yield attribute.get("name", ""), (attribute.text or "").strip()


ANVIL = Form("Anvil .anvil", _claims, _labels, (".anvil", ".xml"))
