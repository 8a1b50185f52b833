"""An accelerator that needs no hardware: PyTorch's `meta` device, which has shapes but no values.

Whatever would have the host wait for a value fails there by itself (`item`, `nonzero`, indexing by a mask); copies to
the host are counted, and give zeros. What is of 64-bit floating point is refused: Apple's GPUs have none.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")


class Accelerator(TorchDispatchMode):
    """Counts the copies from the device to the host, `to_host`, and refuses what not every accelerator can do.

    `positives` is how many elements `nonzero` finds, once it may be asked for: in training the host waits for it.
    """

    def __init__(self, positives: int | None = None) -> None:
        super().__init__()
        self.to_host = 0
        self.positives = positives

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        there = _on_meta(args)
        copies = func.overloadpacket in (torch.ops.aten._to_copy, torch.ops.aten.to)  # type: ignore[attr-defined]
        if there and copies and torch.device("cpu") in (*args[1:], *kwargs.values()):
            self.to_host += 1
            return torch.zeros(there[0].shape, dtype=kwargs.get("dtype") or there[0].dtype)
        if there and func is torch.ops.aten.nonzero.default and self.positives is not None:
            return torch.empty(self.positives, there[0].ndim, dtype=torch.long, device=META)
        made = func(*args, **kwargs)
        for tensor in _on_meta(made):
            assert tensor.dtype not in (torch.float64, torch.complex128), f"{func} gives 64-bit numbers on the device"
        return made


def _on_meta(values: Any) -> list[Tensor]:
    return [each for each in tree_leaves(values) if isinstance(each, Tensor) and each.device == META]
