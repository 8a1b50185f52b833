"""ELAN (.eaf): an annotation document with a tier per label. One video a file, times in milliseconds.

An annotation's text is its score and its tier says the label, as participant; the tier has the label's name too, with a
number where actions of one label overlap, for ELAN does not let annotations of a tier overlap. Where it is known who
acts, that is the tier's participant, and the tier is called `label @ subject`. Properties of the
document keep the video's name and duration. ELAN asks for the video where none of that name lies beside the document.
Labels are lines of text, and an action lasts a millisecond at least.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from logotal.errors import InputError
from logotal.formats.lanes import lanes
from logotal.formats.single import one_line, only_video, span_of
from logotal.timeline import AT, Action, Timeline

ACTION, SUBJECT_ACTION = "action", "action of a subject"
"""The types of our tiers, by which they are known: of the first the participant is the label, else who acts."""

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
    of_kind: dict[tuple[str, str], list[tuple[tuple[int, int], int]]] = {}
    for i, (span, action) in enumerate(zip(spans, timeline, strict=True)):
        of_kind.setdefault((action.label, action.subject or ""), []).append((span, i))
    taken: set[str] = set()
    for (label, subject), items in sorted(of_kind.items()):
        count = 0
        for lane in lanes(items):
            count = _free(label, subject, count + 1, taken)
            tier = SubElement(document, "TIER", _tier(label, subject, count))
            for _, i in lane:
                slots_of = {"TIME_SLOT_REF1": names[i, 0], "TIME_SLOT_REF2": names[i, 1]}
                aligned = {"ANNOTATION_ID": f"a{i + 1}", **slots_of}
                annotation = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", aligned)
                SubElement(annotation, "ANNOTATION_VALUE").text = repr(float(timeline[i].score))
    for kind in (ACTION, *((SUBJECT_ACTION,) if timeline.subjects else ())):
        about = {"LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
        SubElement(document, "LINGUISTIC_TYPE", about)
    indent(document, " " * 4)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(document, encoding="unicode") + "\n"


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


def of_subject(subject: str) -> str:
    """What the name of a tier has behind the label."""
    return f"{AT}{subject}"


def _free(label: str, subject: str, count: int, taken: set[str]) -> int:
    """The first number from `count` on with which no tier is called as this one; it is taken then."""
    while _name(label, subject, count) in taken:
        count += 1
    taken.add(_name(label, subject, count))
    return count


def _name(label: str, subject: str, count: int) -> str:
    whole = label + (of_subject(one_line(subject, "an ELAN participant")) if subject else "")
    return whole if count == 1 else f"{whole} {count}"


def _tier(label: str, subject: str, count: int) -> dict[str, str]:
    if not one_line(label, "an ELAN tier").strip():
        raise InputError(f"an ELAN tier has a name, found the label {label!r}; write .json or .csv, or rename it")
    about = {"TIER_ID": _name(label, subject, count), "PARTICIPANT": subject or label}
    return about | {"ANNOTATOR": "logotal", "LINGUISTIC_TYPE_REF": SUBJECT_ACTION if subject else ACTION}
