"""`doubts` reads what `folds` leaves in a project, and says what to do where there is none."""

import json
from pathlib import Path

import pytest

import logotal
from logotal.errors import InputError
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


def test_without_folds_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a project with folds.*logotal folds"):
        logotal.doubts(tmp_path)
