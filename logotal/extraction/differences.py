"""Differences between neighboring features, which show a change to whoever looks at one step alone."""

import numpy as np
from numpy.typing import NDArray

from logotal.backbones.backbone import DIFFERENCES


def with_differences(features: NDArray[np.float32], which: str) -> NDArray[np.float32]:
    """The features (T, C), and behind them along the channels the differences that `which` of `DIFFERENCES` names.

    A video goes on with its first and its last feature, from which nothing differs there.

    >>> with_differences(np.array([[1], [4], [9]], np.float32), "both").tolist()
    [[1.0, 0.0, 3.0], [4.0, 3.0, 5.0], [9.0, 5.0, 0.0]]
    """
    changes = {
        "before": np.diff(features, axis=0, prepend=features[:1]),
        "after": np.diff(features, axis=0, append=features[-1:]),
    }
    return np.concatenate([features, *(changes[each] for each in DIFFERENCES[which])], axis=1)
