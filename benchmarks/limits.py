"""What the machine does at best: rates of arithmetic and of memory that no network outruns.

Each job repeats one operation and tells the amount of it, floating-point operations or bytes; the rate is the amount by
the shortest time.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.worker import Job, Once
from logotal.allocator import keep_freed_memory
from logotal.inference.precision import DTYPES

Prepared = tuple[Once, dict[str, Any]]


def convolve(precision: str, length: int = 4541, repeat: int = 3) -> Prepared:
    """The convolution that does most of the work of a detection: 512 to 512 channels, width 3, over a pyramid."""
    x, weight = _random(precision, 1, 512, 1, length), _random(precision, 512, 512, 1, 3)
    x = x.contiguous(memory_format=torch.channels_last)
    return _repeated(lambda: F.conv2d(x, weight, padding=(0, 1)), 2 * length * 512 * 512 * 3, repeat)


def multiply(precision: str, size: int = 2048, repeat: int = 2) -> Prepared:
    """A product of large square matrices."""
    a, b = _random(precision, size, size), _random(precision, size, size)
    return _repeated(lambda: a @ b, 2 * size**3, repeat)


def copy(size: int = 2**28, repeat: int = 2) -> Prepared:
    """A copy of more than the caches hold; reading and writing count."""
    source, target = torch.ones(size // 4), torch.empty(size // 4)
    return _repeated(lambda: target.copy_(source), 2 * size, repeat)


def _random(precision: str, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(DTYPES[precision])


def _repeated(operation: Callable[[], Any], amount: int, repeat: int) -> Prepared:
    keep_freed_memory()

    @torch.no_grad()
    def once() -> dict[str, Any]:
        for _ in range(repeat):
            operation()
        return {"amount": amount * repeat}

    return once, {}


JOBS: dict[str, Job] = {"convolve": convolve, "multiply": multiply, "copy": copy}
