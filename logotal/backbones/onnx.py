"""Image networks in ONNX files, run by onnxruntime (extra `onnx`)."""

import hashlib
import importlib
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.errors import InputError
from logotal.files.onnx import opening

EXPECTED = "one input (N, 3, H, W) of float32, for any N or one"


class OnnxImages(nn.Module):
    """The network in an ONNX file: normalized images (N, 3, S, S) to its first output. It stays on the CPU.

    Attributes:
        side: S, where the file says it.
        sha256: of the file, 32 numbers.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            onnxruntime: Any = importlib.import_module("onnxruntime")
        except ImportError:
            raise InputError("ONNX files need onnxruntime: pip install 'logotal[onnx]'") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        with opening(path):
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        self.register_buffer("sha256", torch.tensor(list(digest), dtype=torch.uint8))  # stands for the weights
        self.input, self.at_once, self.side = _input(path, self.session.get_inputs())

    def forward(self, images: Float[Tensor, "N 3 S S"]) -> Tensor:
        """The first output of the network, for all images or for one after the other, as the file wants it."""
        parts = torch.split(images.float().cpu().contiguous(), self.at_once or len(images))
        made = [self.session.run(None, {self.input: part.numpy()})[0] for part in parts]
        return torch.cat([torch.from_numpy(each) for each in made]).to(images.device)


def _input(path: Path, inputs: list[Any]) -> tuple[str, int | None, int | None]:
    """Name of the input, images at once and side, both None where any will do."""
    found = ", ".join(f"{each.name} {tuple(each.shape)} of {each.type}" for each in inputs)
    trouble = InputError(f"{path}: expected an image network with {EXPECTED}, found {found}; export it so")
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        raise trouble
    count, channels, *sides = (each if isinstance(each, int) else None for each in inputs[0].shape)
    if count not in (None, 1) or channels not in (None, 3) or sides[0] != sides[1]:
        raise trouble
    return inputs[0].name, count, sides[0]
