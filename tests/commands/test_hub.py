"""Models by OWNER/NAME: what the command line is given reaches the hub, and only what can be a name there does."""

import shutil
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError

import logotal
from logotal.cli import app
from logotal.config import Config
from logotal.errors import InputError
from logotal.export import export
from logotal.formats.timelines import read_timelines
from logotal.model.detector import build_detector
from logotal.runs.folder import Run
from tests.model.cases import CHANNELS, small


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with random weights."""
    config = Config.model_validate({"model": small().model_dump(), "data": {"fps": 30}})
    torch.manual_seed(0)
    written = Run(tmp_path_factory.mktemp("run"))
    written.write_setup(config, ("jump", "run"), left_out=())
    written.write_model(build_detector(config.model, num_labels=2).state_dict(), {})
    return written.folder


@pytest.fixture
def asked(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that a hub with one model, owner/name, is asked for; the tests run in an empty folder."""
    names: list[str] = []

    def snapshot_download(name: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        names.append(name)
        assert revision is None
        assert not any(pattern.endswith(("ckpt", "pt", "pkl")) for pattern in allow_patterns)
        if name != "owner/name.v1":
            raise LocalEntryNotFoundError("not reachable, or no such model")
        shutil.copytree(run, tmp_path / "snapshot", dirs_exist_ok=True)
        return str(tmp_path / "snapshot")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    np.save("v.npy", np.random.default_rng(0).normal(size=(40, CHANNELS)).astype(np.float32))
    return names


def logotal_here(*tokens: str) -> None:
    command, bound, _ = app.parse_args(tokens)
    command(*bound.args, **bound.kwargs)


def test_detect_takes_a_model_from_the_hub(asked: list[str], run: Path) -> None:
    logotal_here("detect", "v.npy", "--model", "owner/name.v1", "--everything", "--save", "hub.json")
    assert asked == ["owner/name.v1"]
    logotal_here("detect", "v.npy", "--model", str(run), "--everything", "--save", "folder.json")
    assert asked == ["owner/name.v1"]
    found, expected = (read_timelines(Path(name))[0] for name in ("hub.json", "folder.json"))
    assert len(found) > 0
    assert found.actions == expected.actions


def test_export_takes_a_model_from_the_hub_and_writes_here(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # PyTorch cannot trace what checks its types as the tests do; what is written is no matter here.
    monkeypatch.setattr(export, "_program", lambda network, channels, run: None)
    monkeypatch.setattr(export, "_pt2", lambda program, about: str(about["labels"]).encode())
    monkeypatch.setattr(export, "_compare", lambda network, channels, content, to: 0.0)
    logotal_here("export", "owner/name.v1", "--to", "pt2", "--out", "named.pt2")
    logotal_here("export", "owner/name.v1", "--to", "pt2")
    assert asked == ["owner/name.v1"] * 2
    written = {path.name: path.read_text() for path in Path().glob("*.pt2")}
    assert written == {"model.pt2": "['jump', 'run']", "named.pt2": "['jump', 'run']"}


def test_python_takes_a_model_from_the_hub(asked: list[str]) -> None:
    assert logotal.load("owner/name.v1").labels == ("jump", "run")
    assert asked == ["owner/name.v1"]


def test_a_folder_goes_before_a_model_of_the_same_name(asked: list[str], run: Path) -> None:
    shutil.copytree(run, "owner/name.v1")
    logotal_here("detect", "v.npy", "--model", "owner/name.v1", "--save", "v.json")
    assert asked == []


@pytest.mark.parametrize("command", [("detect", "v.npy", "--model"), ("export",)], ids=["detect", "export"])
@pytest.mark.parametrize(
    "name",
    [
        "nowhere",
        "C:/runs",
        r"runs\thumos14",
        r"C:\runs\thumos14",
        "./thumos14",
        "../thumos14",
        "/thumos14",
        "a/b/c",
        "runs/",
    ],
)
def test_what_can_be_no_name_on_the_hub_is_a_folder_that_is_missing(
    asked: list[str], command: tuple[str, ...], name: str
) -> None:
    with pytest.raises(InputError, match=r"no such run folder; name the folder that `logotal train` wrote"):
        logotal_here(*command, name)
    assert asked == []


@pytest.mark.parametrize("command", [("detect", "v.npy", "--model"), ("export",)], ids=["detect", "export"])
def test_a_missing_folder_that_could_be_a_name_on_the_hub_is_said_to_be_neither(
    asked: list[str], command: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match=r"^runs/thumos15: neither a run folder here nor a model .*; name the folder"):
        logotal_here(*command, "runs/thumos15")
    assert asked == ["runs/thumos15"]


def test_a_name_that_the_hub_does_not_allow_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match=r"owner/na--me: neither a run folder here"):
        logotal.load("owner/na--me")


def test_a_file_is_not_looked_up_on_the_hub(asked: list[str]) -> None:
    Path("runs").mkdir()
    Path("runs/model").touch()
    with pytest.raises(InputError, match=r"runs/model: expected a run folder, found a file"):
        logotal.load("runs/model")
    assert asked == []


def test_a_path_is_a_folder_and_never_a_name_on_the_hub(asked: list[str]) -> None:
    with pytest.raises(InputError, match="no such run folder"):
        logotal.load(Path("owner/name.v1"))
    assert asked == []
