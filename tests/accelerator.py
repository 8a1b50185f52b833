"""An accelerator that needs no hardware: PyTorch's `meta` device, which has shapes but no values.

Whatever would have the host wait for a value fails there by itself (`item`, `nonzero`, indexing by a mask); copies to
the host are counted, and give zeros.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")


class Copies(TorchDispatchMode):
    """Counts the copies from the device to the host: `to_host`."""

    def __init__(self) -> None:
        super().__init__()
        self.to_host = 0

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        there = [each for each in tree_leaves(args) if isinstance(each, Tensor) and each.device == META]
        if there and func is torch.ops.aten._to_copy.default and kwargs.get("device") == torch.device("cpu"):
            self.to_host += 1
            return torch.zeros(there[0].shape, dtype=kwargs.get("dtype") or there[0].dtype)
        return func(*args, **kwargs)
