"""`logotal init` as a user meets it: what it prints, what it says is left out, and what to do next."""

from pathlib import Path

import pytest

from logotal.commands.init import init
from tests.project.films import films


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    films(tmp_path / "my films", *(f"match {i}.mp4" for i in range(4)))
    rows = [f"match {i}.mp4,{k},{k + 1},{label}" for i in range(4) for k, label in ((1, "serve"), (4, "[b]volley"))]
    rows += ["match 0.mp4,90,91,serve"] * 5 + ["match 0.mp4,6,7,serve"] * 1
    (tmp_path / "my films" / "labels.csv").write_text("\n".join(["video,start,end,label", *rows, ""]))
    return tmp_path / "my films"


def test_it_prints_what_was_read_the_splits_and_the_next_commands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init(folder, unit="s")
    printed, said = capsys.readouterr()
    rows = [line.split() for line in printed.splitlines()]

    assert ["actions", "of", "training", "validation"] in rows
    assert ["videos", "3", "1"] in rows
    assert any(row[0] == "[b]volley" and row[1:] == ["3", "1"] for row in rows if row)
    assert "14 actions read, 9 used, 5 left out" in printed
    assert f'  logotal extract "{folder}"' in printed
    assert f'  logotal detect NEW_VIDEO --model "{folder}"' in printed
    assert "lies outside the video (90-91 s of 10 s)" in said
    assert "2 more of which the same is true: lies outside the video" in said


def test_a_second_call_changes_nothing_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(folder, unit="s")
    assert "recipe.yaml: made" in capsys.readouterr().out
    init(folder)
    assert "recipe.yaml: unchanged" in capsys.readouterr().out


def test_an_update_prints_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(folder, unit="s")
    text = (folder / "labels.csv").read_text()
    (folder / "labels.csv").write_text(text.replace("match 0.mp4,6,7,serve", "match 0.mp4,7,8,return"))
    capsys.readouterr()
    init(folder)
    printed = capsys.readouterr().out
    assert "changed: 1 action added: match 0: 'return' 7-8 s" in printed
    assert "changed: 1 action gone: match 0: 'serve' 6-7 s" in printed
    assert "changed: 1 label added: return" in printed
    assert "recipe.yaml: updated, recipe.yaml kept" in printed
