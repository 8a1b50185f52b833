"""What a network costs: parameters, multiply-accumulates per part, memory, time."""

import statistics
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from logotal.config import ModelConfig
from logotal.device import find_device
from logotal.model.detector import Detector
from logotal.model.ensemble import Network, build_network


@dataclass(frozen=True)
class Part:
    """A part of the network: its parameters, and its multiply-accumulates at the profile's length."""

    parameters: int
    macs: int


@dataclass(frozen=True)
class Profile:
    """What one forward pass of one video of `length` grid steps costs.

    Attributes:
        length: grid steps T.
        parameters: of the whole network.
        macs: multiply-accumulates of convolutions, linear layers and attention, as papers count them.
        milliseconds: median of `repetitions` passes; nan if none was timed.
        activation_bytes: most memory that tensors made on the way, the input included, held at one time.
        parts: embedding, encoder (the rest of it), fusion, classification, regression.
    """

    length: int
    parameters: int
    macs: int
    milliseconds: float
    activation_bytes: int
    parts: Mapping[str, Part] = field(default_factory=dict)


def profile(config: ModelConfig, *, num_labels: int, length: int, repetitions: int = 5, device: str = "cpu") -> Profile:
    """The cost of a network on one video of `length` steps of random features."""
    return profiles({"": config}, num_labels=num_labels, length=length, repetitions=repetitions, device=device)[""]


def profiles(
    configs: Mapping[str, ModelConfig], *, num_labels: int, length: int, repetitions: int = 5, device: str = "cpu"
) -> dict[str, Profile]:
    """The costs of several networks, whose timed passes take turns, so that a busy machine is unfair to none."""
    device = find_device(device)
    networks = {name: _network(config, num_labels, device) for name, config in configs.items()}
    inputs = {name: _input(config, length, device) for name, config in configs.items()}
    with torch.inference_mode():
        counted = {name: _count(network, inputs[name]) for name, network in networks.items()}
        times: dict[str, list[float]] = {name: [] for name in networks}
        for _ in range(repetitions):
            for name, network in networks.items():
                times[name].append(_timed(network, inputs[name], device))
    return {
        name: Profile(
            length=length,
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            macs=counted[name][0],
            milliseconds=1000 * statistics.median(times[name]) if times[name] else float("nan"),
            activation_bytes=counted[name][2],
            parts=counted[name][1],
        )
        for name, network in networks.items()
    }


def _network(config: ModelConfig, num_labels: int, device: str) -> Network:
    if config.input_channels is None:
        raise ValueError("model.input_channels must be known before a network is profiled")
    return build_network(config, num_labels=num_labels).eval().to(device)


def _input(config: ModelConfig, length: int, device: str) -> tuple[Tensor, Tensor]:
    channels = config.input_channels
    assert channels is not None
    return torch.randn(1, channels, length, device=device), torch.ones(1, 1, length, dtype=torch.bool, device=device)


def _count(network: Network, given: tuple[Tensor, Tensor]) -> tuple[int, dict[str, Part], int]:
    """Multiply-accumulates in all and by part, and the peak of memory, of one pass."""
    counter = FlopCounterMode(display=False)
    with counter:
        network(*given)
    with LiveMemory() as memory:
        network(*given)
    found = {key: sum(ops.values()) // 2 for key, ops in counter.get_flop_counts().items()}
    names = {module: f"{type(network).__name__}.{name}".rstrip(".") for name, module in network.named_modules()}
    parts: dict[str, Part] = {}
    for member in network.members:
        for part, module in _parts(member).items():
            before = parts.get(part, Part(0, 0))
            parameters = before.parameters + sum(each.numel() for each in module.parameters())
            parts[part] = Part(parameters, before.macs + found.get(names[module], 0))
    embedding, encoder = parts["embedding"], parts["encoder"]
    parts["encoder"] = Part(encoder.parameters - embedding.parameters, encoder.macs - embedding.macs)
    return found.get("Global", 0), parts, memory.peak + sum(_size(tensor) for tensor in given)


def _parts(detector: Detector) -> dict[str, nn.Module]:
    parts: dict[str, nn.Module | None] = {
        "embedding": detector.encoder.embedding,
        "encoder": detector.encoder,
        "fusion": detector.fusion,
        "classification": detector.classification,
        "regression": detector.regression,
    }
    return {name: module for name, module in parts.items() if module is not None}


def _timed(network: Network, given: tuple[Tensor, Tensor], device: str) -> float:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    started = time.perf_counter()
    network(*given)
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - started


class LiveMemory(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows the bytes of all tensors that are made inside it; `peak` is the most that was alive at one time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Sequence[Any], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Runs the operation and counts the storages of its results that are new."""
        result = func(*args, **(kwargs or {}))
        old = {leaf.untyped_storage()._cdata for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor) and (key := leaf.untyped_storage()._cdata) not in old | self._known:
                self._follow(leaf, key)
        return result

    def _follow(self, tensor: Tensor, key: int) -> None:
        size = _size(tensor)
        self.now += size
        self.peak = max(self.peak, self.now)
        self._known.add(key)

        def released() -> None:
            self.now -= size
            self._known.discard(key)

        weakref.finalize(tensor.untyped_storage(), released).atexit = False


def _size(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()
