"""How much arithmetic a network does; counted on shapes alone, without memory, where nothing is measured."""

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contest import Contestant
from benchmarks.our_network import configuration
from logotal.config import Config
from logotal.model.detector import build_detector

NETWORK = ("recipe", "preset", "published", "channels", "changes")
"""Options of a contestant that say which network it has."""


def counted(
    contestants: Iterable[Contestant], lengths: Sequence[int], *, training: bool = False
) -> Iterator[Contestant]:
    """The contestants; ours with the multiply-accumulates that their networks do for videos of these lengths."""
    for contestant in contestants:
        if contestant.side != "ours":
            yield contestant
            continue
        options = {name: value for name, value in contestant.options.items() if name in NETWORK}
        macs = _counted(json.dumps(options, sort_keys=True), tuple(lengths), training)
        about = {"macs": macs, "precision": contestant.options.get("precision", "fp32")}
        yield dataclasses.replace(contestant, about=about)


@cache
def _counted(options: str, lengths: tuple[int, ...], training: bool) -> int:
    """What a network does, by its options as JSON: contestants that differ in their arithmetic alone do the same."""
    return multiply_accumulates(configuration(**json.loads(options)), lengths, training=training)


def multiply_accumulates(config: Config, lengths: Iterable[int], *, training: bool = False) -> int:
    """Of forward passes of videos of these lengths, with the gradient of all weights if asked for.

    Counted on shapes alone, which takes no memory.
    """
    counter = FlopCounterMode(
        display=False, custom_mapping={torch.ops.aten.convolution_backward: _convolution_backward}
    )
    with torch.device("meta"), torch.set_grad_enabled(training), counter:
        detector = build_detector(config.model, num_labels=20)
        for length in lengths:
            given = torch.empty(1, config.model.input_channels or 0, length)
            predictions = detector(given, torch.ones(1, 1, length, dtype=torch.bool))
            if training:
                one = torch.zeros(1, dtype=torch.long)
                (predictions.logits.sum() + predictions.boundaries.offsets(one, one, one).sum()).backward()
    return counter.get_total_flops() // 2


def _convolution_backward(gradient: Sequence[int], given: Any, weight: Sequence[int], *rest: Any, **_: Any) -> int:
    """Each gradient, by what was given and by the weights, costs what the convolution did; groups included.

    PyTorch's own formula takes depthwise weights for dense ones.
    """
    del given
    wanted = rest[-1]  # of what was given, of the weights, of the bias
    return 2 * math.prod(gradient) * math.prod(weight[1:]) * sum(wanted[:2])
