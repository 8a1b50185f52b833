"""Cross-level feature fusion, the CL of CLFF (the paper's Fig. 3): w1 * Z^l + w2 * down(Z^{l-1})."""

import torch
from torch import Tensor, nn

from logotal.model.encoder import Pyramid
from logotal.model.layers import MaskedConv
from logotal.model.pooling import avg_pool, max_pool


class CrossLevelFusion(nn.Module):
    """Joins every level with its finer neighbor, halved; w1 and w2 are learned.

    The finest level has no finer neighbor: it is w1 * Z^1.

    Args:
        width: channels.
        levels: of the pyramid.
        weights: w1 and w2 are `shared`, `per_level` or `per_channel`.
        init: where they start.
        normalize: passes them through a softmax.
        down: `max`, `avg` or `conv`.
    """

    def __init__(
        self,
        width: int,
        levels: int,
        *,
        weights: str = "shared",
        init: tuple[float, float] = (1.0, 1.0),
        normalize: bool = False,
        down: str = "max",
    ) -> None:
        super().__init__()
        self.normalize = normalize
        self.pool = max_pool if down == "max" else avg_pool
        shape = {"shared": (1, 1), "per_level": (levels, 1), "per_channel": (1, width)}[weights]
        start = torch.tensor(init)
        # exp and softmax: normalized weights in the ratio of `init`
        start = start.clamp(min=1e-4).log() if normalize else start
        self.weights = nn.Parameter(start[:, None, None].repeat(1, *shape))  # (w1 and w2, levels or 1, C or 1)
        self.down = MaskedConv(width, width, 3, stride=2, bias=False) if down == "conv" else None

    def ratios(self) -> Tensor:
        """w1 and w2 as they enter the sum: (2, levels or 1, C or 1)."""
        return self.weights.softmax(0) if self.normalize else self.weights

    def forward(self, pyramid: Pyramid) -> tuple[Tensor, ...]:
        """Pyramid -> fused levels of (B, C, T_l)."""
        levels, masks = pyramid.levels, pyramid.masks
        own, finer = self.ratios()
        fused = []
        for index, level in enumerate(levels):
            row = min(index, len(own) - 1)
            x = own[row][:, None] * level
            if index > 0:
                x = x + finer[row][:, None] * self._halve(levels[index - 1], masks[index - 1])
            fused.append(x)
        return tuple(fused)

    def _halve(self, x: Tensor, mask: Tensor) -> Tensor:
        if self.down is not None:
            result: Tensor = self.down(x, mask)
            return result
        return self.pool(x, mask)
