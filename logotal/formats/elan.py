"""ELAN (.eaf): annotation documents, ours and those of others, as labels and as timelines.

Tiers hold annotations of one kind, often of one person or hand, so which tiers hold the actions is asked. A document
may name several media of one recording, each with the moment of the document at which it begins (TIME_ORIGIN).

Tiers that hang on others say more about their annotations. Annotations there have times of their own, share the time
of their parent evenly (subdivisions), or have that of their parent; they are actions only where `--tier` names them.

Layout: EAF 3.0, https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from xml.etree.ElementTree import Element

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.detections import refuse_untouched
from logotal.formats.elan_tiers import Span, Times, spans_of
from logotal.formats.elan_writer import ACTION, DURATION, SUBJECT_ACTION, VIDEO, of_subject, write_elan
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.moments import Moment
from logotal.formats.single import video_of
from logotal.formats.tiers import chosen_tiers
from logotal.formats.xml import parsed_xml
from logotal.timeline import Action, Timeline
from logotal.words import amount


@dataclass(frozen=True)
class Document:
    """An annotation document; what it says of media, tiers and times."""

    root: Element
    path: Path

    def __post_init__(self) -> None:
        if self.root.tag != "ANNOTATION_DOCUMENT" or self.root.find("HEADER") is None:
            raise InputError(f"{self.path}: expected an ANNOTATION_DOCUMENT with a HEADER, found {self.root.tag}")
        units = self.header.get("TIME_UNITS", "milliseconds")
        if units != "milliseconds":
            raise InputError(f"{self.path}: expected times in milliseconds, found {units}; save it with a newer ELAN")

    @property
    def header(self) -> Element:
        """What is said about the document as a whole."""
        return next(self.root.iter("HEADER"))

    @cached_property
    def properties(self) -> dict[str | None, str]:
        """The properties by name; those that logotal wrote say the video's name and duration."""
        return {entry.get("NAME"): entry.text or "" for entry in self.header.iter("PROPERTY")}

    @property
    def is_ours(self) -> bool:
        """Whether logotal wrote the document first: its tiers are labels."""
        return VIDEO in self.properties

    @cached_property
    def tiers(self) -> dict[str, Element]:
        """The tiers that hold something, by name."""
        return {tier.get("TIER_ID", ""): tier for tier in self.root.iter("TIER") if tier.find("ANNOTATION") is not None}

    @property
    def roots(self) -> dict[str, Element]:
        """The tiers that hang on no other."""
        return {name: tier for name, tier in self.tiers.items() if tier.get("PARENT_REF") is None}

    def spans(self, tier: Element) -> Iterator[Span]:
        """The annotations of a tier, in seconds of the document."""
        return spans_of(self.times, tier)

    @cached_property
    def times(self) -> Times:
        """When its annotations are."""
        return Times(self.root, self.path)

    def label(self, tier: Element, said: str) -> str:
        """What an annotation means: its text, or the tier of one that is a score or says nothing."""
        name, participant = tier.get("TIER_ID", ""), tier.get("PARTICIPANT", "")
        if tier.get("LINGUISTIC_TYPE_REF") == ACTION and self.is_ours:
            return participant or name
        if tier.get("LINGUISTIC_TYPE_REF") == SUBJECT_ACTION and self.is_ours:
            return name.rpartition(of_subject(participant))[0] or name
        return said if said.strip() else name

    def action(self, tier: Element, span: Span) -> Action:
        """The action that an annotation says; who acts is the tier's participant."""
        ours = tier.get("LINGUISTIC_TYPE_REF") == ACTION and self.is_ours  # there it is the label
        subject = "" if ours else tier.get("PARTICIPANT", "")
        return Action(span.start, span.end, self.label(tier, span.text), subject=subject if subject.strip() else None)


def read_elan(text: str, path: Path) -> list[Timeline]:
    """The timeline of a document: ours, corrected or not, or any with times.

    In documents of others an action's label is the annotation's text, or its tier's name where it has none. Tiers
    that hang on another one say more about annotations, not other actions: they are passed over.

    Raises:
        InputError: the file is no such document, declares a document type, or has an annotation without a time.
    """
    document = Document(parsed_xml(text, path), path)
    media = document.header.find("MEDIA_DESCRIPTOR")
    address = "" if media is None else media.get("MEDIA_URL", "")
    properties = document.properties
    video = properties[VIDEO] if VIDEO in properties else address.rpartition("/")[2] or video_of(path)
    duration = number(properties[DURATION], f"{path}: {DURATION}") if DURATION in properties else None
    actions = [
        replace(document.action(tier, span), score=_score(tier, span.text))
        for tier in document.roots.values()
        for span in document.spans(tier)
    ]
    return [Timeline(video, tuple(actions), duration)]


