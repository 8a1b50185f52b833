"""ELAN (.eaf): an annotation document with a tier per label. One video a file, times in milliseconds.

An annotation's text is its score and its tier says the label, as participant; the tier has the label's name too, with a
number where actions of one label overlap, for ELAN does not let annotations of a tier overlap. Properties of the
document keep the video's name and duration. ELAN asks for the video where none of that name lies beside the document.
Labels are lines of text, and an action lasts a millisecond at least.
"""

import math
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, indent, tostring
from xml.parsers import expat

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.lanes import lanes
from logotal.formats.single import one_line, only_video, span_of, video_of
from logotal.timeline import Action, Timeline

ACTION = "action"
"""The type of our tiers, by which they are known when they come back."""

VIDEO, DURATION = "logotal.video", "logotal.duration"
LONGEST = 2**32 - 1
"""Milliseconds that the schema can say: seven weeks."""

SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"


def write_elan(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a document in ELAN's format 3.0.

    Raises:
        InputError: there is not exactly one timeline, an action starts before its video or ends before it starts, or a
            label is empty or not one line.
    """
    timeline = only_video(timelines, "ELAN's documents")
    spans = [_milliseconds(action) for action in timeline]
    # A date of its own for the same timeline would make other bytes of it.
    about = {"AUTHOR": "logotal", "DATE": "1970-01-01T00:00:00+00:00", "FORMAT": "3.0", "VERSION": "3.0"}
    document = Element("ANNOTATION_DOCUMENT", {**about, LOCATION: SCHEMA})
    document.append(_header(timeline))
    # Every annotation has slots of its own: one that is shared would move both.
    slots = sorted((time, i, side) for i, span in enumerate(spans) for side, time in enumerate(span))
    names = {(i, side): f"ts{k}" for k, (_, i, side) in enumerate(slots, start=1)}
    order = SubElement(document, "TIME_ORDER")
    for time, i, side in slots:
        SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": names[i, side], "TIME_VALUE": str(time)})
    taken: set[str] = set()
    for label in timeline.labels:
        for lane in lanes((span, i) for i, span in enumerate(spans) if timeline[i].label == label):
            tier = SubElement(document, "TIER", _tier(label, taken))
            for _, i in lane:
                slots_of = {"TIME_SLOT_REF1": names[i, 0], "TIME_SLOT_REF2": names[i, 1]}
                aligned = {"ANNOTATION_ID": f"a{i + 1}", **slots_of}
                annotation = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", aligned)
                SubElement(annotation, "ANNOTATION_VALUE").text = repr(float(timeline[i].score))
    kind = {"LINGUISTIC_TYPE_ID": ACTION, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
    SubElement(document, "LINGUISTIC_TYPE", kind)
    indent(document, " " * 4)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(document, encoding="unicode") + "\n"


def read_elan(text: str, path: Path) -> list[Timeline]:
    """The timeline of a document: ours, corrected or not, or any with times.

    In documents of others an action's label is the annotation's text, or its tier's name where it has none. Tiers
    that hang on another one (translations, words) say more about annotations, not other actions: they are passed over.

    Raises:
        InputError: the file is no such document, declares a document type, or has an annotation without a time.
    """
    document = _parsed(text, path)
    header = document.find("HEADER")
    if document.tag != "ANNOTATION_DOCUMENT" or header is None:
        raise InputError(f"{path}: expected an ANNOTATION_DOCUMENT with a HEADER, found {document.tag}")
    units = header.get("TIME_UNITS", "milliseconds")
    if units != "milliseconds":
        raise InputError(f"{path}: expected times in milliseconds, found {units}; save it with a newer ELAN")
    properties = {entry.get("NAME"): entry.text or "" for entry in header.iter("PROPERTY")}
    media = header.find("MEDIA_DESCRIPTOR")
    address = "" if media is None else media.get("MEDIA_URL", "")
    video = properties[VIDEO] if VIDEO in properties else address.rpartition("/")[2] or video_of(path)
    duration = number(properties[DURATION], f"{path}: {DURATION}") if DURATION in properties else None
    slots = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in document.iter("TIME_SLOT")}
    tiers = [tier for tier in document.iter("TIER") if tier.get("PARENT_REF") is None]
    actions = (action for tier in tiers for action in _actions(tier, slots, path))
    return [Timeline(video, tuple(actions), duration)]


def _milliseconds(action: Action) -> tuple[int, int]:
    start, end = span_of(action)
    if end * 1000 > LONGEST - 1:
        raise InputError(f"ELAN's documents end at {LONGEST // 1000} seconds, found {action}; write .json or .csv")
    first = round(start * 1000)
    return first, max(round(end * 1000), first + 1)


def _header(timeline: Timeline) -> Element:
    video = one_line(timeline.video, "the name of ELAN's video")
    header = Element("HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    kind = mimetypes.guess_type(video)[0] or "video/*"
    SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=video, MIME_TYPE=kind, RELATIVE_MEDIA_URL=f"./{video}")
    SubElement(header, "PROPERTY", NAME=VIDEO).text = video
    if timeline.duration is not None:
        SubElement(header, "PROPERTY", NAME=DURATION).text = repr(float(timeline.duration))
    return header


def _tier(label: str, taken: set[str]) -> dict[str, str]:
    if not one_line(label, "an ELAN tier").strip():
        raise InputError(f"an ELAN tier has a name, found the label {label!r}; write .json or .csv, or rename it")
    name, count = label, 1
    while name in taken:
        count += 1
        name = f"{label} {count}"
    taken.add(name)
    return {"TIER_ID": name, "PARTICIPANT": label, "ANNOTATOR": "logotal", "LINGUISTIC_TYPE_REF": ACTION}


def _parsed(text: str, path: Path) -> Element:
    """The root of an XML text without a document type, and so without entities that could swell or fetch files."""

    def refuse(*_: object) -> None:
        raise InputError(f"{path}: expected an annotation document, found a document type declaration; remove it")

    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise InputError(f"{path}: not valid XML: {error}") from error
    return builder.close()


def _actions(tier: Element, slots: Mapping[str | None, str | None], path: Path) -> Iterator[Action]:
    name = tier.get("TIER_ID", "")
    for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
        where = f"{path}: tier {name!r}, annotation {annotation.get('ANNOTATION_ID')}"
        times = [slots.get(annotation.get(ref)) for ref in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
        start, end = (number(time, f"{where}: a time") / 1000 for time in times)
        said = annotation.findtext("ANNOTATION_VALUE") or ""
        if tier.get("LINGUISTIC_TYPE_REF") == ACTION and tier.get("PARTICIPANT"):
            yield Action(start, end, tier.get("PARTICIPANT", ""), _score(said))
        else:
            yield Action(start, end, said if said.strip() else name)


def _score(said: str) -> float:
    """The score that an annotation's text says; an annotator who wrote none, or something else, is sure."""
    try:
        score = float(said)
    except ValueError:
        return 1.0
    return score if math.isfinite(score) else 1.0
