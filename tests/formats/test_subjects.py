"""Who acts is read and written wherever a form has a place for it, and lost where it has none."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pympi
import pytest

from logotal.errors import InputError
from logotal.formats.annotations import read_annotations
from logotal.formats.label_file import AskError
from logotal.formats.labels import read_labels
from logotal.formats.options import Options
from logotal.formats.timelines import FORMATS, read_timelines, write_timelines
from logotal.timeline import Action, Timeline
from tests.formats.label_texts import read
from tests.formats.test_boris import NEW, new

BOTH = Timeline(
    "cage",
    (
        Action(1, 3, "groom", 0.75, "mouse 1"),
        Action(1, 3, "groom", 0.5, "mouse 2"),
        Action(1, 3, "groom", 0.25),
        Action(2, 4, "groom", 0.125, "mouse 1"),
        Action(6, 7, "sniff @ wall", 1.0, "mouse 2"),
    ),
    10.0,
)
KEPT = (".json", ".csv", ".eaf", ".otio", ".via.csv", ".fiftyone.json")
LOST = (".vtt", ".srt", ".txt", ".labelstudio.json")


def by(found: Timeline) -> list[tuple[float, float, str, str | None]]:
    return sorted(((a.start, a.end, a.label, a.subject) for a in found), key=repr)


def subjects(folder: Path, name: str, content: str, **options: object) -> list[tuple[str, str | None]]:
    """The labels and subjects of a label file."""
    return [(found.label, found.subject) for found in read(folder, name, content, **options).videos[0].actions]


def test_every_form_that_is_written_either_keeps_subjects_or_loses_them() -> None:
    assert set(FORMATS) == {*KEPT, *LOST}


@pytest.mark.parametrize("suffix", KEPT)
def test_two_subjects_that_do_the_same_at_once_are_written_and_read_as_two(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cage{suffix}"
    write_timelines([BOTH], path)
    (found,) = read_timelines(path)
    assert by(found) == by(BOTH)
    assert found.subjects == ("mouse 1", "mouse 2")


@pytest.mark.parametrize("suffix", LOST)
def test_forms_without_a_place_for_subjects_keep_every_action_and_lose_who_acts(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cage{suffix}"
    write_timelines([BOTH], path)
    (found,) = read_timelines(path)
    assert [(a.label, a.subject) for a in found] == [(a.label, None) for a in BOTH]


@pytest.mark.parametrize("suffix", FORMATS)
def test_where_nobody_acts_the_files_are_those_from_before(suffix: str, tmp_path: Path) -> None:
    nobody = replace(BOTH, actions=tuple(replace(a, subject=None) for a in BOTH))
    path = tmp_path / f"cage{suffix}"
    write_timelines([nobody], path)
    assert "subject" not in path.read_text()
    assert " @ mouse" not in path.read_text()


def test_elan_shows_a_tier_for_each_label_of_each_subject_whose_participant_acts(tmp_path: Path) -> None:
    BOTH.save(tmp_path / "cage.eaf")
    document = pympi.Elan.Eaf(str(tmp_path / "cage.eaf"))
    tiers = {name: document.get_parameters_for_tier(name)["PARTICIPANT"] for name in document.get_tier_names()}
    assert tiers == {
        "groom": "groom",
        "groom @ mouse 1": "mouse 1",
        "groom @ mouse 1 2": "mouse 1",  # it overlaps, and ELAN's tiers hold one thing at a time
        "groom @ mouse 2": "mouse 2",
        "sniff @ wall @ mouse 2": "mouse 2",
    }


def test_a_corrected_elan_document_says_who_acts(tmp_path: Path) -> None:
    BOTH.save(tmp_path / "cage.eaf")
    tree = ET.parse(tmp_path / "cage.eaf")
    for value in tree.iter("ANNOTATION_VALUE"):
        value.text = ""
    tree.write(tmp_path / "cage.eaf")
    (entry,) = read_labels(tmp_path / "cage.eaf").videos
    assert by(Timeline("cage", tuple(found.action for found in entry.actions))) == by(BOTH)


def test_csv_without_scores_is_a_person_s_and_says_who_acts(tmp_path: Path) -> None:
    text = "video,start,end,label,subject\ncage,1,3,groom,mouse 1\ncage,1,3,groom,mouse 2\ncage,5,6,groom,\n"
    assert subjects(tmp_path, "cage.csv", text) == [("groom", "mouse 1"), ("groom", "mouse 2"), ("groom", None)]
    (found,) = read_timelines(tmp_path / "cage.csv")
    assert [a.subject for a in found] == ["mouse 1", "mouse 2", None]


@pytest.mark.parametrize("header", ["Subject", "animal_id", "Actor", "individual", "subject name"])
def test_a_column_of_subjects_is_known_by_its_usual_names(header: str, tmp_path: Path) -> None:
    text = f"video,start,end,label,{header}\ncage,1.5,3,groom,m1\n"
    assert subjects(tmp_path, "cage.csv", text) == [("groom", "m1")]


def test_a_column_of_subjects_can_be_named(tmp_path: Path) -> None:
    text = "video,start,end,label,mouse\ncage,1.5,3,groom,m1\n"
    assert subjects(tmp_path, "a.csv", text) == [("groom", None)]
    assert subjects(tmp_path, "a.csv", text, columns={"subject": "mouse"}) == [("groom", "m1")]
    assert Options(columns={"subject": "mouse"}).given() == {"columns": {"subject": "mouse"}}


def test_boris_says_who_acts(tmp_path: Path) -> None:
    text = NEW + "".join(
        new(kind, t, "rooting", subject=who) for kind, t in (("START", 1), ("STOP", 3)) for who in "ab"
    )
    assert subjects(tmp_path, "pen.csv", text) == [("rooting", "a"), ("rooting", "b")]


def test_datavyu_says_who_acts_in_a_code(tmp_path: Path) -> None:
    text = "trial.ordinal,trial.onset,trial.offset,trial.what,trial.subject\n1,1500,2000,hit,ann\n2,2500,3000,miss,\n"
    with pytest.raises(AskError, match=r"--attribute what \| subject"):
        read(tmp_path, "a.csv", text)
    assert subjects(tmp_path, "a.csv", text, attribute="what") == [("hit", "ann"), ("miss", None)]
    assert subjects(tmp_path, "b.csv", text, attribute="subject") == [("ann", None)]


def test_anvil_and_via_say_who_acts_in_an_attribute(tmp_path: Path) -> None:
    anvil = (
        '<annotation><body><track name="t"><el index="0" start="1" end="2"><attribute name="type">stroke</attribute>'
        '<attribute name="Actor">ann</attribute></el></track></body></annotation>'
    )
    assert subjects(tmp_path, "a.anvil", anvil, attribute="type") == [("stroke", "ann")]
    via = (
        '# ATTRIBUTE = {"1":{"aname":"subject"},"2":{"aname":"what"}}\n'
        "# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n"
        '"1","[""a.mp4""]",0,"[1,2]","[]","{""1"":""ann"",""2"":""serve""}"\n'
        '"2","[""a.mp4""]",0,"[3,4]","[]","{""1"":""_DEFAULT"",""2"":""serve""}"\n'
    )
    assert subjects(tmp_path, "a.csv", via, attribute="what") == [("serve", "ann"), ("serve", None)]


def test_elan_of_others_says_who_acts_by_the_participant_of_a_tier(tmp_path: Path) -> None:
    tier = '<TIER TIER_ID="{0}" PARTICIPANT="{1}" LINGUISTIC_TYPE_REF="x"><ANNOTATION><ALIGNABLE_ANNOTATION '
    tier += 'ANNOTATION_ID="{0}" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"><ANNOTATION_VALUE>wave</ANNOTATION_VALUE>'
    tier += "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{i}" TIME_VALUE="{i}000"/>' for i in (1, 2))
    text = f'<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER>{slots}</TIME_ORDER>'
    text += (
        tier.format("left", "ann") + tier.format("right", "bob") + tier.format("other", " ") + "</ANNOTATION_DOCUMENT>"
    )
    found = subjects(tmp_path, "a.eaf", text, tier=("left", "right", "other"))
    assert found == [("wave", "ann"), ("wave", "bob"), ("wave", None)]


def test_elan_s_table_says_who_acts(tmp_path: Path) -> None:
    header = "Tier\tParticipant\tBegin Time - msec\tEnd Time - msec\tAnnotation\n"
    text = header + "hand\tann\t1000\t2000\twave\nhand\t\t3000\t4000\twave\n"
    assert subjects(tmp_path, "a.txt", text) == [("wave", "ann"), ("wave", None)]


def test_annotations_say_who_acts_and_a_subject_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "annotations.json"
    said: tuple[dict[str, object], ...] = ({"subject": "m1"}, {"subject": None}, {"subject": ""}, {})
    actions = [{"segment": [1, 2], "label": "groom"} | who for who in said]
    path.write_text(json.dumps({"database": {"a": {"subset": "training", "annotations": actions}}}))
    assert [a.subject for a in read_annotations(path).videos["a"].actions] == ["m1", None, None, None]
    assert [found.subject for found in read_labels(path).videos[0].actions] == ["m1", None, None, None]
    path.write_text(path.read_text().replace('"m1"', "1"))
    with pytest.raises(InputError, match="video 'a', action 0: 'subject' must be a name, found 1"):
        read_annotations(path)


def test_an_action_shows_who_acts_where_somebody_does() -> None:
    assert repr(Action(1, 2, "groom", 0.5)) == "Action(start=1, end=2, label='groom', score=0.5)"
    assert repr(Action(1, 2, "groom", 0.5, "m1")) == "Action(start=1, end=2, label='groom', score=0.5, subject='m1')"
    assert Action(1, 2, "groom", subject="m1") != Action(1, 2, "groom", subject="m2")


def test_a_pandas_table_has_a_column_of_subjects_where_somebody_acts() -> None:
    pytest.importorskip("pandas", reason="needs the extra pandas")
    assert list(BOTH.to_pandas().columns) == ["video", "start", "end", "label", "score", "subject"]
    assert BOTH.to_pandas()["subject"].dropna().tolist() == [a.subject for a in BOTH if a.subject is not None]
    assert list(Timeline("v", (Action(1, 2, "groom"),)).to_pandas().columns)[-1] == "score"
