"""How boundaries are decoded from an exported network's outputs: `logotal.model.boundaries` in NumPy, without torch."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.inference.runtimes import Array, Outputs

Indices = NDArray[np.int64]
Decoder = Callable[[Outputs, Sequence[int], Indices, Indices], NDArray[np.float64]]
"""Outputs, points of each level, and N points with their class, to the distances (N, 2) to start and end in strides."""


def direct_offsets(outputs: Outputs, sizes: Sequence[int], point: Indices, label: Indices) -> NDArray[np.float64]:
    """`DirectBoundaries`: distances (1, 2, P)."""
    del sizes, label
    distances: NDArray[np.float64] = outputs["distances"][0][:, point].T.astype(np.float64)
    return distances


def trident_offsets(outputs: Outputs, sizes: Sequence[int], point: Indices, label: Indices) -> NDArray[np.float64]:
    """`TridentBoundaries`: start and end (1, K, S), center (1, P, 2, bins + 1)."""
    start, end, center = outputs["start"][0], outputs["end"][0], outputs["center"][0]
    bins = center.shape[2] - 1
    firsts = [bins + sum(sizes[:level]) + bins * level for level in range(len(sizes))]
    base = np.concatenate([first + np.arange(size) for first, size in zip(firsts, sizes, strict=True)])[point]
    steps = np.arange(bins + 1)
    to_start = _softmax(start[label[:, None], base[:, None] - bins + steps] + center[point, 0])
    to_end = _softmax(end[label[:, None], base[:, None] + steps] + center[point, 1])
    distances: NDArray[np.float64] = np.stack([to_start @ steps[::-1], to_end @ steps], axis=-1)
    return distances


def _softmax(x: Array) -> NDArray[np.float64]:
    raised = np.exp((x - x.max(axis=-1, keepdims=True)).astype(np.float64))
    shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


DECODERS: dict[frozenset[str], Decoder] = {
    frozenset({"distances"}): direct_offsets,
    frozenset({"start", "end", "center"}): trident_offsets,
}
"""By the names of the tensors that boundaries hold."""


def offsets(outputs: Outputs, sizes: Sequence[int], point: Indices, label: Indices) -> NDArray[np.float64]:
    """Distances (N, 2) to start and end, in strides.

    Raises:
        InputError: the outputs are no boundaries that are known here.
    """
    names = frozenset(outputs) - {"logits"}
    if names not in DECODERS:
        known = "; or ".join(", ".join(sorted(each)) for each in DECODERS)
        raise InputError(
            f"this model gives boundaries as {', '.join(sorted(names))}, which cannot be decoded here; known: {known}"
        )
    return DECODERS[names](outputs, sizes, point, label)
