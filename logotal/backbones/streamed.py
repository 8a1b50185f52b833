"""Networks run along a video piece by piece, without cutting it into clips: nothing is computed twice.

A layer that looks along time keeps the frames that its next outputs need. So pieces of any size give what the whole
video would give at once, up to the rounding of kernels that work on other shapes. Where a video begins and ends, every
layer sees its own padding, as for a whole video.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

Piece = Float[Tensor, "B C _ H W"] | None
"""Frames or features of some moments; None where there are none yet."""

Layer = Callable[[Tensor], Tensor]


class Stream(ABC):
    """A part of a network at one moment of a video."""

    @abstractmethod
    def push(self, piece: Piece, *, last: bool) -> Piece:
        """The outputs that follow from what came before and from this piece; after the `last` nothing comes."""


class Window(Stream):
    """A layer whose outputs see a few moments.

    Args:
        layer: gives one output per window of what it gets, without padding along time.
        kernel: moments that an output sees.
        stride: moments between the windows.
        dilation: moments between what a window sees.
        before: padding in front of the video. Behind it there is as much as gives an output per stride.
        fill: what the padding holds.
    """

    def __init__(
        self, layer: Layer, *, kernel: int, stride: int = 1, dilation: int = 1, before: int, fill: float = 0.0
    ) -> None:
        self.layer = layer
        self.reach = (kernel - 1) * dilation + 1
        self.stride = stride
        self.before = before
        self.fill = fill
        self.held: Tensor | None = None
        self.seen = 0
        self.skip = 0  # moments to come that no window sees

    def push(self, piece: Piece, *, last: bool) -> Piece:
        """See `Stream`."""
        if piece is not None:
            self.seen += piece.shape[2]
            skipped = min(self.skip, piece.shape[2])
            piece, self.skip = piece[:, :, skipped:], self.skip - skipped
            first = self._padding(piece, self.before) if self.held is None else self.held
            self.held = _joined(first, piece)
        if self.held is None:
            return None
        if last:
            behind = (-(-self.seen // self.stride) - 1) * self.stride + self.reach - self.before - self.seen
            self.held = _joined(self.held, self._padding(self.held, max(behind, 0)))
        count = (self.held.shape[2] - self.reach) // self.stride + 1
        if count <= 0:
            return None
        windows = self.held[:, :, : (count - 1) * self.stride + self.reach]
        self.skip = max(count * self.stride - self.held.shape[2], 0)
        self.held = self.held[:, :, count * self.stride :]
        return self.layer(windows)

    def _padding(self, like: Tensor, count: int) -> Tensor:
        return torch.full_like(like[:, :, :1], self.fill).expand(-1, -1, count, -1, -1)


def _joined(first: Tensor, second: Tensor) -> Tensor:
    """Both along time."""
    return _laid_out([first, second], dim=2)


def channels_joined(parts: Sequence[Tensor]) -> Tensor:
    """Parts with the same moments, their channels behind each other."""
    return _laid_out(parts, dim=1)


def _laid_out(parts: Sequence[Tensor], dim: int) -> Tensor:
    """What `torch.cat` gives, in the layout of the last: of stretches of a video it forgets that channels are last."""
    if torch.compiler.is_exporting():
        return torch.cat(list(parts), dim)
    like = parts[-1]
    shape = list(like.shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    last = like.is_contiguous(memory_format=torch.channels_last_3d)
    layout = torch.channels_last_3d if last else torch.contiguous_format
    joined = torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=layout)
    begun = 0
    for part in parts:
        joined.narrow(dim, begun, part.shape[dim]).copy_(part)
        begun += part.shape[dim]
    return joined


class Chain(Stream):
    """Parts one after the other; a part that is no stream looks at single moments."""

    def __init__(self, *parts: Stream | Layer) -> None:
        self.parts = parts

    def push(self, piece: Piece, *, last: bool) -> Piece:
        """See `Stream`."""
        for part in self.parts:
            if isinstance(part, Stream):
                piece = part.push(piece, last=last)
            elif piece is not None:
                piece = part(piece)
        return piece


class Join(Stream):
    """Branches of which some look further than others: their outputs for the same moments, joined."""

    def __init__(self, branches: Sequence[Stream], join: Callable[[list[Tensor]], Tensor]) -> None:
        self.branches = branches
        self.join = join
        self.waiting: list[Piece] = [None for _ in branches]

    def push(self, piece: Piece, *, last: bool) -> Piece:
        """See `Stream`."""
        for index, branch in enumerate(self.branches):
            made, before = branch.push(piece, last=last), self.waiting[index]
            if made is not None:
                self.waiting[index] = made if before is None else _joined(before, made)
        ready = [each for each in self.waiting if each is not None]
        count = min(each.shape[2] for each in ready) if len(ready) == len(self.waiting) else 0
        if not count:
            return None
        self.waiting = [each[:, :, count:] for each in ready]
        return self.join([each[:, :, :count] for each in ready])
