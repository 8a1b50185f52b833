"""Boundaries of exported networks are decoded as those of ours."""

import numpy as np
import pytest
import torch

from logotal.errors import InputError
from logotal.inference.offsets import offsets
from logotal.model.boundaries import Boundaries, DirectBoundaries, trident_boundaries

SIZES, CLASSES, BINS = (9, 5, 2, 1), 3, 4


def random_boundaries(kind: str) -> Boundaries:
    generator = torch.Generator().manual_seed(1)

    def levels(channels: int) -> list[torch.Tensor]:
        return [torch.randn(1, channels, size, generator=generator) for size in SIZES]

    if kind == "direct":
        return DirectBoundaries(torch.cat(levels(2), dim=-1))
    return trident_boundaries(levels(CLASSES), levels(CLASSES), levels(2 * (BINS + 1)))


@pytest.mark.parametrize("kind", ["direct", "trident"])
def test_every_point_and_class_has_the_offsets_that_the_network_has(kind: str) -> None:
    boundaries = random_boundaries(kind)
    point, label = (each.ravel() for each in np.mgrid[: sum(SIZES), :CLASSES])
    outputs = {name: getattr(boundaries, name).numpy() for name in boundaries.tensors}
    found = offsets(outputs | {"logits": np.zeros((1, CLASSES, sum(SIZES)))}, SIZES, point, label)
    batch = torch.zeros(len(point), dtype=torch.long)
    expected = boundaries.offsets(batch, torch.from_numpy(point), torch.from_numpy(label))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)


def test_boundaries_that_are_not_known_are_named() -> None:
    nothing = np.zeros((1, 1, 1), np.float32)
    index = np.zeros(1, np.int64)
    with pytest.raises(
        InputError, match="gives boundaries as half, which cannot be decoded here; known: distances; or"
    ):
        offsets({"logits": nothing, "half": nothing}, (1,), index, index)
