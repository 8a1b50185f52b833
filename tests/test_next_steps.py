"""What the commands say to do next is what works next, whatever a project has by now."""

from pathlib import Path

import pytest

import logotal
from logotal.commands.init import init
from logotal.errors import InputError
from logotal.places import RUN, WEIGHTS
from logotal.recipes import merge, read_recipe
from logotal.report.run_page import write_run_page
from logotal.runs.diagnose import diagnose
from logotal.runs.thresholds import thresholds
from logotal.runs.train import train
from tests.test_adding_videos import add
from tests.training.small import SMALL

USES = {
    "detect": lambda place: logotal.detect(place, place),
    "detect in a project": logotal.detect,
    "evaluate": logotal.evaluate,
    "report": write_run_page,
    "thresholds": thresholds,
    "diagnose": diagnose,
    "load": logotal.load,
}


def said(place: Path, use: str) -> str:
    with pytest.raises(InputError) as caught:
        USES[use](place)
    return str(caught.value)


def steps(printed: str) -> list[str]:
    """The commands that `logotal init` names."""
    return [line.strip() for line in printed.partition("now:\n")[2].splitlines()]


def trained(project: Path, **training: object) -> None:
    train(read_recipe(str(project), merge(SMALL, {"data": {"hold_out": 0.0}, "training": training})), project / RUN)


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project of four videos with features, which was not trained."""
    add(tmp_path / "gym", range(4))
    init(tmp_path / "gym", group="person")
    capsys.readouterr()
    return tmp_path / "gym"


@pytest.mark.parametrize("use", USES)
def test_before_training_the_next_command_is_named(project: Path, use: str) -> None:
    next_one = f"{project}: no model was trained here yet; next: "
    assert said(project, use) == f"{next_one}`logotal train {project}`"
    (project / "features").rename(project / "elsewhere")
    assert said(project, use) == f"{next_one}`logotal extract {project}`, then `logotal train {project}`"


@pytest.mark.parametrize("use", [use for use in USES if use != "detect in a project"])
def test_of_videos_that_are_no_project_yet_init_is_named(tmp_path: Path, use: str) -> None:
    add(tmp_path / "my gym", range(1))
    assert f'make a project of them with `logotal init "{tmp_path / "my gym"}"`' in said(tmp_path / "my gym", use)


def test_without_a_model_the_way_to_one_is_named(tmp_path: Path) -> None:
    add(tmp_path, range(1))
    assert f"to train one on the videos and labels in {tmp_path}: `logotal init {tmp_path}`" in said(
        tmp_path, "detect in a project"
    )


def test_training_without_features_names_the_extraction(project: Path) -> None:
    (project / "features").rename(project / "elsewhere")
    with pytest.raises(InputError, match=f"no such folder of features; make them with `logotal extract {project}`"):
        trained(project)


@pytest.mark.parametrize("use", ["evaluate", "diagnose"])
def test_a_name_that_is_nothing_is_not_taken_for_detections(tmp_path: Path, use: str) -> None:
    assert "gone: no such file or folder" in said(tmp_path / "gone", use)


def test_init_names_what_is_left_to_do(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    detect = f"logotal detect NEW_VIDEO --model {project}"
    init(project)
    assert steps(capsys.readouterr().out) == [f"logotal train {project}", detect]
    (project / "features" / "v1.npy").rename(project / "v1.npy")
    init(project)
    assert steps(capsys.readouterr().out) == [f"logotal extract {project}", f"logotal train {project}", detect]
    (project / "v1.npy").rename(project / "features" / "v1.npy")
    trained(project, epochs=1, warmup_epochs=0)
    init(project)
    assert steps(capsys.readouterr().out) == [f"logotal evaluate {project}", detect]
    (project / RUN / WEIGHTS).rename(project / "weights")
    init(project)
    resume = f"logotal train {project} --resume   (or rename {project / RUN} to begin anew)"
    assert steps(capsys.readouterr().out) == [resume, detect]
    (project / "weights").rename(project / RUN / WEIGHTS)
    with (project / "labels.csv").open("a") as table:
        table.write("v0.mp4,30.5,33.5,jump,p0\n")
    again = f"logotal train {project}   (rename {project / RUN} first: it has learned from what was before)"
    for _ in range(2):  # the second time too, when nothing changes any more
        init(project)
        assert steps(capsys.readouterr().out) == [again, detect]


def test_a_run_is_not_gone_on_with_when_labels_have_changed(project: Path) -> None:
    trained(project, epochs=1, warmup_epochs=0)
    config = logotal.read_recipe(
        str(project), merge(SMALL, {"data": {"hold_out": 0.0}, "training": {"epochs": 1, "warmup_epochs": 0}})
    )
    with pytest.raises(InputError, match=r"already holds a run.*to train again, as after labels changed, rename"):
        train(config, project / RUN)
    train(config, project / RUN, resume=True)  # nothing to do, and nothing wrong
    learned = (project / RUN / "videos.json").read_bytes()
    with (project / "labels.csv").open("a") as table:
        table.write("v0.mp4,30.5,33.5,jump,p0\n")
    init(project)
    with pytest.raises(InputError, match="was begun with other videos, splits or labels than the annotations have now"):
        train(config, project / RUN, resume=True)
    (project / RUN / "provenance.json").unlink()
    train(config, project / RUN, resume=True)  # of an unfinished run the videos alone are known: they are the same
    (project / RUN / "provenance.json").unlink()
    text = (project / "annotations.json").read_text()
    (project / "annotations.json").write_text(text.replace('"training"', '"held"', 1))
    with pytest.raises(InputError, match="was begun with other videos, splits or labels"):
        train(config, project / RUN, resume=True)
    assert (project / RUN / "videos.json").read_bytes() == learned


def test_a_video_that_is_gone_is_named_with_the_way_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained(project, epochs=1, warmup_epochs=0)
    (project / "v1.mp4").unlink()
    with pytest.raises(
        InputError, match=f"v1.mp4: no such video.*take it out of the project with `logotal init {project}`"
    ):
        logotal.detect(project)
    init(project)
    assert logotal.detect(project).timelines


def test_two_videos_of_one_name_are_told_apart_in_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "gym"
    add(project, range(4))
    init(project, group="person")
    trained(project, epochs=1, warmup_epochs=0)
    learned = sorted(Path(name).name for name in (project / "features").glob("*.npy"))
    for place in ("a", "b"):
        (project / place).mkdir()
        (project / place / "v0.mp4").write_bytes((project / "v0.mp4").read_bytes())
    found = logotal.detect(project)
    names = {timeline.video for timeline in found}
    assert names < {Path(name).stem for name in learned}
    # They have no features, and this run does not know how to make them; but each is known by its own name.
    assert {path.relative_to(project).as_posix() for path in found.failed} == {"a/v0.mp4", "b/v0.mp4"}
    assert all(str(path) in sentence for path, sentence in found.failed.items())
    init(project)
    assert "2 videos with the name of another, called by folder or suffix: a/v0.mp4 is a__v0" in capsys.readouterr().err
