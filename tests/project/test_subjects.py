"""Who acts in a project: kept beside the labels, or a class of its own for each label of each subject."""

import json
from pathlib import Path

import pytest

from logotal.check.annotations import action_findings
from logotal.commands.init import init
from logotal.data.arrange import arrange
from logotal.data.subjects import class_of, label_and_subject, with_classes, with_subjects
from logotal.errors import InputError
from logotal.evaluation.truth import sift
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.project.create import create
from logotal.project.versions import check_versions
from logotal.recipes import read_recipe
from logotal.timeline import Action
from tests.project.films import films
from tests.project.test_create import NAMES, contents, write_labels

HEADER = "video,start,end,label,subject"


def lines(*subjects: str) -> list[str]:
    """In each video everybody grooms at once, and the first sniffs."""
    return [
        row
        for name in NAMES
        for row in (*(f"{name},1,2,groom,{who}" for who in subjects), f"{name},4,5.5,sniff,{subjects[0]}")
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    films(tmp_path / "films", *NAMES)
    write_labels(tmp_path / "films", *lines("m1", "m2"), header=HEADER)
    return tmp_path / "films"


def test_two_subjects_that_do_the_same_at_once_are_two_actions_of_a_project(folder: Path) -> None:
    summary = create(folder)
    assert (summary.read, summary.left_out) == (18, ())
    read = read_annotations(folder / "annotations.json")
    assert tuple(read.videos.values()) == summary.videos
    assert read.videos["match 0"].actions == (
        Action(1, 2, "groom", subject="m1"),
        Action(1, 2, "groom", subject="m2"),
        Action(4, 5.5, "sniff", subject="m1"),
    )


def test_together_labels_are_the_classes_and_a_note_says_who_acts(folder: Path) -> None:
    summary = create(folder)
    assert read_recipe(str(folder)).data.subjects == "together"
    assert "subjects" not in (folder / "recipe.yaml").read_text()
    (note,) = (note for note in summary.notes if "who acts" in note)
    assert note.startswith("18 actions of 18 say who acts: 'm1', 'm2'; classes are the labels of all together")
    arranged = arrange(read_annotations(folder / "annotations.json"), read_recipe(str(folder)).data)
    assert arranged.labels == ("groom", "sniff")


def test_in_lanes_each_label_of_each_subject_is_a_class_and_the_next_init_keeps_that(folder: Path) -> None:
    summary = create(folder, subjects="lanes")
    assert any("each label of each subject is a class, 3 in all" in note for note in summary.notes)
    before = contents(folder)
    config = read_recipe(str(folder)).data
    assert config.subjects == "lanes"
    arranged = arrange(read_annotations(folder / "annotations.json"), config)
    assert arranged.labels == ("groom @ m1", "groom @ m2", "sniff @ m1")
    assert arranged.videos["match 0"].actions[1] == Action(1, 2, "groom @ m2")
    # The file itself says label and subject apart, so that both ways of training may read it.
    assert json.loads(before["annotations.json"])["database"]["match 0"]["annotations"][1] == {
        "segment": [1, 2],
        "label": "groom",
        "subject": "m2",
    }
    assert not create(folder).written
    assert contents(folder) == before
    with pytest.raises(InputError, match=r"--subjects together: .*recipe.yaml says 'lanes', and an update leaves it"):
        create(folder, subjects="together")
    create(folder, subjects="together", overwrite=True)
    assert read_recipe(str(folder)).data.subjects == "together"


def test_in_lanes_the_splits_cover_each_label_of_each_subject(folder: Path) -> None:
    rows = [f"{name},1,2,groom,m{1 + (i in (2, 5))}" for i, name in enumerate(NAMES)]  # m2 is in two videos
    write_labels(folder, *rows, header=HEADER)
    summary = create(folder, subjects="lanes")
    where = {video.split for video in summary.videos if any(a.subject == "m2" for a in video.actions)}
    assert where == {"training", "validation"}


def test_what_cannot_be_a_lane_is_said(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no choice 'lane'; did you mean 'lanes'\?"):
        create(folder, subjects="lane")
    write_labels(folder, *lines("m @ 1"), header=HEADER)
    with pytest.raises(InputError, match="the subject 'm @ 1' may not have ' @ ' in its name"):
        create(folder, subjects="lanes")
    write_labels(folder, *lines("m1"), header="video,start,end,label,nothing")
    with pytest.raises(InputError, match="no action says who acts; name the column with --columns subject=HEADER"):
        create(folder, subjects="lanes")
    assert not (folder / "recipe.yaml").exists()


def test_the_command_says_who_acts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(folder, subjects="lanes")
    assert "18 actions of 18 say who acts: 'm1', 'm2'" in " ".join(capsys.readouterr().err.split())


def test_actions_without_a_subject_are_a_class_of_their_label_alone(folder: Path) -> None:
    write_labels(folder, *lines("m1", ""), header=HEADER)
    summary = create(folder, subjects="lanes")
    assert any(note.startswith("6 actions without a subject") for note in summary.notes)
    arranged = arrange(read_annotations(folder / "annotations.json"), read_recipe(str(folder)).data)
    assert arranged.labels == ("groom", "groom @ m1", "sniff @ m1")


def test_the_same_action_of_the_same_subject_twice_counts_once(folder: Path) -> None:
    write_labels(folder, *lines("m1", "m2"), "match 0.mp4,1,2,groom,m2", header=HEADER)
    summary = create(folder)
    assert [(each.reason, each.where.rpartition(" ")[2]) for each in summary.left_out] == [("is annotated twice", "20")]


def test_an_action_whose_subject_changes_is_gone_and_another_one_is_added(folder: Path) -> None:
    create(folder)
    rows = lines("m1", "m2")
    rows[1] = rows[1].replace("m2", "m3")
    write_labels(folder, *rows, header=HEADER)
    changes = create(folder).changes
    assert changes.actions_gone == ("match 0: 'groom' by 'm2' 1-2 s",)
    assert changes.actions_added == ("match 0: 'groom' by 'm3' 1-2 s",)
    assert changes.actions_moved == ()


@pytest.mark.parametrize("label", ["groom", "groom @ wall", "@", " @ "])
@pytest.mark.parametrize("subject", ["mouse 1", "a@b", "@"])
def test_a_class_is_taken_apart_into_what_it_was_made_of(label: str, subject: str) -> None:
    assert label_and_subject(class_of(label, subject)) == (label, subject)
    actions = (Action(1, 2, label, 0.5, subject), Action(3, 4, "plain", 0.25))
    assert with_subjects(with_classes(actions)) == actions


def test_what_would_be_taken_apart_otherwise_is_no_class() -> None:
    for label, subject in (("groom @ wall", None), ("groom", "a @ b"), ("groom", " @ "), ("groom", "@ b")):
        with pytest.raises(InputError, match=r"rename it, or train with data\.subjects: together"):
            class_of(label, subject)


def test_duplicates_and_overlaps_count_for_each_subject() -> None:
    m1, m2, nobody = (Action(1, 3, "groom", subject=who) for who in ("m1", "m2", None))
    later = Action(2, 4, "groom", subject="m2")
    assert sift([m1, m2, nobody, m2], duplicate_tolerance=1e-3, minimum_duration=0).duplicates == (m2,)
    assert action_findings([VideoTruth("v", "training", (m1, m2, nobody), 9.0)]) == []
    (finding,) = action_findings([VideoTruth("v", "training", (m1, m2, later), 9.0)])
    assert "of overlapping actions of one label" in finding.sentence
    assert "1 pair" in finding.sentence


def test_files_about_other_subjects_complete_each_other_and_two_about_one_are_two_coders() -> None:
    first, second = Path("ann.csv"), Path("bob.csv")
    mine = [Action(1, 3, "groom", subject="m1"), Action(5, 6, "groom", subject="m1")]
    check_versions("v", {first: mine, second: [Action(1.1, 3, "groom", subject="m2")]})
    check_versions("v", {first: mine, second: [*mine, Action(1, 3, "groom", subject="m2")]})
    with pytest.raises(InputError, match=r"as 'groom' by 'm1' 1-3 s and 1.1-3 s"):
        check_versions("v", {first: mine, second: [Action(1.1, 3, "groom", subject="m1")]})
    # The same file once with subjects and once without says the same differently.
    with pytest.raises(InputError, match=r"'groom' by 'm1' 1-3 s and by nobody 1-3 s.*choose one"):
        check_versions("v", {first: mine, second: [Action(1, 3, "groom"), Action(5, 6, "groom")]})
