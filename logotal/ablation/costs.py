"""What the network of each row costs: parameters, multiply-accumulates, and milliseconds on this machine."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import TypeAdapter, ValidationError

from logotal.config import DataConfig, ModelConfig
from logotal.device import find_device
from logotal.errors import InputError
from logotal.files.target import numbers, write_target
from logotal.files.text import read_raw
from logotal.model.profile import profiles
from logotal.words import amount

FILE = "costs.json"
KIND = numbers("the costs of an ablation", "about", "by_network")
REPETITIONS = 5


@dataclass(frozen=True)
class Cost:
    """The cost of one forward pass; `macs` are multiply-accumulates, `milliseconds` a median."""

    parameters: int
    macs: int
    milliseconds: float


@dataclass(frozen=True)
class Costs:
    """The costs of networks by `network_key`, and a sentence about how they were measured."""

    about: str
    by_network: Mapping[str, Cost]


def network_key(config: ModelConfig) -> str:
    """What stands for a network, of whatever training."""
    return hashlib.sha256(config.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:8]


def forward_length(data: DataConfig) -> int:
    """The grid steps of a training window, at which costs are stated."""
    return data.resize_to or data.window


def measure_costs(configs: Sequence[ModelConfig], *, num_labels: int, length: int, folder: Path) -> Costs:
    """The costs of networks, measured with passes that take turns, or as an earlier attempt has measured them.

    They are kept in costs.json of the folder, and measured again, all of them, where one is missing there or was
    measured in another way.

    Args:
        configs: with their channels known.
        num_labels: of the data set.
        length: grid steps of the one video that passes.
        folder: the folder of the ablation.
    """
    device = find_device()
    threads = amount(torch.get_num_threads(), "thread")
    where = torch.cuda.get_device_name() if device == "cuda" else f"CPU {platform.machine()} ({threads})"
    about = (
        f"Parameters, multiply-accumulates (GMACs) and milliseconds are of one forward pass of one video of {length} "
        f"grid steps; milliseconds are the median of {REPETITIONS} passes in turns, on {where}."
    )
    networks = {network_key(config): config for config in configs}
    known = _read(folder / FILE)
    if known is not None and known.about == about and networks.keys() <= known.by_network.keys():
        return known
    found = profiles(networks, num_labels=num_labels, length=length, repetitions=REPETITIONS, device=device)
    costs = Costs(about, {key: Cost(p.parameters, p.macs, p.milliseconds) for key, p in found.items()})
    write_target(folder / FILE, TypeAdapter(Costs).dump_json(costs, indent=1) + b"\n", KIND)
    return costs


def _read(path: Path) -> Costs | None:
    try:
        return TypeAdapter(Costs).validate_json(read_raw(path))
    except (InputError, ValidationError):  # absent, or nothing of ours: measured again
        return None
