"""The weights of a linear network, solved for by scikit-learn: logistic regression and ridge regression of windows.

Each step is described by the principal components of the standardized features of every other step around it. A step
in the middle half of an action is one of its class; what else lies in the action says nothing; all the rest is not.
What is solved for in components is then written as two convolutions of the features.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from logotal.data.batch import Sample
from logotal.data.dataset import WholeVideos
from logotal.errors import InputError
from logotal.model.ensemble import Network
from logotal.model.layers import MaskedConv
from logotal.model.standard import Standard

COMPONENTS = 128
"""Principal components of a step at the most."""
EVERY = 2
"""Of the steps of a window, each second one is looked at."""
MOST = 40_000
"""Steps that anything is learned from at the most; a class of more has half of them from its own, drawn by chance."""
WEAK = 0.01
"""scikit-learn's C of the logistic regression: windows overlap, so that steps are far from independent."""
ALPHAS = np.logspace(1, 5, 9)
"""Strengths of the ridge regression, of which that with the least leave-one-out error is taken."""

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def fit_linear(detector: Network, videos: WholeVideos, seed: int = 0) -> None:
    """Gives a linear network its weights, in place.

    Args:
        detector: without an embedding, of one level, with a light head of one convolution, and standardized features.
        videos: what it learns from; one at a time is in memory, and the components of all.
        seed: of the steps that are drawn where there are too many.

    Raises:
        InputError: the network is not linear.
    """
    standard, classify, regress = _parts(detector)
    random = np.random.default_rng(seed)

    def standardized() -> Iterator[tuple[Sample, Floats]]:
        for sample in map(videos.__getitem__, range(len(videos))):
            yield sample, standard(sample.features[None])[0].T.numpy()

    projection = _components([_drawn(rows, MOST // len(videos) + 1, random) for _, rows in standardized()])
    described, targets = [], []
    for sample, rows in standardized():
        described.append(rows @ projection)
        targets.append(_targets(sample, classify.conv.out_channels))
    is_class, says, distances = (np.concatenate(part) for part in zip(*targets, strict=True))
    windows = _Windows.of(described, classify.conv.kernel_size[0])
    solved = [_logistic(windows, is_class[:, k], says[:, k], random) for k in range(is_class.shape[1])]
    _write(classify, projection, *(np.stack(part) for part in zip(*solved, strict=True)))
    own = _drawn(np.flatnonzero(is_class.any(1)), MOST, random)
    _write(regress, projection, *_ridge(windows.at(own), distances[own]))


def _parts(detector: Any) -> tuple[Standard, MaskedConv, MaskedConv]:
    """What standardizes, and the convolutions that give logits and distances.

    Raises:
        InputError: there is more in between.
    """
    network = detector.members[0]
    encoder, heads = network.encoder, (network.classification, network.regression)
    trunks: list[Any] = [getattr(head, "trunk", None) for head in heads]
    between = [*encoder.embedding.convs, *encoder.stem, *encoder.blocks, *encoder.norms]
    plain = encoder.embedding.standard is not None and network.fusion is None and len(detector.members) == 1
    if between or not plain or any(trunk is None or len(trunk.convs) for trunk in trunks):
        raise InputError("training.method regression is for a linear network: take it with --preset linear")
    return encoder.embedding.standard, trunks[0].last, trunks[1].last


def _drawn(rows: NDArray[Any], most: int, random: np.random.Generator) -> NDArray[Any]:
    """So many of the rows at the most, in their order."""
    return rows if len(rows) <= most else rows[np.sort(random.choice(len(rows), most, replace=False))]


def _components(rows: Sequence[Floats]) -> Floats:
    """The projection (C, P) to principal components of deviation 1."""
    from sklearn.decomposition import PCA  # noqa: PLC0415 - takes a second to load

    steps = np.concatenate(rows)
    found = PCA(min(COMPONENTS, *steps.shape), random_state=0).fit(steps)
    scale = np.sqrt(np.maximum(found.explained_variance_, 1e-6))
    projection: Floats = (found.components_ / scale[:, None]).T.astype(np.float32)
    return projection


@dataclass(frozen=True)
class _Windows:
    """The components of all videos, each between `kernel` // 2 steps of zeros; `place` is that of each step."""

    padded: Floats
    place: NDArray[np.int64]
    kernel: int

    @classmethod
    def of(cls, videos: Sequence[Floats], kernel: int) -> "_Windows":
        """The windows of videos (T, P)."""
        half, places, behind = kernel // 2, [], 0
        for components in videos:
            places.append(behind + half + np.arange(len(components)))
            behind += len(components) + 2 * half
        padded = np.concatenate([np.pad(components, ((half, half), (0, 0))) for components in videos])
        return cls(padded, np.concatenate(places), kernel)

    def at(self, steps: NDArray[np.int64]) -> Floats:
        """What steps are described by: the components of every other step around each, (n, offsets * P)."""
        first = self.place[steps] - self.kernel // 2
        return np.concatenate([self.padded[first + offset] for offset in _looked_at(self.kernel)], axis=1)


def _looked_at(kernel: int) -> range:
    return range(kernel // 2 % EVERY, kernel, EVERY)


def _targets(sample: Sample, classes: int) -> tuple[Bools, Bools, Floats]:
    """Whether each step is of each class, and whether it says anything (T, K); its distances to both ends (T, 2)."""
    steps = np.arange(sample.features.shape[1], dtype=np.float32)
    is_class = np.zeros((len(steps), classes), np.bool_)
    says, distances = np.ones_like(is_class), np.zeros((len(steps), 2), np.float32)
    for start, end in _pairs(sample.ignored):
        says[(steps > start) & (steps < end)] = False
    shortest = np.full(len(steps), np.inf)
    for (start, end), label in zip(_pairs(sample.segments), sample.labels.tolist(), strict=True):
        near = np.abs(steps - (start + end) / 2) <= max((end - start) / 4, 0.5)
        says[(steps > start) & (steps < end) & ~is_class[:, label], label] = False
        is_class[near, label] = says[near, label] = True
        nearest = near & (end - start < shortest)
        distances[nearest] = np.stack([steps - start, end - steps], axis=1)[nearest]
        shortest[nearest] = end - start
    return is_class, says, distances


def _pairs(spans: Tensor | None) -> Iterable[tuple[float, float]]:
    return [] if spans is None else [(float(start), float(end)) for start, end in spans]


def _logistic(windows: _Windows, is_class: Bools, says: Bools, random: np.random.Generator) -> tuple[Floats, float]:
    """The weights and the bias of one class; a class without a step scores low everywhere."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    own, others = np.flatnonzero(is_class), np.flatnonzero(says & ~is_class)
    if not len(own) or not len(others):
        return np.zeros(windows.at(own[:0]).shape[1], np.float32), -5.0
    own = _drawn(own, MOST // 2, random)
    steps = np.sort(np.concatenate([own, _drawn(others, MOST - len(own), random)]))
    model = LogisticRegression(C=WEAK, class_weight="balanced", max_iter=500).fit(windows.at(steps), is_class[steps])
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _ridge(x: Floats, distances: Floats) -> tuple[Floats, Floats]:
    """The weights (2, F) and biases (2,) of the distances to start and end."""
    from sklearn.linear_model import RidgeCV  # noqa: PLC0415

    if len(x) < 2:
        return np.zeros((2, x.shape[1]), np.float32), distances.mean(0) if len(x) else np.ones(2, np.float32)
    model = RidgeCV(alphas=ALPHAS).fit(x, distances)
    return model.coef_.astype(np.float32), model.intercept_.astype(np.float32)


@torch.no_grad()
def _write(layer: MaskedConv, projection: Floats, weights: Floats, biases: Floats) -> None:
    """Weights (K, offsets * P) of components as the weights (K, C, kernel) of features."""
    conv, places = layer.conv, _looked_at(layer.conv.kernel_size[0])
    by_step = weights.reshape(len(weights), len(places), -1) @ projection.T  # (K, offsets, C)
    whole = np.zeros((len(weights), conv.kernel_size[0], projection.shape[0]), np.float32)
    whole[:, list(places)] = by_step
    conv.weight.copy_(torch.from_numpy(whole).transpose(1, 2))
    assert conv.bias is not None
    conv.bias.copy_(torch.from_numpy(np.asarray(biases, np.float32)))
