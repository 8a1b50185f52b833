"""A network over a stream: windows at fixed places of the grid, each of which decides the points in its middle.

Where the windows lie depends on nothing but the grid, so pieces of any size give the same candidates (law 13). A window
that reaches as far as the network looks (`logotal.model.reach`) decides its points as the whole video would.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.inference.decode import decode
from logotal.model.ensemble import Network

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Windows:
    """Where windows lie: each decides the points of `hop` steps, and sees `before` and `after` steps around them.

    `align` is the stride of the coarsest level: windows begin at multiples of it, where the whole video has its points.
    """

    before: int
    hop: int
    after: int
    align: int

    def first(self, decided: int) -> int:
        """The step at which the window begins that decides from step `decided` on."""
        return max(decided - self.before, 0) // self.align * self.align


class Decided(NamedTuple):
    """The candidates of some points, on the grid of the whole stream; all points before step `until` are decided."""

    candidates: Candidates
    until: int


class SlidingDetector:
    """The candidates of a stream of features; it holds one window of them.

    Args:
        detector: the network, in evaluation mode.
        config: which points become candidates.
        windows: where the windows lie.
    """

    def __init__(self, detector: Network, config: InferenceConfig, windows: Windows) -> None:
        self.detector, self.config, self.windows = detector, config, windows
        self.held: Array | None = None  # (n, C), from step `first` on
        self.first = 0
        self.decided = 0

    @property
    def length(self) -> int:
        """Steps that came so far."""
        return self.first + (0 if self.held is None else len(self.held))

    def push(self, features: Array) -> Iterator[Decided]:
        """Takes in the next features (n, C), and gives what they decide."""
        self.held = features if self.held is None else np.concatenate([self.held, features])
        while self.length >= self.decided + self.windows.hop + self.windows.after:
            yield self._decide(self.decided + self.windows.hop)

    def finish(self) -> Iterator[Decided]:
        """Decides what is left of a stream that ends here."""
        while self.decided < self.length:
            yield self._decide(min(self.decided + self.windows.hop, self.length))

    @torch.no_grad()
    def _decide(self, until: int) -> Decided:
        assert self.held is not None
        begin = self.windows.first(self.decided)
        self.held, self.first = self.held[begin - self.first :].copy(), begin
        seen = self.held[: self.decided + self.windows.hop + self.windows.after - begin]
        first = next(self.detector.parameters())
        features = torch.from_numpy(seen).to(first.device).T[None]
        mask = torch.ones(1, 1, features.shape[-1], dtype=torch.bool, device=first.device)
        predictions = self.detector(features, mask)
        time = predictions.points.time
        inside = (time >= self.decided - begin) & (time < until - begin)
        (found,) = decode(replace(predictions, mask=predictions.mask & inside), self.config)
        self.decided = until
        return Decided(replace(found, segments=found.segments + begin), until)
