"""No command writes over its inputs, nor over a file that is not recognizably ours: every output, every target."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logotal.commands.ablate import ablate
from logotal.commands.convert import convert
from logotal.commands.demo import demo
from logotal.commands.detect import detect
from logotal.commands.diagnose import diagnose
from logotal.commands.evaluate import evaluate
from logotal.commands.report import report
from logotal.commands.thresholds import thresholds
from logotal.commands.train import train
from logotal.errors import InputError
from logotal.places import RUN_FILES
from logotal.recipes import dump_config
from logotal.runs import train as training
from tests.commands.run import logotal
from tests.training.small import small_config, small_data

MINE = b"mine"
FEATURES = "data/features/validation_008.npy"
Write = Callable[[Path, Path, bool], object]
"""`write(place, target, overwrite)`: runs a command whose output is `target`."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, a recipe, an evaluated run, detections and page."""
    place = tmp_path_factory.mktemp("trained")
    small = {"model": {"levels": 2}, "data": {"hold_out": 0.25}, "training": {"epochs": 1}}
    config = small_config(small_data(place / "data", training=8), **small)
    (place / "small.yaml").write_text(dump_config(config))
    training.train(config, place / "run")
    evaluate(place / "run")
    shutil.copy(place / "run" / "detections.json", place / "found.json")
    return place


@pytest.fixture
def place(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "place"))


def held(folder: Path) -> dict[str, bytes]:
    """What every file holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _detect(place: Path, target: Path, overwrite: bool) -> None:
    truth = place / "data" / "annotations.json"
    detect(place / FEATURES, model=place / "run", annotations=truth, save=target, overwrite=overwrite)


def _evaluate(place: Path, target: Path, overwrite: bool) -> None:
    truth = place / "data" / "annotations.json"
    evaluate(place / "found.json", annotations=truth, split="validation", save=target, overwrite=overwrite)


def _diagnose(place: Path, target: Path, overwrite: bool) -> None:
    truth = place / "data" / "annotations.json"
    page = target if target.suffix == ".html" else target.with_suffix(".html")
    diagnose(place / "found.json", annotations=truth, split="validation", save=page, overwrite=overwrite)


def _thresholds(place: Path, target: Path, overwrite: bool) -> None:
    thresholds(place / "run", save=target, overwrite=overwrite)


def _report(place: Path, target: Path, overwrite: bool) -> None:
    report(place / "run", save=target, overwrite=overwrite)


def _export(place: Path, target: Path, overwrite: bool) -> None:
    # In a process of its own: what checks tensors here cannot be traced.
    more = ["--overwrite"] if overwrite else []
    done = logotal("export", place / "run", "--to", "pt2", "--out", target, *more)
    if done.returncode:
        raise InputError(done.stderr)


INPUTS: list[tuple[Write, str]] = [
    (_detect, "data/annotations.json"),
    (_detect, "data/features/validation_008.json"),
    (_evaluate, "data/annotations.json"),
    (_evaluate, "found.json"),
    (_diagnose, "found.json"),
    (_diagnose, "data/annotations.json"),
]


@pytest.mark.parametrize(("write", "read"), INPUTS)
@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("overwrite", [False, True])
def test_an_input_is_not_replaced(write: Write, read: str, link: bool, overwrite: bool, place: Path) -> None:
    target = place / read
    if not target.exists():
        target.write_bytes(b"{}")  # the sidecar of the features
    if link:
        os.link(target, place / "linked.json")
        target = place / "linked.json"
    before = held(place)
    with pytest.raises(InputError, match=r"choose another name"):
        write(place, target, overwrite)
    assert held(place) == before


OUTPUTS: list[tuple[Write, str]] = [
    *((_detect, f"mine.{suffix}") for suffix in ("json", "csv", "vtt", "eaf", "html")),
    (_evaluate, "mine.json"),
    (_diagnose, "mine.html"),
    (_diagnose, "mine.json"),
    (_thresholds, "mine.html"),
    (_report, "mine.html"),
    (_export, "mine.pt2"),
]


@pytest.mark.parametrize(("write", "name"), OUTPUTS)
def test_a_strangers_file_is_left_alone_and_replaced_when_that_is_said(write: Write, name: str, place: Path) -> None:
    target = place / name
    target.write_bytes(MINE)
    before = held(place)
    with pytest.raises(InputError, match=r"--overwrite"):
        write(place, target, False)
    assert held(place) == before
    write(place, target, True)
    assert target.read_bytes() != MINE
    assert (place / f"{name}.bak").read_bytes() == MINE
    write(place, target, False)  # what it wrote itself may be written again


def _train(place: Path, folder: Path) -> None:
    train(str(place / "small.yaml"), out=folder)


def _convert(place: Path, folder: Path) -> None:
    files = {"settings": place / "small.yaml", "annotations": place / "data" / "annotations.json"}
    convert(place / "absent.pth.tar", origin="actionformer", out=folder, **files)


def _ablate(place: Path, folder: Path) -> None:
    ablate(str(place / "small.yaml"), tables=("regression_loss",), seeds=(0,), out=folder)


@pytest.mark.parametrize(
    ("write", "names"),
    [
        (_train, RUN_FILES),
        (_convert, RUN_FILES),
        (_ablate, ("ablation.md", "ablation.html", "costs.json", "left_out.txt")),
    ],
)
def test_a_folder_with_a_strangers_files_becomes_no_run(
    write: Callable[[Path, Path], object], names: tuple[str, ...], place: Path
) -> None:
    for name in names:
        folder = place / f"folder of {name}"
        folder.mkdir()
        (folder / name).write_bytes(MINE)
        with pytest.raises(InputError, match="choose another"):
            write(place, folder)
        assert held(folder) == {name: MINE}


def test_the_demo_removes_its_own_files_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"
    demo(save=folder, epochs=1, videos=False)
    made = set(held(folder))
    mine = ("mine.txt", "data/videos/holiday.mp4", "data/features/x.npy", "run/notes.txt", "mine/a/b.txt")
    for name in mine:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(MINE)
    demo(save=folder, epochs=1, videos=False)
    assert set(held(folder)) == made | set(mine)
    assert all((folder / name).read_bytes() == MINE for name in mine)
