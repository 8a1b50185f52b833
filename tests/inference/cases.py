"""Candidates to suppress, and how to compare what was found."""

import numpy as np

from logotal.inference.candidates import Candidates


def assert_twins(found, expected, tolerance):
    """Holds rows (start, end, label, score) of two kernels or batches against each other, each column by a tolerance.

    Rounding decides the order of nearly equal rows, which of them lie above the lowest score that is kept, and which
    of two that overlap suppresses the other. So the order does not count, and one row in a hundred may be alone.
    """
    assert min(len(found), len(expected)) > 0
    apart = (np.abs(found[:, None] - expected[None]) / tolerance).max(axis=2)
    for nearest in (apart.min(axis=0), apart.min(axis=1)):
        assert (nearest > 1).mean() <= 0.01


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
