"""Which arithmetic a network is loaded in."""

import pytest
import torch

from logotal.errors import InputError
from logotal.inference.precision import choose_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("able", "width", "expected"),
    [
        ({"amx_bf16": True}, 512, "bf16"),
        ({"avx512_bf16": True, "amx_bf16": False}, 256, "bf16"),
        ({"avx512_bf16": True}, 128, "fp32"),  # too narrow to gain
        ({"avx2": True}, 512, "fp32"),
        ({}, 512, "fp32"),  # another architecture
    ],
)
def test_auto_takes_bf16_where_the_processor_has_it_and_the_network_is_wide(
    able: dict[str, bool], width: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert choose_precision("auto", CPU, width) == expected


@pytest.mark.parametrize("wanted", ["fp32", "bf16"])
def test_what_is_asked_for_is_taken_on_any_hardware(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert choose_precision(wanted, CPU, 8) == wanted


def test_another_precision_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no precision 'fp16'; choose one of auto, fp32, bf16"):
        choose_precision("fp16", CPU, 512)
