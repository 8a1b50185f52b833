"""A device that PyTorch cannot use is refused in one sentence, wherever it is named."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import logotal
from logotal.config import ModelConfig
from logotal.device import find_device
from logotal.errors import InputError
from logotal.extraction.folder import Settings
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.model.detector import build_detector
from logotal.model.profile import profile
from logotal.recipes import read_recipe
from tests.commands.run import logotal as logotal_command

NO_NAMES = ("nonsense", "CUDA", "gpu", "cuda:x", "cuda:-1", "cpu,cuda", "")
SMALL = {"model": {"input_channels": 4, "width": 8, "head_width": 8, "groups": 4}}


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_device_is_refused_with_examples_and_what_is_here(name: str) -> None:
    with pytest.raises(InputError, match=rf"such as cpu, cuda, cuda:1 or mps, found '{name}'; take one of .* cpu"):
        find_device(name)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["cuda", "cuda:1", "meta", "hpu", "xla"])
def test_a_device_that_is_not_here_is_refused_with_what_to_do(name: str) -> None:
    kind = name.split(":", maxsplit=1)[0]
    with pytest.raises(InputError, match=rf"found '{name}'; take one of cpu.*, or install .* PyTorch for {kind}"):
        find_device(name)


@pytest.mark.usefixtures("two_gpus")
def test_a_gpu_beyond_the_last_is_refused_and_those_here_are_named() -> None:
    assert [find_device(name) for name in (None, "cuda", "cuda:0", "cuda:1")] == ["cuda", "cuda", "cuda:0", "cuda:1"]
    with pytest.raises(InputError, match=r"found 'cuda:2'; take one of cpu, cuda:0, cuda:1"):
        find_device("cuda:2")


@pytest.mark.usefixtures("no_gpu")
def test_the_cpu_is_taken_where_there_is_no_gpu() -> None:
    assert (find_device(), find_device("cpu")) == ("cpu", "cpu")


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["cuda", "nonsense"])
def test_python_says_the_same(name: str, tmp_path: Path) -> None:
    config = read_recipe("thumos14", SMALL)
    pipeline = Pipeline(("a", "b"), config, name="small")
    with pytest.raises(InputError, match=rf"expected a device .* found '{name}'"):
        Predictor(build_detector(config.model, num_labels=2), pipeline, device=name)
    with pytest.raises(InputError, match=rf"expected a device .* found '{name}'"):
        logotal.load(tmp_path, device=name)
    with pytest.raises(InputError, match=rf"expected a device .* found '{name}'"):
        Settings("i3d-rgb", device=name).extractor()
    with pytest.raises(InputError, match=rf"expected a device .* found '{name}'"):
        profile(ModelConfig(**SMALL["model"]), num_labels=2, length=64, device=name)


@pytest.mark.parametrize("name", ["cuda", "nonsense"])
@pytest.mark.parametrize("command", ["detect", "extract", "profile"])
def test_commands_end_with_the_one_sentence(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    np.save(tmp_path / "v.npy", np.zeros((8, 4), np.float32))
    (tmp_path / "v.mp4").touch()
    given = {
        "detect": [tmp_path / "v.npy", "--model", tmp_path],
        "extract": [tmp_path / "v.mp4", "--out", tmp_path / "features", "--backbone", "i3d-rgb"],
        "profile": ["sbhar", "--model.input-channels", "4"],
    }
    done = logotal_command(command, *given[command], "--device", name)
    assert done.returncode == 1
    assert re.search(rf"^logotal: expected a device .* found '{name}'; take one of [^\n]+$", done.stderr.strip())
