"""Checkpoints that are whole or absent, that know when they are damaged, and of which the one before is kept.

Lightning's own way writes into the system's folder for temporary files and moves the file from there. Where that folder
lies on another disk, the move is a copy, which a killed process leaves half done in place of the last whole checkpoint.

A checkpoint is a zip of torch; the comment at its end is the SHA-256 of all before it. A file may still come from
somebody else: before anything of it is used, its pickle is searched for what takes memory, and its names, types and
shapes are compared with the network's, and its values must be finite.
"""

import errno
import hashlib
import io
import os
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor

from logotal.backbones.state import check_modest
from logotal.callbacks import Say
from logotal.errors import InputError
from logotal.files.whole import write_whole
from logotal.places import CHECKPOINT, PREVIOUS_CHECKPOINT
from logotal.words import amount

MARK = b"sha256:"
END = len(MARK) + 64
"""Bytes of the comment at the end."""

LARGEST = 8
"""A checkpoint is at most so many times as large as the network: weights, their averages, two moments, and room."""

ROOM = 2**24
"""Bytes of a checkpoint for all that does not grow with the network."""

PARTS = ("global_step", "loops", "callbacks", "optimizer_states", "lr_schedulers")
"""What a training goes on from beside its weights; the trainer would begin anew what it does not find."""

SIZES = "sizes"
"""Where a checkpoint says how many processes wrote it, and how many steps its epochs have."""

State = Mapping[str, Tensor]


class Sizes(NamedTuple):
    """What a schedule is reckoned in."""

    processes: int
    steps_per_epoch: int


