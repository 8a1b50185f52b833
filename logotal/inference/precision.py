"""The arithmetic of a network in use: fp32, or bf16 where the hardware computes in it."""

import torch

from logotal.device import computes_in_bf16
from logotal.errors import InputError

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}

LEAST_WIDTH = 256
"""Channels from which `auto` takes bf16: narrower networks spend their time elsewhere."""


def choose_precision(wanted: str, device: torch.device, width: int) -> str:
    """`fp32` or `bf16`: the wanted one, or what `auto` comes to for a network of this width on this device.

    Raises:
        InputError: there is no such precision.
    """
    if wanted in DTYPES:
        return wanted
    if wanted != "auto":
        raise InputError(f"no precision {wanted!r}; choose one of auto, {', '.join(DTYPES)}")
    return "bf16" if width >= LEAST_WIDTH and computes_in_bf16(device) else "fp32"
