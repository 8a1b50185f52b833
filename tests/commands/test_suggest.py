import json
from pathlib import Path

import numpy as np
import pytest

from logotal.commands.suggest import suggest
from logotal.config import DataConfig, ModelConfig
from logotal.errors import InputError
from logotal.recipes import parse_config, read_recipe
from tests.shared import shared


def write_annotations(path: Path, *, splits: tuple[str, ...] = ("training", "validation"), **keys: object) -> Path:
    """Twelve videos of a minute in each split, with actions of 1, 2, 3 and 8 seconds."""
    actions = [{"segment": [s, s + n], "label": "jump"} for s, n in ((1, 1), (5, 2), (10, 3), (20, 8), (40, 1))]
    entry = {"duration": 60.0, "annotations": actions} | keys
    database = {f"{split}{i}": {"subset": split} | entry for split in splits for i in range(12)}
    path.write_text(json.dumps({"database": database}))
    return path


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    return write_annotations(tmp_path / "truth.json", fps=30)


def test_annotations_alone_give_a_recipe_on_standard_output_and_a_table_beside_it(annotations: Path, capsys):
    suggest(str(annotations))
    printed = capsys.readouterr()
    config = parse_config(printed.out, "stdout")

    assert config.data.annotations == annotations
    assert (config.data.clip_frames, config.data.clip_stride) == (16, 6)
    assert "# Suggested by `logotal suggest` for split 'training'" in printed.out
    header, first, *rows = [line for line in printed.err.splitlines() if line.strip()]
    assert header.split() == ["actions", "answered", "by", "suggested"]
    assert first.split()[:2] == ["level", "0"]
    assert [row.split() for row in rows if row.startswith("no level")] == [["no", "level", "0", "%"]]


def test_the_rate_and_the_clips_can_be_given(tmp_path: Path, capsys):
    path = write_annotations(tmp_path / "truth.json")
    suggest(str(path), fps=60, clip_frames=8)
    config = parse_config(capsys.readouterr().out, "stdout")

    assert (config.data.fps, config.data.clip_frames, config.data.clip_stride) == (60, 8, 12)


def test_a_given_stride_is_kept(annotations: Path, capsys):
    suggest(str(annotations), clip_stride=2.5)
    printed = capsys.readouterr().out

    assert parse_config(printed, "stdout").data.clip_stride == 2.5
    assert "clip_stride: 2.5 # the features have it" in printed


def test_an_unknown_rate_is_an_error_that_names_the_option(tmp_path: Path):
    path = write_annotations(tmp_path / "truth.json")
    with pytest.raises(InputError, match=r"truth\.json: .*frame rate; set it with --fps"):
        suggest(str(path))


def test_another_name_of_the_training_split_is_asked_for_and_the_other_split_is_found(tmp_path: Path, capsys):
    path = write_annotations(tmp_path / "truth.json", splits=("Learn", "Judge"), fps=30)
    with pytest.raises(InputError, match=r"valid: Learn, Judge; name the split to measure with --data\.training-split"):
        suggest(str(path))
    suggest(str(path), data=DataConfig(training_split="Learn"))
    config = parse_config(capsys.readouterr().out, "stdout")

    assert (config.data.training_split, config.data.evaluation_split) == ("Learn", "Judge")


def test_a_recipe_keeps_what_it_says_of_the_data_and_its_own_levels_stand_beside(tmp_path: Path, annotations, capsys):
    text = "model: {levels: 2, head: trident, bins: 5}\ndata: {fps: 30, clip_stride: 4, file_prefix: v_}"
    (tmp_path / "mine.yaml").write_text(text)
    suggest(str(tmp_path / "mine.yaml"), data=DataConfig(annotations=annotations, exclude=("training3",)))
    printed = capsys.readouterr()
    config = parse_config(printed.out, "stdout")
    lines = [line.split() for line in printed.err.splitlines() if line.strip()]

    assert (config.data.fps, config.data.file_prefix, config.data.exclude) == (30, "v_", ("training3",))
    assert config.model.levels > 2
    assert lines[0] == ["actions", "answered", "by", "suggested", "present"]
    # 5 bins of stride 2 reach 10 steps to either side, 2.7 s in all: of five actions, those of 3 and 8 s are too long.
    assert next(line for line in lines if line[:2] == ["too", "long"])[-4:] == ["0", "%", "40.0", "%"]
    assert next(line for line in lines if line[:2] == ["level", str(config.model.levels - 1)])[-1] == "-"


def test_a_recipe_keeps_how_its_features_are_made(tmp_path: Path, annotations, capsys):
    text = "model: {streams: [6, 424]}\ndata: {fps: 30, clip_stride: 4, depths: several, pose: true, views: 2}"
    (tmp_path / "mine.yaml").write_text(text)
    suggest(str(tmp_path / "mine.yaml"), data=DataConfig(annotations=annotations))
    config = parse_config(capsys.readouterr().out, "stdout")

    assert config.model.streams == (6, 424)
    assert (config.data.depths, config.data.pose, config.data.views) == ("several", True, 2)


def test_options_change_the_settings_that_are_compared(tmp_path: Path, annotations: Path, capsys):
    (tmp_path / "mine.yaml").write_text("data: {fps: 30}")
    suggest(str(tmp_path / "mine.yaml"), data=DataConfig(annotations=annotations), model=ModelConfig(levels=9))

    assert "level 8" in capsys.readouterr().err


def test_features_keep_their_stride_and_say_how_long_videos_are(tmp_path: Path, capsys):
    path = write_annotations(tmp_path / "truth.json", duration=None)
    (tmp_path / "features").mkdir()
    for index in range(11):  # one video has none
        np.save(tmp_path / "features" / f"training{index}.npy", np.zeros((240, 4), np.float32))
    (tmp_path / "mine.yaml").write_text("data: {fps: 30, clip_stride: 7, clip_frames: 16}")
    suggest(str(tmp_path / "mine.yaml"), data=DataConfig(annotations=path, features=tmp_path / "features"))
    printed = capsys.readouterr()

    assert parse_config(printed.out, "stdout").data.clip_stride == 7
    assert "55 actions" in printed.out
    assert "without 'duration'" not in printed.out  # 240 clips every 7 frames are 56 s


def test_a_project_is_read_before_its_features_are_extracted(tmp_path: Path, annotations: Path, capsys):
    (tmp_path / "recipe.yaml").write_text("data: {annotations: truth.json, features: features, fps: 30}")
    suggest(str(tmp_path))

    assert parse_config(capsys.readouterr().out, "stdout").data.features == tmp_path / "features"


def test_without_annotations_the_option_is_named():
    with pytest.raises(InputError, match=r"--data\.annotations FILE"):
        suggest("synthetic", data=DataConfig(annotations=None))


def test_without_any_action_there_is_a_recipe_and_no_table(tmp_path: Path, capsys):
    suggest(str(write_annotations(tmp_path / "truth.json", fps=30, annotations=[])))
    printed = capsys.readouterr()

    assert "# Note: no action is annotated" in printed.out
    assert printed.err == "no action lies on the grid: there are no shares to compare\n"


def test_on_sbhar_the_features_keep_the_grid_of_the_recipe(capsys):
    suggest("sbhar", data=DataConfig(annotations=shared("sbhar/annotations.json"), features=shared("sbhar")))
    config = parse_config(capsys.readouterr().out, "stdout")

    assert config.data.model_dump(exclude={"hold_out", "annotations", "features"}) == read_recipe(
        "sbhar"
    ).data.model_dump(exclude={"hold_out", "annotations", "features"})
