"""What the machine does at best: rates of arithmetic and of memory that no network outruns.

Each job repeats one operation and tells the amount of it, floating-point operations or bytes; the rate is the amount by
the shortest time.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.our_network import arithmetic, finish
from benchmarks.worker import Job, Once
from logotal.commands.allocator import keep_freed_memory

Prepared = tuple[Once, dict[str, Any]]


def convolve(precision: str, length: int = 4541, repeat: int = 3, device: str = "cpu") -> Prepared:
    """The convolution that does most of the work of a detection: 512 to 512 channels, width 3, over a pyramid."""
    x, weight = (_random(precision, device, *shape) for shape in ((1, 512, 1, length), (512, 512, 1, 3)))
    x = x.contiguous(memory_format=torch.channels_last)
    return _repeated(lambda: F.conv2d(x, weight, padding=(0, 1)), 2 * length * 512 * 512 * 3, repeat, device)


def multiply(precision: str, size: int = 2048, repeat: int = 2, device: str = "cpu") -> Prepared:
    """A product of large square matrices."""
    a, b = (_random(precision, device, size, size) for _ in range(2))
    return _repeated(lambda: a @ b, 2 * size**3, repeat, device)


def copy(size: int = 2**28, repeat: int = 2, device: str = "cpu") -> Prepared:
    """A copy of more than the caches hold; reading and writing count."""
    source, target = torch.ones(size // 4, device=device), torch.empty(size // 4, device=device)
    return _repeated(lambda: target.copy_(source), 2 * size, repeat, device)


def _random(precision: str, device: str, *shape: int) -> torch.Tensor:
    return torch.randn(shape).to(device, arithmetic(precision))


def _repeated(operation: Callable[[], Any], amount: int, repeat: int, device: str) -> Prepared:
    keep_freed_memory()

    @torch.no_grad()
    def once() -> dict[str, Any]:
        for _ in range(repeat):
            operation()
        finish(device)
        return {"amount": amount * repeat}

    return once, {}


JOBS: dict[str, Job] = {"convolve": convolve, "multiply": multiply, "copy": copy}
