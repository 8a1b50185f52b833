import pytest
import torch

from logotal.device import choose_device
from logotal.errors import InputError
from tests.commands.run import logotal


def test_without_a_wish_it_is_the_gpu_or_else_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, chosen in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert choose_device() == chosen


@pytest.mark.parametrize("name", ["nonsense", "", "cuda:x", "gpu", "meta", "cpu:-2"])
def test_a_device_that_is_none_is_one_sentence(name: str) -> None:
    with pytest.raises(InputError, match=r"^device: expected cpu, cuda, cuda:1 or mps, found "):
        choose_device(name)


def test_a_gpu_that_is_not_there_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="device 'cuda': this PyTorch finds no CUDA GPU here; take --device cpu"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == "cuda:1"
    with pytest.raises(InputError, match="device 'cuda:2': this PyTorch finds only 2 here"):
        choose_device("cuda:2")


@pytest.mark.parametrize(
    "command",
    [
        ("profile", "sbhar", "--model.input-channels", "8"),
        ("extract", "no.mp4", "--backbone", "i3d-rgb", "--out", "out"),
    ],
)
def test_commands_say_it_in_one_line(command: tuple[str, ...]) -> None:
    done = logotal(*command, "--device", "nonsense")
    assert done.returncode == 1
    assert done.stderr == "logotal: device: expected cpu, cuda, cuda:1 or mps, found 'nonsense'\n"
