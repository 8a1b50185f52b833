import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import gpu, ours
from tests.benchmarks.cases import contestant, work

SMALL = {"channels": 8, "changes": {"model": {"width": 16, "groups": 4, "head_width": 16, "levels": 3, "bins": 4}}}


def made_up() -> dict[str, Any]:
    """A run in which bf16 reaches 80 % of the highest rate when compiled with graphs, 50 % without."""
    rates = {
        f"{job} {each}": contestant(1.0, extra={"amount": 1e14})
        for job in ("convolve", "multiply")
        for each in gpu.PRECISIONS
    }
    counted: dict[str, Any] = {"about": {"macs": 4e11, "precision": "bf16"}}
    forward = {
        "logotal bf16": contestant(0.02, **counted),
        "logotal bf16, compiled": contestant(0.016, **counted),
        "logotal bf16, compiled, CUDA graphs": contestant(0.01, **counted),
        **{name: contestant(0.06) for name in gpu.RIVALS},
    }
    rest = {"logotal bf16": contestant(0.1), **{name: contestant(0.3) for name in gpu.RIVALS}}
    found = {"forward": work("forward", "8 videos", **forward), "limits": work("limits", "the device", **rates)}
    return found | {name: work(name, name, **rest) for name in ("detect", "train")}


def test_the_page_says_which_share_of_the_device_is_reached_and_how_much_faster_than_each_rival() -> None:
    text = "\n".join(gpu.page({"GPU": "Abacus 2"}, made_up(), quick=False))
    assert (
        "| forward pass, logotal bf16, compiled, CUDA graphs: 60 % of the device's highest rate | 80% | met |" in text
    )
    assert "| forward pass, logotal bf16, compiled: 60 % of the device's highest rate | 50% | **missed** |" in text
    assert "| forward pass, logotal fp32, compiled: 60 % of the device's highest rate | not measured | - |" in text
    assert "| 8 videos | logotal bf16 | 20.0 ms | 3.00 x | 3.00 x | 1.00 GiB |" in text
    assert "mean nothing" not in text
    assert "mean nothing" in "\n".join(gpu.page({}, made_up(), quick=True))


def test_all_take_part_in_all_arithmetics() -> None:
    made = {each.name: each for each in gpu.works("cuda", quick=False)}
    names = {contestant.name for contestant in made["forward"].contestants}
    assert {f"logotal {each}, {way}" for each in gpu.PRECISIONS for way in gpu.WAYS} < names
    assert set(gpu.RIVALS) < names
    for each in made.values():
        assert {contestant.options["device"] for contestant in each.contestants} == {"cuda"}


def test_a_forward_pass_is_counted_for_the_whole_batch() -> None:
    made = {each.name: each for each in gpu.works("cuda", quick=True)}
    forward, detect = (made[name].contestants[0].about["macs"] for name in ("forward", "detect"))
    assert forward == 2 * detect  # two videos at a time, of the same length


def test_tf32_is_allowed_only_where_it_was_asked_for() -> None:
    for precision in gpu.PRECISIONS:
        once, _ = ours.forward(2, 16, precision, "cpu", **SMALL)
        assert once() == {}  # on the host, memory is the worker's to tell
        assert torch.backends.cudnn.allow_tf32 == torch.backends.cuda.matmul.allow_tf32 == (precision == "tf32")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["gpu", "--out", str(tmp_path / "page.md")])
    with pytest.raises(SystemExit):
        gpu.main()
    assert "no GPU that this torch can use" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()
