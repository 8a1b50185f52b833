"""In which arithmetic a network makes features: chosen once, the same for all features of a folder."""

import warnings

import torch

from logotal.device import computes_in_bf16
from logotal.errors import InputError

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def arithmetic_of(precision: torch.dtype) -> str:
    """What a feature recipe calls it.

    >>> arithmetic_of(torch.bfloat16)
    'bf16'
    """
    return next(name for name, dtype in DTYPES.items() if dtype == precision)


def continued(begun: str, device: str, *, where: object) -> str:
    """The arithmetic in which a folder goes on: that in which it was begun.

    Raises:
        InputError: this machine is slow at it, and nobody asked for it.
    """
    if begun == "bf16" and not computes_in_bf16(device):
        raise InputError(
            f"{where}: holds features made in bf16, expected hardware that computes in it, found none; go on with "
            "--precision bf16, which is slow here, or begin another folder with --out"
        )
    return begun


def like(made: str, device: str) -> str:
    """The arithmetic for features that are to be like those made in one; a warning says where it is another.

    A model can do without it: features of both differ by a cosine of 0.9999 (I3D) or 0.999 (MobileNetV2).
    """
    if made == "bf16" and not computes_in_bf16(device):
        warnings.warn("the features to be matched were made in bf16; this machine makes them in fp32", stacklevel=2)
        return "fp32"
    return made
