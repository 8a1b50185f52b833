"""Differences between neighboring features, which show a change to whoever looks at one step alone."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from logotal.backbones.backbone import DIFFERENCES

Features = NDArray[np.float32]


def with_differences(pieces: Iterable[Features], which: str) -> Iterator[Features]:
    """Features piece by piece (n, C), and behind them along the channels the differences that `which` names.

    A video goes on with its first and its last feature, from which nothing differs there. Where a feature is compared
    with the one after it, it comes when that is known.

    >>> pieces = [np.array(piece, np.float32) for piece in ([[1], [4]], [[9]])]
    >>> [piece.tolist() for piece in with_differences(pieces, "both")]
    [[[1.0, 0.0, 3.0]], [[4.0, 3.0, 5.0]], [[9.0, 5.0, 0.0]]]
    """
    behind = int("after" in DIFFERENCES[which])
    before = held = np.zeros((0, 0), np.float32)
    for piece in pieces:
        held = np.concatenate([held, piece]) if len(held) else piece
        ready = max(len(held) - behind, 0)
        yield _joined(held[:ready], before, held[ready:], which)
        before, held = held[ready - 1 : ready] if ready else before, held[ready:]
    if len(held):
        yield _joined(held, before, held[-1:], which)


def _joined(rows: Features, before: Features, after: Features, which: str) -> Features:
    """Rows (n, C) with their differences; `before` and `after` begin or end with what lies beside them, if anything."""
    around = np.concatenate([before if len(before) else rows[:1], rows, after[:1] if len(after) else rows[-1:]])
    steps = np.diff(around, axis=0) if len(rows) else around
    changes = {"before": steps[: len(rows)], "after": steps[len(steps) - len(rows) :]}
    return np.concatenate([rows, *(changes[each] for each in DIFFERENCES[which])], axis=1)
