"""Fits the video classifier of a class-agnostic model: a regularized logistic regression for each label.

A video may have several labels, or none: it is then an example of what no label looks like. Ten thousand videos with
200 labels and 1,024 pooled numbers take about half a minute on one core.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logotal.config import DataConfig
from logotal.data.dataset import WholeVideos
from logotal.data.features import FeatureFolder
from logotal.data.selection import HELD_OUT, Source, select
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.inference.video_classifier import Accuracy, VideoClassifier, pooled
from logotal.words import amount

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Inverse regularization of the candidates; the lowest log loss on videos that it has not seen decides."""

DEFAULT_STRENGTH = 0.01
"""Where there are too few videos to choose."""

CHOSEN_ON = 2000
"""Most videos that the strength is chosen on; a quarter of them is looked at, the others are fitted."""

FEWEST = 16
"""Fewest videos that it is chosen on."""

_NAMED = 10

Truths = NDArray[np.bool_]


def fit_video_classifier(source: Source, videos: Sequence[VideoTruth], config: DataConfig) -> VideoClassifier:
    """The video classifier of a training set, measured on the videos that were kept from it.

    Those are the held-out part of the training split where `data.hold_out` makes one, the evaluation split otherwise;
    nothing is chosen on them.

    Args:
        source: the data set.
        videos: the usable videos of the training split.
        config: the data section.

    Raises:
        InputError: a feature file is not as expected.
    """
    labels = source.annotations.labels
    X, Y = _examples(videos, source.features, config, labels)
    classifier = fit(X, Y, labels)
    return replace(classifier, accuracy=_measured(classifier, source, config))


def unlearnable_labels(videos: Sequence[VideoTruth], labels: Sequence[str]) -> list[str]:
    """A sentence for the labels of which no training video has an action, and one for those of a single video."""
    counts = truths(videos, labels).sum(axis=0)
    found = (
        (0, "without a training video, which the video classifier never gives"),
        (1, "with a single training video, which the video classifier hardly knows"),
    )
    sentences = []
    for count, what in found:
        if names := [repr(label) for label, n in zip(labels, counts, strict=True) if n == count]:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            counted = amount(len(names), "label")
            sentences.append(f"{counted} {what}: {', '.join(names[:_NAMED])}{more}")
    return sentences


def fit(X: NDArray[np.float64], Y: Truths, labels: tuple[str, ...]) -> VideoClassifier:
    """The classifier of videos with pooled features X (N, 2C) and labels Y (N, K); the same input gives the same bits.

    A label that no video or every video has gets no weights: it is as likely as its count says, in any video.
    """
    mean = X.mean(axis=0)
    scale = X.std(axis=0)
    # A channel that does not move says nothing, and its rounding errors should not become large numbers.
    scale[scale <= 1e-6 * (1 + np.abs(mean))] = 1.0
    mean, scale = mean.astype(np.float32), scale.astype(np.float32)
    standardized = ((X - mean) / scale).astype(np.float32)
    weights, bias = _regressions(standardized, Y, _strength(standardized, Y))
    return VideoClassifier(labels, mean, scale, weights.astype(np.float32), bias.astype(np.float32))


def measure(classifier: VideoClassifier, X: NDArray[np.float64], Y: Truths, split: str) -> Accuracy | None:
    """How often the classifier is right in videos with pooled features X (N, 2C) and labels Y (N, K).

    None if none of them has a label.
    """
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 - takes a second to import

    labelled = Y.any(axis=1)
    if not labelled.any():
        return None
    scores = classifier.of_pooled(X)
    right = Y[labelled, scores[labelled].argmax(axis=1)]
    precisions = [average_precision_score(Y[:, k], scores[:, k]) for k in np.flatnonzero(Y.any(axis=0))]
    return Accuracy(split, int(labelled.sum()), float(right.mean()), float(np.mean(precisions)))


def truths(videos: Sequence[VideoTruth], labels: Sequence[str]) -> Truths:
    """Which labels occur in which videos (N, K)."""
    index = {label: k for k, label in enumerate(labels)}
    occurs = np.zeros((len(videos), len(labels)), dtype=np.bool_)
    for row, video in enumerate(videos):
        occurs[row, [index[action.label] for action in video.actions if action.label in index]] = True
    return occurs


def _examples(
    videos: Sequence[VideoTruth], features: FeatureFolder, config: DataConfig, labels: Sequence[str]
) -> tuple[NDArray[np.float64], Truths]:
    dataset = WholeVideos(videos, features, config, {})
    X = np.stack([pooled(dataset[index].features.numpy()) for index in range(len(dataset))])
    return X, truths(videos, labels)


def _measured(classifier: VideoClassifier, source: Source, config: DataConfig) -> Accuracy | None:
    split = HELD_OUT if config.hold_out else config.evaluation_split
    if split not in source.annotations.splits():
        return None
    try:
        chosen = select(source, split, config, source.annotations.labels)
    except InputError:  # none of them has features here, as where only the training split was extracted
        return None
    X, Y = _examples(chosen.videos, source.features, config, source.annotations.labels)
    return measure(classifier, X, Y, split)


def _strength(X: NDArray[np.float32], Y: Truths) -> float:
    """The strength with the lowest log loss on a quarter of the videos, fitted on the others."""
    if len(X) < FEWEST:
        return DEFAULT_STRENGTH
    order = np.random.default_rng(0).permutation(len(X))[:CHOSEN_ON]
    seen, unseen = order[len(order) // 4 :], order[: len(order) // 4]
    losses = []
    for strength in STRENGTHS:
        weights, bias = _regressions(X[seen], Y[seen], strength)
        logits = X[unseen] @ weights.T + bias
        losses.append(float(np.logaddexp(0, np.where(Y[unseen], -logits, logits)).mean()))
    return STRENGTHS[int(np.argmin(losses))]


def _regressions(X: NDArray[np.float32], Y: Truths, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (K, 2C) and biases (K,) of a logistic regression for each label."""
    weights = np.zeros((Y.shape[1], X.shape[1]))
    # By Laplace's rule, for the labels that all or none have.
    share = (Y.sum(axis=0) + 1) / (len(Y) + 2)
    bias = np.log(share / (1 - share))
    for label, (row, intercept) in _fitted(X, Y, strength):
        weights[label], bias[label] = row, intercept
    return weights, bias


def _fitted(
    X: NDArray[np.float32], Y: Truths, strength: float
) -> Iterator[tuple[int, tuple[NDArray[np.float64], float]]]:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - takes a second to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # what has not converged by then hardly moves any more
        for label in np.flatnonzero(Y.any(axis=0) & ~Y.all(axis=0)).tolist():
            model = LogisticRegression(C=strength, max_iter=200).fit(X, Y[:, label])
            yield label, (model.coef_[0], float(model.intercept_[0]))
