"""`doubts` reads what `folds` leaves in a project, and says what to do where there is none."""

import json
import re
from pathlib import Path

import pytest

import logotal
from logotal.errors import InputError
from logotal.report.doubts_page import write_doubts_page
from logotal.runs.folds import _write
from tests.evaluation.test_doubts import planted, world


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose folds found what a decent network finds, with faults in its labels."""
    videos, lines = world(0)
    faulty, _ = planted(videos)
    (tmp_path / "recipe.yaml").touch()
    (tmp_path / "folds").mkdir()
    labels = tuple(sorted({action.label for video in videos for action in video.actions}))
    truth = logotal.Annotations(labels, {video.id: video for video in faulty}, tmp_path / "annotations.json")
    _write(tmp_path / "folds", truth, lines)
    database = {video.id: {"file": f"{video.id}.mp4", "subset": "training", "annotations": []} for video in videos}
    (tmp_path / "annotations.json").write_text(json.dumps({"database": database}))
    for video in videos:
        (tmp_path / f"{video.id}.mp4").touch()
    return tmp_path


def test_the_strongest_doubts_are_printed_first_and_all_are_in_the_json(project: Path, capsys) -> None:
    from logotal.commands.doubts import doubts  # noqa: PLC0415

    doubts(project, most=3)
    table = capsys.readouterr()
    assert "labels in 40 videos" in table.out
    assert table.out.count("if their times are") == 3
    assert "weaker doubts more: --most" in table.err
    doubts(project, json=True)
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(logotal.doubts(project).doubts) > 20
    assert rows[0]["kind"] == "times"
    assert rows[0]["video"] in table.out


def test_the_page_lists_the_doubts_with_the_places_that_they_lead_to(project: Path) -> None:
    from logotal.commands.doubts import doubts  # noqa: PLC0415

    doubts(project, save=project / "page.html")

    (text,) = re.findall(r'id="data">(.*?)</script>', (project / "page.html").read_text())
    shown = json.loads(text)
    found = [doubt for doubt in logotal.doubts(project).doubts if doubt.video is not None]
    assert [place["text"].split(" (")[0] for place in shown["places"]] == [
        f"{doubt.video}{'' if doubt.start is None else f', {doubt.start:.1f} s'}: {doubt.sentence}"
        for doubt in found[:200]
    ]
    first = shown["places"][0]
    assert shown["videos"][first["video"]]["id"] == found[0].video
    assert all(video["source"].endswith(".mp4") and video["truths"] is not None for video in shown["videos"])
    timed = next(i for i, doubt in enumerate(found) if doubt.start is not None)
    assert found[timed].start < shown["places"][timed]["time"] < found[timed].end


def test_a_page_that_is_no_page_is_refused(project: Path) -> None:
    with pytest.raises(
        InputError, match=r"doubts.json: doubts are written as a page, expected a name that ends in .html"
    ):
        write_doubts_page(project, project / "doubts.json")


def test_without_folds_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a project with folds.*logotal folds"):
        logotal.doubts(tmp_path)
