"""Candidates to suppress."""

import numpy as np

from logotal.inference.candidates import Candidates


def random_candidates(seed, count, *, whole=False):
    """Candidates by falling score, a third of them tied and these by start, as `suppress` takes them.

    Segments on whole numbers tie in overlap as well, and there are twins and instants among them.
    """
    random = np.random.default_rng(seed)
    start, length = random.uniform(0, 12, count), random.uniform(0.1, 6, count)
    if whole:
        start, length = start.round(), length.round()
    scores = random.uniform(0.01, 1, count)
    scores[random.integers(0, count, count // 3)] = scores[0]
    order = np.lexsort((start + length, start, -scores))
    return Candidates(np.stack([start, start + length], axis=1)[order], scores[order], random.integers(0, 3, count))
