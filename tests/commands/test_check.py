import json
from pathlib import Path

import numpy as np
import pytest

from logotal.commands.check import check
from logotal.config import DataConfig
from logotal.errors import InputError

RECIPE = """
model: {levels: 3, head: trident}
data: {clip_stride: 2, clip_frames: 2, fps: 10}
"""


@pytest.fixture
def data(tmp_path: Path) -> DataConfig:
    """Two videos of 40 s with ten actions each, and a recipe that fits them."""
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "features").mkdir()
    lengths = (1, 1, 2, 2, 3, 3, 3, 3, 3, 3)
    annotations = [{"segment": [3 * i, 3 * i + length], "label": "jump"} for i, length in enumerate(lengths)]
    database = {
        name: {"subset": split, "duration": 40.0, "annotations": annotations}
        for name, split in (("a", "training"), ("b", "validation"))
    }
    for name in database:
        np.save(tmp_path / "features" / f"{name}.npy", np.zeros((200, 4), np.float32))
    (tmp_path / "truth.json").write_text(json.dumps({"database": database}))
    return DataConfig(features=tmp_path / "features", annotations=tmp_path / "truth.json")


def printed(capsys: pytest.CaptureFixture[str], data: DataConfig, **options: int) -> list[str]:
    assert data.annotations is not None
    check(str(data.annotations.parent / "recipe.yaml"), data=data, **options)
    return capsys.readouterr().out.splitlines()


def test_a_sound_data_set_has_a_headline_and_numbers_and_ends_well(data: DataConfig, capsys):
    lines = printed(capsys, data)

    assert lines[0] == "truth.json with recipe.yaml: nothing is wrong"
    assert any(line.split() == ["training", "1", "1", "0.0", "10", "1", "0", "%"] for line in lines)
    assert "training: actions per label: jump 10" in lines
    assert len(lines) < 60


def test_the_histogram_draws_shares_of_the_actions_per_split(data: DataConfig, capsys):
    lines = printed(capsys, data)
    bars = {line.split()[0]: line.split()[1:] for line in lines if "█" in line}

    # Two of ten actions last 1 s, the others 2 s and 3 s.
    assert bars["below"] == ["2", "██████", "20%", "██████", "20%"]
    assert bars["from"] == ["2", "█" * 24, "80%", "█" * 24, "80%"]


def test_a_warning_names_the_first_places_and_does_not_fail(data: DataConfig, capsys):
    assert data.features is not None
    assert data.annotations is not None
    content = json.loads(data.annotations.read_text())
    for start in (31, 33, 35, 37):
        content["database"]["a"]["annotations"].append({"segment": [start, 50], "label": "jump"})
    data.annotations.write_text(json.dumps(content))
    lines = printed(capsys, data, names=1)
    at = next(i for i, line in enumerate(lines) if "outside the video" in line)

    assert lines[at].startswith("! 4 actions")
    assert lines[at + 1 : at + 3] == [
        "    a: 'jump' 31-50 s, the video lasts 40 s",
        "    and 3 more; --names N names N",
    ]


def test_an_error_ends_with_status_1_and_is_printed_first(data: DataConfig, capsys):
    assert data.features is not None
    (data.features / "a.npy").write_bytes(b"")
    with pytest.raises(SystemExit) as stop:
        printed(capsys, data)
    lines = capsys.readouterr().out.splitlines()

    assert stop.value.code == 1
    assert lines[0] == "truth.json with recipe.yaml: 1 error"
    assert lines[1] == "✗ 1 feature file that cannot be used"
    assert lines[2].startswith("    a.npy: not a whole .npy array (0 bytes")


def test_annotations_alone_are_checked_and_it_says_what_was_not(data: DataConfig, capsys):
    lines = printed(capsys, DataConfig(annotations=data.annotations))

    assert lines[1].startswith("? not checked: feature files, name their folder with --data.features DIR")
    assert any("level 2, stride 4" in line for line in lines)


def test_two_mistyped_splits_leave_only_the_errors(data: DataConfig, capsys):
    given = DataConfig(features=data.features, annotations=data.annotations, training_split="x", evaluation_split="y")
    with pytest.raises(SystemExit):
        printed(capsys, given)
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "truth.json with recipe.yaml: 2 errors"
    assert lines[1] == "✗ data.training_split: no video in split 'x'; valid: training, validation"
    assert all(line[0] in "✗·" for line in lines[1:])


def test_an_invalid_annotation_file_is_an_input_error(data: DataConfig, capsys):
    assert data.annotations is not None
    data.annotations.write_text("{")
    with pytest.raises(InputError, match="not valid JSON at line 1"):
        printed(capsys, data)
