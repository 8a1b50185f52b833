"""State dicts in files of others: read without running anything from them, and loaded strictly."""

import argparse
import hashlib
import io
import pickletools
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from logotal.errors import InputError
from logotal.files.text import check_plain
from logotal.words import amount

WRAPPERS = ("model", "state_dict")
"""Entries of a training checkpoint that hold the state dict."""

OLD_PICKLES = 5
"""With which a file of torch before 1.6 begins: magic number, version, machine, content, names of the storages."""

COUNTER = "num_batches_tracked"
"""A buffer that evaluation does not read, and that files older than PyTorch 0.4.1 lack."""


def read_state(path: Path, wrappers: Sequence[str] = WRAPPERS) -> dict[str, Tensor]:
    """The tensors in a .safetensors file, or in a .pt or .pth file (a state dict, or a checkpoint that holds one).

    `wrappers` are the entries of a checkpoint that may hold it, the first that is there first.

    Raises:
        InputError: absent, broken, not a state dict, or a pickle that asks for more than tensors.
    """
    check_plain(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file of weights")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise InputError(f"{path}: not a whole safetensors file ({error}); get it again") from error
    content = load_tensors(path, "weights")
    for wrapper in wrappers:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not content:
        raise InputError(f"{path}: expected a state dict (names and tensors), found {type(content).__name__}")
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise InputError(f"{path}: expected a state dict, but {key!r} is {type(value).__name__}, not a tensor")
    return without_prefix(content, "module.")  # what DataParallel adds


def load_tensors(path: Path, what: str) -> Any:
    """What a .pt or .pth file holds, read as tensors and plain values alone; `what` they are, for messages.

    Raises:
        InputError: absent, broken, or a pickle that asks for more than tensors.
    """
    check_plain(path)
    try:
        with path.open("rb") as file:
            check_modest(file)
        # Checkpoints of training scripts carry their options in a Namespace, which does nothing by being made.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken pickle may raise anything
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: cannot be read as {what} alone ({type(error).__name__}: {reason[:200]}); "
            "expected a .safetensors file, or a .pt or .pth file of tensors"
        ) from error


def check_modest(file: IO[bytes]) -> None:
    """Refuses what would fill the memory before torch finds no tensors: compressed parts, and arrays made by a number.

    Raises:
        ValueError: it would, or its pickles are broken.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not zipfile.is_zipfile(file):
        file.seek(0)
        for _ in range(OLD_PICKLES):
            _check_globals(file)
        return
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > size:
            raise ValueError("its parts are said to be larger than the file")
        for part in parts:
            if part.compress_type != zipfile.ZIP_STORED or part.compress_size != part.file_size:
                raise ValueError(f"{part.filename} in it is compressed, which torch.save does not do")
            if part.filename.endswith("data.pkl"):
                _check_globals(io.BytesIO(archive.read(part)))


def _check_globals(file: IO[bytes]) -> None:
    for _, argument, _ in pickletools.genops(file):
        if isinstance(argument, str) and argument.endswith("bytearray"):
            raise ValueError("it asks for a bytearray of any size, which no tensor needs")


def without_prefix(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The same tensors with a prefix taken off their names, if all have it."""
    shared = all(key.startswith(prefix) for key in state)
    return {key.removeprefix(prefix) if shared else key: value for key, value in state.items()}


def load_strictly(network: nn.Module, state: Mapping[str, Tensor], trouble: str) -> None:
    """Gives the network all of its weights, and nothing else; as float32.

    Args:
        network: may be built on the device `meta`.
        state: every key of the network with its shape; batch counters are optional.
        trouble: how the message begins: the file, and what it should have been.

    Raises:
        InputError: a key is missing, not expected or of another shape; the first of each is named.
    """
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items() if not key.endswith(COUNTER)}
    found = {key: tuple(value.shape) for key, value in state.items() if not key.endswith(COUNTER)}
    problems = []
    for what, keys, shapes in (
        ("missing", [key for key in expected if key not in found], expected),
        ("not expected", [key for key in found if key not in expected], found),
    ):
        if keys:
            problems.append(f"{amount(len(keys), 'key')} {what}, first {keys[0]!r} {shapes[keys[0]]}")
    if wrong := [key for key in expected if found.get(key, expected[key]) != expected[key]]:
        first = wrong[0]
        shapes_of_it = f"expected {expected[first]}, found {found[first]}"
        problems.append(f"{amount(len(wrong), 'key')} of another shape, first {first!r}: {shapes_of_it}")
    if problems:
        raise InputError(f"{trouble}: {'; '.join(problems)}")
    weights = {key: state[key].float() for key in expected}
    counters = {key: torch.tensor(0) for key in network.state_dict() if key.endswith(COUNTER)}
    network.load_state_dict(weights | counters, assign=True)


def hash_state(state: Mapping[str, Tensor]) -> str:
    """SHA-256 of names, types, shapes and values: the same for a .pth and the .safetensors made of it."""
    digest = hashlib.sha256()
    for name in sorted(key for key in state if not key.endswith(COUNTER)):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
