"""docs/own-videos.md is followed by hand: its code and its commands, on fewer videos and for a few epochs."""

import re
import shlex
from pathlib import Path

import pytest

from logotal.backbones.weights import UnreachableError, fetch_weights
from logotal.cli import app
from logotal.formats.timelines import read_timelines

PAGE = (Path(__file__).parents[1] / "docs" / "own-videos.md").read_text()
EPOCHS = ["--training.epochs", "12", "--training.warmup-epochs", "1", "--training.workers", "0"]
QUICK = {"train": EPOCHS, "folds": ["2" if word == "12" else word for word in EPOCHS]}


@pytest.mark.slow
def test_the_tutorial_goes_from_videos_to_timelines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        for name in ("i3d-rgb", "pose"):
            fetch_weights(name)  # does nothing where they are there
    except UnreachableError as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    fewer = block.replace("range(36)", "range(8)").replace("ABCDEFGHIJKL", "ABCD").replace("% 12", "% 4")
    exec(compile(fewer, "own-videos.md", "exec"), {})
    commands = re.findall(r"^    (logotal .*)$", PAGE, flags=re.MULTILINE)
    assert [command.split()[1] for command in commands] == [
        *("init", "extract", "train", "evaluate", "thresholds", "folds", "doubts", "detect", "detect", "watch")
    ]
    for command in commands:
        words = shlex.split(command)[1:]
        if words[0] == "thresholds":
            words += ["--split", "validation"]  # so few videos are too few to hold some out
        if words[0] == "folds":
            words += ["--folds", "2"]
        if words[0] == "watch":
            words[1] = "new_video.mp4"  # for a camera
        if words[0] == "extract":
            words = ["48" if word == "96" else word for word in words]
        app([*words, *QUICK.get(words[0], [])], result_action="return_value")
    printed = capsys.readouterr().out
    assert "as shown by `logotal detect`" in printed
    assert "linear: mAP" in printed
    assert "  pose: true\n" in (tmp_path / "gym" / "recipe.yaml").read_text()  # the figures are taken for people
    for name in ("annotations.json", "recipe.yaml", "timelines.html", "run/MODEL_CARD.md", "run/thresholds.html"):
        assert (tmp_path / "gym" / name).is_file(), name
    assert read_timelines(tmp_path / "new_video.vtt")[0].video == "new_video"
