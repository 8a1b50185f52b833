"""Features of any scale brought to one, by numbers of the training videos."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.model.layers import Features


class Standard(nn.Module):
    """Brings each channel to mean 0 and deviation 1: x -> (x - mean) / deviation.

    The numbers are saved with the weights and stay in fp32 whatever the network computes in: means may be large beside
    the deviations. Until `learn` was called they change nothing.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1))
        self.register_buffer("deviation", torch.ones(channels, 1))

    def learn(self, mean: Float[Tensor, " C"], deviation: Float[Tensor, " C"]) -> None:
        """Takes the numbers over; a channel that never changes is only moved to 0."""
        self.mean.copy_(mean[:, None])
        self.deviation.copy_(torch.where(deviation > 0, deviation, 1.0)[:, None])

    def forward(self, x: Features) -> Features:
        """(B, C, T) -> (B, C, T)."""
        return (x - self.mean) / self.deviation

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Standard":
        kept = {name: buffer for name, buffer in self.named_buffers() if buffer.dtype == torch.float32}
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for name, buffer in kept.items():
            moved: Tensor = getattr(self, name)
            if moved.dtype != torch.float32:
                setattr(self, name, buffer.to(moved.device))
        return self