class WholeCheckpoints(TorchCheckpointIO):
    """Writes checkpoints as all other files are written, and gives the trainer the one that was found sound.

    Attributes:
        sound: what is to be gone on from, already read; given away once.
        keep: whether the checkpoint that is there is worth being kept as the one before.
    """

    def __init__(self) -> None:
        self.sound: dict[str, Any] | None = None
        self.keep = False

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Writes the state of a training; the one that was there becomes the one before."""
        path = Path(path)
        if self.keep and path.is_file():
            _keep(path, path.with_name(PREVIOUS_CHECKPOINT))
        content = io.BytesIO()
        torch.save(checkpoint, content)
        write_whole(path, sealed(content.getvalue()))
        self.keep = True

    def load_checkpoint(self, path: str | Path, *given: Any, **named: Any) -> dict[str, Any]:
        """The state that was found sound."""
        del path, given, named
        if self.sound is None:
            raise RuntimeError("a checkpoint is read before the trainer asks for it")
        sound, self.sound = self.sound, None
        return sound


def sealed(content: bytes) -> bytes:
    """A zip with its checksum as its comment."""
    body = content[:-2] + struct.pack("<H", END)
    return body + MARK + hashlib.sha256(body).hexdigest().encode()


def read_last_sound(folder: Path, network: State, say: Say) -> tuple[dict[str, Any], bool]:
    """The last checkpoint of a run that is sound, and whether it is the last one that was written.

    Args:
        folder: of the run.
        network: the state dict of what is trained, as it is before the training.
        say: callback(sentence): the last one is damaged, and the one before is taken.

    Raises:
        InputError: neither is sound.
    """
    last, previous = folder / CHECKPOINT, folder / PREVIOUS_CHECKPOINT
    if not os.path.lexists(last) and previous.is_file():
        return read_checkpoint(previous, network), False
    try:
        return read_checkpoint(last, network), True
    except InputError as error:
        if not previous.is_file():
            raise
        try:
            found = read_checkpoint(previous, network)
        except InputError:
            raise error from None
        say(f"{error}; going on from the one before, after step {found['global_step']}")
        return found, False


def read_checkpoint(path: Path, network: State) -> dict[str, Any]:
    """The content of a checkpoint of that network.

    Raises:
        InputError: it is damaged, of another network, or not from logotal.
    """
    try:
        content = _bytes(path, network)
        check_modest(io.BytesIO(content))
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        _check(found, network)
    except Exception as error:  # a broken file may raise anything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path}: not a checkpoint that logotal wrote for this run, or damaged ({reason}); put back a copy of it, "
            "or train anew in another folder"
        ) from error
    return dict(found)


def check_sizes(checkpoint: Mapping[str, Any], path: Path, now: Sizes, say: Say) -> None:
    """Makes sure that the learning rate goes on where it was: it follows the step, out of all that there will be.

    Raises:
        InputError: an epoch has another number of steps now.
    """
    if not isinstance(found := checkpoint.get(SIZES), Mapping):  # earlier versions do not say it
        return
    before = Sizes(found.get("processes", 0), found.get("steps_per_epoch", 0))
    if before.steps_per_epoch != now.steps_per_epoch:
        raise InputError(
            f"{path}: was written with {before.steps_per_epoch} steps per epoch, and now there are "
            f"{now.steps_per_epoch}, to which its learning rate would not fit; give the training.batch_size and the "
            "videos that the run began with, or train anew in another folder"
        )
    if before.processes != now.processes:
        say(
            f"goes on on {amount(now.processes, 'device')}, and was on {before.processes} before; batches and schedule "
            "stay the same"
        )


def _bytes(path: Path, network: State) -> bytes:
    if not path.is_file():
        raise ValueError("expected a file")
    largest = LARGEST * sum(value.nbytes for value in network.values()) + ROOM
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"larger than the {largest} bytes that this network can need")
    body, comment = content[:-END], content[-END:]
    if comment != MARK + hashlib.sha256(body).hexdigest().encode():
        raise ValueError("its checksum is wrong or missing")
    return content


def _check(found: Any, network: State) -> None:
    """Whether all tensors are those of the network; what else there is, is looked at where it is used.

    Raises:
        ValueError: no.
    """
    if not isinstance(found, Mapping) or not isinstance(found.get("epoch"), int):
        raise ValueError("no state of a training")
    if missing := [name for name in PARTS if not isinstance(found.get(name), Mapping | list | int)]:
        raise ValueError(f"{missing[0]} is missing")
    _check_state(found.get("state_dict"), network, "state_dict")
    if "current_model_state" in found:
        _check_state(found["current_model_state"], network, "current_model_state")
    shapes = {tuple(value.shape) for value in network.values()} | {(), (1,)}
    for key, value in found.items():
        _check_tensors(value, shapes, str(key), finite=key != "callbacks")  # whose best value so far begins as infinite


def _check_state(state: Any, network: State, name: str) -> None:
    if not isinstance(state, Mapping) or state.keys() != network.keys():
        raise ValueError(f"{name}: expected the names of this network")
    for key, expected in network.items():
        value = state[key]
        if not isinstance(value, Tensor) or (value.shape, value.dtype) != (expected.shape, expected.dtype):
            raise ValueError(f"{name}: {key!r} is not {tuple(expected.shape)} of {expected.dtype}")


def _check_tensors(value: Any, shapes: set[tuple[int, ...]], name: str, *, finite: bool) -> None:
    """Looks at every tensor in the content; an endless one is known by its shape before it takes memory."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            _check_tensors(each, shapes, str(key), finite=finite)
    elif isinstance(value, list | tuple):
        for each in value:
            _check_tensors(each, shapes, name, finite=finite)
    elif isinstance(value, Tensor):
        if tuple(value.shape) not in shapes or value.layout != torch.strided or value.is_meta:
            raise ValueError(f"{name}: a tensor of the shape {tuple(value.shape)}, which this network has not")
        if finite and not torch.isfinite(value).all():
            raise ValueError(f"{name}: a value that is NaN or infinite")


def _keep(path: Path, previous: Path) -> None:
    """Gives the file the second name, so that there is a checkpoint at every moment."""
    part = previous.with_name(f".{previous.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        shutil.copyfile(path, part)  # this file system has no links
    part.replace(previous)
