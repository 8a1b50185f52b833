"""Characteristics of truths, and the bins (XS to XL) in which detectors are compared.

coverage     its length over the length of its video
length       its seconds
instances    how many truths of its label its video has, itself included
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from logotal.errors import InputError, did_you_mean
from logotal.evaluation.detections import Floats, Ints, Segments

Edges = tuple[float, ...]

NAMES_OF_SIZES = {
    1: ("all",),
    2: ("S", "L"),
    3: ("S", "M", "L"),
    4: ("XS", "S", "M", "L"),
    5: ("XS", "S", "M", "L", "XL"),
}


@dataclass(frozen=True)
class Bins:
    """The inner edges of each characteristic's bins, at most 4, rising; a value on an edge belongs to the bin below.

    None puts the edges at the quantiles of the truths, so that each bin holds about a fifth of them.
    """

    coverage: Edges | None = None
    length: Edges | None = None
    instances: Edges = (1, 4, 8)

    def __post_init__(self) -> None:
        for field in fields(self):
            edges = getattr(self, field.name)
            if edges is not None and (len(edges) > 4 or list(edges) != sorted(set(edges))):
                raise ValueError(f"{field.name} must be at most 4 rising edges, found {edges!r}")


BINS = {
    "activitynet": Bins((0.2, 0.4, 0.6, 0.8), (30, 60, 120, 180), (1, 4, 8)),  # as published for ActivityNet-1.3
    "thumos": Bins((0.02, 0.04, 0.06, 0.08), (3, 6, 12, 18), (1, 40, 80)),  # as published for THUMOS14
    "quantiles": Bins(),
}
BINS_OF_PROTOCOLS = {
    "thumos14": "thumos",
    "thumos14-opentad": "thumos",
    "activitynet13": "activitynet",
    "activitynet13-opentad": "activitynet",
}


def find_bins(name: str | None, protocol: str) -> Bins:
    """The bins of that name; if None those of the protocol's data set, or else the quantiles.

    Raises:
        InputError: there are none; the message names the nearest.
    """
    name = name or BINS_OF_PROTOCOLS.get(protocol, "quantiles")
    if name not in BINS:
        raise InputError(f"no bins {name!r}; {did_you_mean(name, BINS)}")
    return BINS[name]


@dataclass(frozen=True, eq=False)
class Characteristic:
    """M truths sorted into B bins.

    `sizes` (XS to XL) and `ranges` (in words) name the bins; `bin` (M,) is the bin of each truth, -1 if not known.
    """

    name: str
    sizes: tuple[str, ...]
    ranges: tuple[str, ...]
    bin: Ints

    @property
    def counts(self) -> Ints:
        """How many truths each bin has (B,)."""
        return np.bincount(self.bin[self.bin >= 0], minlength=len(self.sizes))


def characterize(truth: Segments, durations: Floats, bins: Bins) -> tuple[Characteristic, ...]:
    """The characteristics of M truths; `durations` (V,) are the seconds of each video, nan where not known.

    Coverage is left out where no duration is known. It may exceed 1, where an action outlasts its video.
    """
    length = truth.segment[:, 1] - truth.segment[:, 0]
    coverage = length / durations[truth.video]
    _, group, sizes = np.unique(np.stack([truth.video, truth.label]), axis=1, return_inverse=True, return_counts=True)
    instances = sizes[group].astype(np.float64)
    found = []
    if not np.isnan(coverage).all():
        edges = _edges(bins.coverage, coverage)
        found.append(_sorted_into("coverage", coverage, edges, _ranges([100 * edge for edge in edges], " %")))
    edges = _edges(bins.length, length)
    found.append(_sorted_into("length", length, edges, _ranges(edges, " s")))
    found.append(_sorted_into("instances", instances, bins.instances, _whole_ranges(bins.instances)))
    return tuple(found)


def _edges(given: Edges | None, values: Floats) -> Edges:
    if given is not None:
        return given
    known = values[~np.isnan(values)]
    quantiles = np.quantile(known, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
    # Three digits, so that the range that is shown is the one that was used.
    rounded = sorted({float(f"{edge:.3g}") for edge in quantiles})
    return tuple(edge for edge in rounded if edge < known.max())


def _sorted_into(name: str, values: Floats, edges: Edges, ranges: tuple[str, ...]) -> Characteristic:
    bin_of = np.where(np.isnan(values), -1, np.searchsorted(np.array(edges), values, side="left"))
    return Characteristic(name, NAMES_OF_SIZES[len(ranges)], ranges, bin_of)


def _ranges(edges: Sequence[float], unit: str) -> tuple[str, ...]:
    """The bins between the edges in words.

    >>> _ranges([3, 6], " s")
    ('up to 3 s', '3-6 s', 'over 6 s')
    """
    if not edges:
        return ("all",)
    between = [f"{low:g}-{high:g}{unit}" for low, high in itertools.pairwise(edges)]
    return (f"up to {edges[0]:g}{unit}", *between, f"over {edges[-1]:g}{unit}")


def _whole_ranges(edges: Sequence[float]) -> tuple[str, ...]:
    """The same for whole numbers from 1.

    >>> _whole_ranges([1, 4])
    ('1', '2-4', 'over 4')
    """
    if not edges:
        return ("all",)
    between = [
        f"{low + 1:g}" if high == low + 1 else f"{low + 1:g}-{high:g}" for low, high in itertools.pairwise((0, *edges))
    ]
    return (*between, f"over {edges[-1]:g}")
