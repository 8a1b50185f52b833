"""Batches: videos of any lengths padded to the longest, with the mask that makes padding harmless."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from logotal.data.grid import FeatureGrid


@dataclass(frozen=True)
class Sample:
    """A video, or a window of one, as the model takes it.

    `segments` (N, 2) are in steps of these features, `labels` (N,) class indices. `grid` is that of the whole video,
    of which a window may begin later; `duration` is the video's length in seconds where known. `ignored` (M, 2) are
    the spans, in steps, that are neither action nor background.
    """

    id: str
    features: Float[Tensor, "C T"]
    segments: Float[Tensor, "N 2"]
    labels: Tensor
    grid: FeatureGrid
    duration: float | None
    ignored: Float[Tensor, "M 2"] = field(default_factory=lambda: torch.zeros(0, 2))


@dataclass(frozen=True)
class Batch:
    """Features (B, C, T), zero where `mask` (B, 1, T) is false, and what is annotated in each video."""

    ids: tuple[str, ...]
    features: Float[Tensor, "B C T"]
    mask: Bool[Tensor, "B 1 T"]
    segments: tuple[Tensor, ...]
    labels: tuple[Tensor, ...]
    ignored: tuple[Tensor, ...]

    def to(self, device: torch.device, non_blocking: bool = False) -> "Batch":
        """The batch on another device; of a pinned one, with `non_blocking`, the host does not wait for the copies."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> "Batch":
        """The batch in memory that a GPU copies from by itself; a DataLoader asks for it by this name."""
        return self._each(torch.Tensor.pin_memory)

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        return replace(
            self,
            features=change(self.features),
            mask=change(self.mask),
            segments=tuple(map(change, self.segments)),
            labels=tuple(map(change, self.labels)),
            ignored=tuple(map(change, self.ignored)),
        )


def collate(samples: Sequence[Sample]) -> Batch:
    """The batch of some samples, padded to the longest; a single one is not copied."""
    if len(samples) == 1:
        (only,) = samples
        real = torch.ones(1, 1, only.features.shape[1], dtype=torch.bool)
        return Batch((only.id,), only.features[None], real, (only.segments,), (only.labels,), (only.ignored,))
    longest = max(sample.features.shape[1] for sample in samples)
    features = torch.zeros(len(samples), longest, len(samples[0].features)).transpose(1, 2)  # as they lie on disk
    mask = torch.zeros(len(samples), 1, longest, dtype=torch.bool)
    for row, sample in enumerate(samples):
        length = sample.features.shape[1]
        features[row, :, :length] = sample.features
        mask[row, :, :length] = True
    return Batch(
        ids=tuple(sample.id for sample in samples),
        features=features,
        mask=mask,
        segments=tuple(sample.segments for sample in samples),
        labels=tuple(sample.labels for sample in samples),
        ignored=tuple(sample.ignored for sample in samples),
    )
