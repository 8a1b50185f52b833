"""Two label files are compared whatever form each has and however each calls the videos."""

import json
from pathlib import Path

import pytest

from logotal.commands.agree import agree as command
from logotal.errors import InputError
from logotal.formats.options import Options
from logotal.project.agree import agree
from tests.shared import shared

ANN = ("match 0.mp4,1,2,serve", "match 0.mp4,4,5,volley", "match 1.mp4,1,2,serve")


def table(path: Path, *lines: str, header: str = "video,start,end,label") -> Path:
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def label_studio(path: Path, video: str, *people: list[tuple[int, int, str]]) -> Path:
    """A task at 10 frames a second that each person annotated; ranges of frames, from 1."""
    results = [
        [
            {"type": "timelinelabels", "value": {"ranges": [{"start": a, "end": b}], "timelinelabels": [label]}}
            for a, b, label in spans
        ]
        for spans in people
    ]
    annotations = [{"id": i + 1, "result": result} for i, result in enumerate(results)]
    path.write_text(json.dumps([{"id": 1, "data": {"video": video, "fps": 10}, "annotations": annotations}]))
    return path


def test_two_tables_are_compared_in_the_videos_that_both_name(tmp_path: Path) -> None:
    ann = table(tmp_path / "ann.csv", *ANN)
    bob = table(tmp_path / "bob.csv", "match 0,1.2,2,serve", "match 2,1,2,serve")
    found = agree(ann, bob)
    assert found.videos == ("match 0",)
    assert (found.only_first, found.only_second) == (("match 1",), ("match 2",))
    assert [(each.label, each.first, each.second, each.matched) for each in found.labels] == [
        ("serve", 1, 1, 1),
        ("volley", 1, 0, 0),
    ]
    assert found.labels[0].tiou == pytest.approx(0.8)
    assert agree(ann, bob, tiou=0.9).whole.matched == 0


def test_two_people_of_one_file_are_named(tmp_path: Path) -> None:
    both = table(
        tmp_path / "both.csv",
        *("m.mp4,1,2,serve,ann", "m.mp4,4,5,volley,ann", "m.mp4,1.2,2,serve,bob"),
        header="video,start,end,label,annotator",
    )
    assert agree(both, annotators=("ann", "bob")).whole.f1 == pytest.approx(2 / 3)
    path = label_studio(tmp_path / "both.json", "m.mp4", [(11, 20, "serve")], [(11, 20, "serve"), (31, 40, "volley")])
    found = agree(path, annotators=("1", "2"))
    assert (found.whole.first, found.whole.second, found.whole.matched) == (1, 2, 1)


def test_what_label_studio_wrote_of_two_people_agrees_in_full() -> None:
    found = agree(shared("labels/ls_two_annotators.json"), annotators=("1", "2"))
    assert (found.whole.f1, found.whole.kappa, found.whole.matched) == (1, 1, 1)


@pytest.mark.parametrize("named", ["/data/upload/1/abcdef12-match 0.mp4", "C:\\films\\match 0.mp4", "match 0"])
def test_a_video_is_the_same_however_each_tool_calls_it(named: str, tmp_path: Path) -> None:
    ann = table(tmp_path / "ann.csv", "match 0.mp4,1,2,serve")
    other = label_studio(tmp_path / "bob.json", named, [(11, 20, "serve")])
    assert len(agree(ann, other).videos) == 1
    assert len(agree(other, ann).videos) == 1


def test_files_about_one_video_that_name_none_are_compared(tmp_path: Path) -> None:
    ann, bob = (
        table(tmp_path / f"{name}.csv", "1,2,serve", "4,5,volley", header="start,end,label") for name in ("ann", "bob")
    )
    assert agree(ann, bob).whole.f1 == 1
    named = table(tmp_path / "named.csv", *ANN[:2])
    assert agree(named, bob).videos == ("match 0",)


def test_what_is_said_about_the_files_counts_for_both(tmp_path: Path) -> None:
    ann = table(tmp_path / "ann.csv", "m,1000,2000,serve")
    bob = table(tmp_path / "bob.csv", "m,1,2,serve", header="video,start_s,end_s,label")
    assert agree(ann, bob, options=Options(unit="ms")).whole.f1 == 1
    with pytest.raises(InputError, match="--tier hand: no label file has a use for it"):
        agree(ann, bob, options=Options(tier=("hand",)))


def test_what_cannot_be_compared_is_refused_with_a_cure(tmp_path: Path) -> None:
    ann = table(tmp_path / "ann.csv", *ANN)
    for people, message in (
        ((), r"ann\.csv: expected a second label file, or two people in this one: --annotators ANN BOB"),
        (("ann",), "--annotators: expected two names"),
        (("ann", "bob"), "--annotator ann: no label file has a use for it"),
    ):
        with pytest.raises(InputError, match=message):
            agree(ann, annotators=people)
    with pytest.raises(InputError, match="no video is in both"):
        agree(ann, table(tmp_path / "bob.csv", "other,1,2,serve", "third,1,2,serve"))
    frames = table(tmp_path / "frames.csv", "match 0,10,20,serve", header="video,start_frame,end_frame,label")
    with pytest.raises(InputError, match=r"only its video says when that is \(--unit frames@25\)"):
        agree(ann, frames)


def test_the_command_prints_tables_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann, bob = table(tmp_path / "ann.csv", *ANN), table(tmp_path / "bob.csv", *ANN[:2])
    command(ann, bob)
    printed, said = capsys.readouterr()
    assert ["serve", "1", "1", "1", "100.0", "100.0", "0.00", "1.00"] in [line.split() for line in printed.splitlines()]
    assert "videos only in A, not counted: 'match 1'" in said
    command(ann, bob, json=True)
    assert json.loads(capsys.readouterr().out)["all"]["f1"] == 1
