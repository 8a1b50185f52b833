"""Local self-attention: what ActionFormer mixes along time with, and what LoGo's local branch may add."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from logotal.model.layers import ChannelNorm, Conv, Features, Mask, MaskedConv, halve_mask


class LocalAttentionMixer(nn.Module):
    """Self-attention over `window` steps, 0 for all (ActionFormer, Zhang et al., ECCV 2022).

    Queries, keys and values pass through a depthwise convolution and a LayerNorm first. Time is cut into blocks of
    half a window, so that a query's window lies within its own block and the two beside it: memory and work are
    linear in T and nothing is strided by hand. With stride 2 those convolutions halve the length.
    """

    def __init__(
        self, width: int, *, window: int = 19, heads: int = 4, key_bias: bool = False, stride: int = 1
    ) -> None:
        super().__init__()
        self.heads = heads
        self.stride = stride
        self.reach = window // 2 if window else None
        self.convs = nn.ModuleList(
            MaskedConv(width, width, 3, stride=stride, groups=width, bias=False) for _ in range(3)
        )
        # Query, key, value. What is added to all keys alike cancels in the softmax: a bias there could never learn.
        biases = (True, key_bias, True)
        self.norms = nn.ModuleList(ChannelNorm(width, bias=bias) for bias in biases)
        self.projections = nn.ModuleList(Conv(width, width, 1, bias=bias) for bias in biases)
        self.out = Conv(width, width, 1)

    def forward(self, x: Features, mask: Mask) -> Float[Tensor, "B C _"]:
        """(B, C, T) -> (B, C, T), or (B, C, ceil(T / 2)) with stride 2."""
        real = mask if self.stride == 1 else halve_mask(mask)
        query, key, value = (
            projection(norm(conv(x, mask), real))
            for conv, norm, projection in zip(self.convs, self.norms, self.projections, strict=True)
        )
        if self.reach is None:
            mixed = full_attention(query, key, value, real, heads=self.heads)
        else:
            mixed = local_attention(query, key, value, real, heads=self.heads, reach=self.reach)
        result: Tensor = self.out(mixed * real) * real
        return result


def local_attention(query: Features, key: Features, value: Features, mask: Mask, *, heads: int, reach: int) -> Features:
    """Softmax attention of every step over the real steps at most `reach` away, for `heads` groups of channels.

    Shapes (B, C, T) throughout; heads split the channels. The result at padding is arbitrary.
    """
    B, C, T = query.shape
    block = max(reach, 1)
    blocks = T // block + 1  # one step of padding at least: what an export cannot tell apart has one form
    extra = blocks * block - T

    def cut(x: Tensor) -> Tensor:  # (B, C, T) -> (B, blocks, heads, block, C / heads)
        x = F.pad(x, (0, extra)).reshape(B, heads, C // heads, -1, block)
        return x.permute(0, 3, 1, 4, 2)

    def with_neighbors(x: Tensor) -> Tensor:  # -> three blocks long along axis 3
        empty = torch.zeros_like(x[:, :1])
        return torch.cat([torch.cat([empty, x[:, :-1]], dim=1), x, torch.cat([x[:, 1:], empty], dim=1)], dim=3)

    queries = torch.arange(block, device=query.device)[:, None] + block
    keys = torch.arange(3 * block, device=query.device)[None]
    near = (queries - keys).abs() <= reach
    real = with_neighbors(F.pad(mask, (0, extra)).reshape(B, -1, 1, 1, block).transpose(3, 4)).transpose(3, 4)
    # A finite penalty: a query in padding may have no key at all, and a softmax over -inf alone is not a number.
    penalty = (~(near & real)).to(query.dtype) * torch.finfo(query.dtype).min
    queried, keyed, valued = cut(query), with_neighbors(cut(key)), with_neighbors(cut(value))
    mixed = F.scaled_dot_product_attention(
        queried.flatten(0, 1), keyed.flatten(0, 1), valued.flatten(0, 1), attn_mask=penalty.flatten(0, 1)
    )
    # An axis of one behind the batch: OpenVINO 2026.4 cannot load a network that has the number of blocks there.
    joined = mixed.reshape(B, 1, -1, heads, block, C // heads).permute(0, 3, 5, 1, 2, 4)
    return joined.reshape(B, C, -1)[..., :T]


def full_attention(query: Features, key: Features, value: Features, mask: Mask, *, heads: int) -> Features:
    """`local_attention` of unlimited reach: every step sees every real one. Shapes as there."""
    B, C, T = query.shape

    def cut(x: Tensor) -> Tensor:  # (B, C, T) -> (B, heads, T, C / heads)
        return x.reshape(B, heads, C // heads, T).transpose(2, 3)

    penalty = (~mask.unsqueeze(1)).to(query.dtype) * torch.finfo(query.dtype).min  # (B, 1, 1, T)
    mixed = F.scaled_dot_product_attention(cut(query), cut(key), cut(value), attn_mask=penalty)
    return mixed.transpose(2, 3).reshape(B, C, T)
