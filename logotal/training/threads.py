"""How many threads of a CPU train a network: one, where its operations are too small to share."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from logotal.config import Config
from logotal.device import threads
from logotal.model.ensemble import Network

LARGE = 4e9
"""Parameters times steps of a batch, from which on two threads were faster than one. Below, sharing takes longer than
it saves, and where other programs want the cores, up to twenty times as long."""


@contextmanager
def threads_for(detector: Network, config: Config) -> Iterator[int]:
    """Lets torch use one thread alone while a small network trains, all that it has for a large one; gives how many.

    >>> from logotal.model.ensemble import build_network
    >>> config = Config.model_validate({"model": {"input_channels": 8, "width": 32}, "data": {"window": 128}})
    >>> with threads_for(build_network(config.model, num_labels=2), config) as count:
    ...     count, torch.get_num_threads()
    (1, 1)
    """
    parameters = sum(parameter.numel() for parameter in detector.parameters())
    small = parameters * config.data.window * config.training.batch_size < LARGE
    count = 1 if small else torch.get_num_threads()
    with threads(count):
        yield count
