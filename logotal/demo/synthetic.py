"""A synthetic data set: features with planted actions, made on the spot, for the demo and for tests.

Every class has a direction in feature space that lasts through the action, one that flares at its start and one at
its end, as real clips differ at boundaries. Among them lie distractors (faint mixtures of classes without start or
end), slowly drifting background and noise. There are long and very short actions, actions of several classes at
once, twins (one segment, two labels) and videos without any action.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.data.grid import FeatureGrid
from logotal.demo.truth import write_truth
from logotal.files.whole import write_whole
from logotal.places import FEATURES
from logotal.timeline import Action, Timeline

GRID = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)
CHANNELS = 64
KINDS = {  # label: shortest and longest duration in seconds
    "blink": (0.4, 0.9),
    "jump": (1.0, 3.0),
    "throw": (1.5, 4.0),
    "walk": (6.0, 16.0),
    "dance": (20.0, 45.0),
}
TWINS = {"throw": "pitch"}
"""Half of the actions of the first label carry the second one too."""
LABELS = (*KINDS, *TWINS.values())


@dataclass(frozen=True)
class SyntheticVideo:
    """One made-up video: its features (T, C) and its true timeline."""

    features: NDArray[np.float32]
    truth: Timeline


def write_synthetic(folder: Path, *, training: int = 60, validation: int = 20, seed: int = 0) -> Path:
    """Writes features and `annotations.json` for `training` and `validation` videos.

    Returns the folder. One video in ten has no action. The same seed writes the same bytes.
    """
    timelines = []
    for index in range(training + validation):
        name = f"{'training' if index < training else 'validation'}_{index:03d}"
        video = synthetic_video(name, seed=seed, index=index)
        buffer = io.BytesIO()
        np.save(buffer, video.features)
        write_whole(folder / FEATURES / f"{name}.npy", buffer.getvalue())
        timelines.append(video.truth)
    write_truth(folder, timelines, LABELS, fps=GRID.fps, version=f"synthetic, seed {seed}")
    return folder


def synthetic_video(name: str, *, seed: int, index: int) -> SyntheticVideo:
    """The video number `index` of the data set that `seed` makes."""
    generator = np.random.default_rng([seed, index])
    length = int(generator.integers(250, 900))
    duration = round(GRID.span(length), 3)
    actions = [] if index % 10 == 9 else _plant(generator, duration)
    features = _background(generator, length)
    signatures = _signatures(seed)
    for action in actions:
        if action.label in KINDS:  # a twin looks like the action that it doubles
            gain = generator.uniform(0.7, 1.3)
            features += gain * _trace(signatures[action.label], length, action.start, action.end)
    for _ in range(length // 80):
        first, second = generator.choice(list(KINDS), size=2, replace=False)
        start = generator.uniform(0, duration)
        mixture = 0.35 * (signatures[first] + signatures[second])
        mixture[1:] = 0
        features += _trace(mixture, length, start, start + generator.uniform(0.5, 6.0))
    return SyntheticVideo(features.astype(np.float32), Timeline(name, tuple(actions), duration))


def _signatures(seed: int) -> dict[str, NDArray[np.float64]]:
    """For each label (3, C): the directions of its middle, its start and its end."""
    generator = np.random.default_rng([seed, 2**31])
    return {label: generator.normal(size=(3, CHANNELS)) / np.sqrt(CHANNELS) * 6 for label in KINDS}


def _plant(generator: np.random.Generator, duration: float) -> list[Action]:
    """Actions of all kinds at random places; those of one label never overlap."""
    planted: list[Action] = []
    for label, (shortest, longest) in KINDS.items():
        expected = duration / (12 + 3 * longest)
        for _ in range(generator.poisson(expected)):
            length = float(np.exp(generator.uniform(np.log(shortest), np.log(longest))))
            if length > 0.9 * duration:
                continue
            start = round(generator.uniform(0, duration - length), 3)
            end = round(start + length, 3)
            if any(a.label == label and start < a.end + 0.5 and a.start < end + 0.5 for a in planted):
                continue
            planted.append(Action(start, end, label))
            if label in TWINS and generator.random() < 0.5:
                planted.append(Action(start, end, TWINS[label]))
    return planted


def _background(generator: np.random.Generator, length: int) -> NDArray[np.float64]:
    """Noise (T, C) over a slow drift in few directions."""
    drift = generator.normal(size=(length // 60 + 2, 4)) @ generator.normal(size=(4, CHANNELS))
    places = np.linspace(0, len(drift) - 1, length)
    slow = np.stack([np.interp(places, np.arange(len(drift)), column) for column in drift.T], axis=1)
    noise: NDArray[np.float64] = 0.4 * slow + generator.normal(size=(length, CHANNELS))
    return noise


def _trace(signature: NDArray[np.float64], length: int, start: float, end: float) -> NDArray[np.float64]:
    """What an action leaves in the features (T, C): clips see as much of it as overlaps them."""
    first = np.arange(length) * GRID.clip_stride / GRID.fps
    reach = GRID.clip_frames / GRID.fps

    def seen(begin: float, stop: float) -> NDArray[np.float64]:
        overlap = np.minimum(first + reach, stop) - np.maximum(first, begin)
        share: NDArray[np.float64] = np.clip(overlap / min(reach, stop - begin), 0, 1)
        return share

    flare = min(0.4, (end - start) / 3)
    middle, rise, fall = signature
    trace: NDArray[np.float64] = seen(start, end)[:, None] * middle
    trace += seen(start, start + flare)[:, None] * rise
    trace += seen(end - flare, end)[:, None] * fall
    return trace
