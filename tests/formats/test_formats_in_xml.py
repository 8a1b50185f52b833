"""ELAN documents: what they hold, what is read of others, what is refused."""

import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from logotal.errors import InputError
from logotal.formats.timelines import read_timelines
from logotal.timeline import Action, Timeline
from tests.formats.test_formats_of_tools import SERVE, read


def tiers(path: Path) -> dict[str, int]:
    document = ElementTree.fromstring(path.read_text())
    return {tier.get("TIER_ID", ""): len(tier) for tier in document.iter("TIER")}


def test_elan_has_a_tier_per_label_and_more_where_actions_overlap(tmp_path: Path) -> None:
    actions = (Action(0, 2, "a"), Action(1, 3, "a"), Action(2, 4, "a"), Action(0, 1, "a 2"), Action(5, 5, "b"))
    Timeline("v", actions).save(tmp_path / "v.eaf")
    assert tiers(tmp_path / "v.eaf") == {"a": 2, "a 2": 1, "a 2 2": 1, "b": 1}
    assert [a.label for a in read_timelines(tmp_path / "v.eaf")[0]] == ["a 2", "a", "a", "a", "b"]


def test_elan_has_slots_in_order_of_time_and_two_for_each_annotation(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "v.eaf")
    document = ElementTree.fromstring((tmp_path / "v.eaf").read_text())
    assert [slot.get("TIME_VALUE") for slot in document.iter("TIME_SLOT")] == ["3250", "5750", "7000", "9500"]
    used = [a.get(ref) for a in document.iter("ALIGNABLE_ANNOTATION") for ref in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
    assert sorted(filter(None, used)) == ["ts1", "ts2", "ts3", "ts4"]
    assert [child.tag for child in document] == ["HEADER", "TIME_ORDER", "TIER", "TIER", "LINGUISTIC_TYPE"]


def test_elan_refuses_what_no_tier_or_slot_can_say(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an ELAN tier has a name, found the label ' '"):
        Timeline("v", (Action(0, 1, " "),)).save(tmp_path / "v.eaf")
    with pytest.raises(InputError, match="end at 4294967 seconds"):
        Timeline("v", (Action(0, 1e300, "long"),)).save(tmp_path / "v.eaf")
    with pytest.raises(InputError, match="the name of ELAN's video is one line"):
        Timeline("a\nb").save(tmp_path / "v.eaf")


EAF = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///home/ann/talk.mp4" MIME_TYPE="video/mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2" {end}/></TIME_ORDER>
<TIER TIER_ID="gesture" LINGUISTIC_TYPE_REF="free" PARTICIPANT="Ann">{one}{two}</TIER>
<TIER TIER_ID="words" LINGUISTIC_TYPE_REF="word" PARENT_REF="gesture">{two}</TIER>
</ANNOTATION_DOCUMENT>"""
ANNOTATION = (
    '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">'
    "<ANNOTATION_VALUE>{}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
)
GOOD = {"doctype": "", "end": 'TIME_VALUE="1500"', "one": ANNOTATION.format("wave"), "two": ANNOTATION.format(" ")}


def test_elan_documents_of_others_are_read_without_dependent_tiers(tmp_path: Path) -> None:
    (found,) = read(EAF.format(**GOOD), ".eaf", tmp_path)
    assert found == Timeline(
        "talk.mp4", (Action(0.5, 1.5, "gesture", subject="Ann"), Action(0.5, 1.5, "wave", subject="Ann"))
    )


def test_an_annotation_that_somebody_added_to_our_document_has_the_tier_s_label(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "v.eaf")
    text = (tmp_path / "v.eaf").read_text().replace("0.81", "nan").replace("0.4", "sure!")
    (found,) = read(text, ".eaf", tmp_path)
    assert [(action.label, action.score) for action in found] == [("serve", 1.0), ("volley & lob", 1.0)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end": ""}, "tier 'gesture', annotation a1: a time must be a number, found None"),
        ({"one": "<broken>"}, "not valid XML: mismatched tag"),
        ({"one": "&undeclared;"}, "not valid XML: undefined entity"),
        ({"doctype": '<!DOCTYPE x SYSTEM "file:///etc/passwd">'}, "found a document type declaration; remove it"),
    ],
)
def test_elan_documents_that_are_not_as_expected_are_named(
    change: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(EAF.format(**{**GOOD, **change}), ".eaf", tmp_path)


def test_another_xml_or_unit_is_no_elan_document(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected an ANNOTATION_DOCUMENT with a HEADER, found html"):
        read("<html/>", ".eaf", tmp_path)
    with pytest.raises(InputError, match="expected times in milliseconds, found PAL-frames"):
        read(EAF.format(**GOOD).replace('"milliseconds"', '"PAL-frames"'), ".eaf", tmp_path)


def test_a_document_of_entities_that_swell_is_refused_at_once(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    bomb = EAF.format(**{**GOOD, "doctype": f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>', "one": "&e12;"})
    before = time.process_time()
    with pytest.raises(InputError, match="document type declaration"):
        read(bomb, ".eaf", tmp_path)
    assert time.process_time() - before < 1