def _score(tier: Element, said: str) -> float:
    """The score that an annotation of ours says; an annotator who wrote none, or something else, is sure."""
    if tier.get("LINGUISTIC_TYPE_REF") not in (ACTION, SUBJECT_ACTION) or not tier.get("PARTICIPANT"):
        return 1.0
    try:
        score = float(said)
    except ValueError:
        return 1.0
    return score if math.isfinite(score) else 1.0


def _claims(source: Source) -> bool:
    return source.xml is not None and source.xml.tag == "ANNOTATION_DOCUMENT"


def _labels(source: Source) -> LabelFile:
    """The actions of the tiers that count, with the times of each medium of the document."""
    path = source.path
    document = Document(source.xml if source.xml is not None else Element("none"), path)
    if document.is_ours:
        refuse_untouched(path, source.text, read_elan(source.text, path), lambda each: write_elan(each, {}), "ELAN")
    if not document.tiers:
        raise NotLabelsError(f"{path}: an ELAN document without annotations; nobody annotated it yet")
    tiers = _chosen(document, source)
    found = [
        FoundAction.of(document.action(tier, span), f"{path}: {span.where}")
        for tier in tiers.values()
        for span in document.spans(tier)
    ]
    entry: VideoLabels | None = None
    for names, origin in reversed(_media(document)):
        actions = tuple(_later(action, origin) for action in found)
        entry = VideoLabels(names, path, actions, named=names != (path.stem,), otherwise=entry)
    notes = tuple(_notes(document, tiers))
    return LabelFile(path, "ELAN", () if entry is None else (entry,), notes=notes)


def _chosen(document: Document, source: Source) -> Mapping[str, Element]:
    """The tiers that hold the actions.

    Raises:
        AskError: several tiers hold annotations, and nobody said which count.
    """
    offered = list(document.tiers)
    wanted: tuple[str, ...] = source.use("tier", offered)
    chosen = {name: tier for name, tier in document.tiers.items() if name in wanted}
    if chosen:
        return chosen
    roots = document.roots
    if not wanted and (document.is_ours or len(roots) <= 1):
        return roots
    counts = {name: sum(1 for _ in document.spans(tier)) for name, tier in document.tiers.items()}
    return {name: document.tiers[name] for name in chosen_tiers(source, counts)}


def _media(document: Document) -> list[tuple[tuple[str, ...], float]]:
    """What each medium may be called, and the seconds of it at which the document begins; at least the file's name."""
    own = (document.properties[VIDEO],) if document.is_ours else ()
    found = [
        (
            tuple(filter(None, (*own, medium.get("MEDIA_URL"), medium.get("RELATIVE_MEDIA_URL")))),
            number(medium.get("TIME_ORIGIN", "0"), f"{document.path}: TIME_ORIGIN") / 1000,
        )
        for medium in document.header.iter("MEDIA_DESCRIPTOR")
    ]
    origins = {origin for _, origin in found}
    # A video named as the file is may be any of these, so they must begin at the same time.
    return [*found, ((document.path.stem,), min(origins, default=0.0))] if len(origins) < 2 else found


def _later(action: FoundAction, seconds: float) -> FoundAction:
    start, end = (Moment(round(moment.value + seconds, 6)) for moment in (action.start, action.end))
    return replace(action, start=start, end=end)


def _notes(document: Document, chosen: Mapping[str, Element]) -> Iterator[str]:
    """What of the document is not read."""
    for name, tier in document.tiers.items():
        if name not in chosen:
            count = len(tier.findall("ANNOTATION"))
            parent = tier.get("PARENT_REF")
            hangs = f", which hangs on {parent!r}," if parent else ""
            yield f"{document.path}: tier {name!r}{hangs} is not read, {amount(count, 'annotation')}"


ELAN = Form("ELAN .eaf", _claims, _labels, (".eaf",), saved=Saved(".eaf", write_elan, read_elan))
