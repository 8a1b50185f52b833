"""What the contestants are given: the same random numbers for both sides, made with NumPy alone.

Random weights say the prior, 0.01, of everything and draw segments of no length, which no trained network does. All
contestants therefore get a last layer whose logits spread by `LOGIT_SPREAD` around the prior, and boundaries `OFFSET`
strides away: then the published threshold of 0.001 leaves all 2,000 candidates per level, and suppression has as much
to do as it can have.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTHS = (500, 2304, 10_000, 100_000)
"""Steps of the videos of which detection is timed."""

LOGIT_SPREAD, OFFSET = 1.5, 3.0
LABELS = tuple(f"class {index:03}" for index in range(200))
Floats = NDArray[np.float32]


def features(length: int, channels: int = 2048) -> Floats:
    """Random features (T, C), the same for the same length."""
    return np.random.default_rng(length).standard_normal((length, channels), dtype=np.float32)


def write_features(path: Path, length: int) -> Path:
    """Random features in a .npy file, made in parts so that memory stays small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = np.lib.format.open_memmap(path, "w+", np.float32, (length, 2048))
    for first in range(0, length, 4096):
        behind = min(first + 4096, length)
        target[first:behind] = features(behind - first)
    target.flush()
    return path


def actions(length: int, seed: int = 0, count: int = 15) -> tuple[Floats, NDArray[np.int64]]:
    """Segments (N, 2) in grid steps of a window of `length`, about as long as THUMOS14's, and class indices (N,)."""
    random = np.random.default_rng([length, seed])
    long = np.minimum(random.exponential(30.0, count) + 3, length - 1)
    start = random.uniform(0, length - long)
    return np.stack([start, start + long], axis=-1).astype(np.float32), random.integers(0, 20, count)


def write_split(folder: Path, lengths: Sequence[int]) -> Path:
    """A data set on disk, read by both: features and annotations of videos of these lengths."""
    database = {}
    for index, length in enumerate(lengths):
        name = f"video_{index:03}"
        write_features(folder / "features" / f"{name}.npy", length)
        segments, labels = actions(length, index)
        listed = zip(((segments * 4 + 8) / 30).tolist(), labels.tolist(), strict=True)
        annotated = [{"segment": segment, "label": LABELS[label], "label_id": label} for segment, label in listed]
        # Their data set wants to see every label.
        annotated += [{"segment": [0.5, 2.5], "label": LABELS[label], "label_id": label} for label in range(20)]
        duration = (length * 4 + 12) / 30
        database[name] = {"subset": "Test", "fps": 30.0, "duration": duration, "annotations": annotated}
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    return folder


def write_candidates(path: Path) -> Path:
    """What six levels of 2,304 steps give, 2,000 pairs each: segments on the grid, scores, labels, in fp32."""
    random = np.random.default_rng(0)
    parts: dict[str, list[NDArray[Any]]] = {"segments": [], "scores": [], "labels": []}
    for level in range(6):
        stride, count = 2**level, min(2000, 2304 // 2**level * 20)
        time = random.integers(0, 2304 // stride, count) * stride
        offsets = random.exponential(2.0, (count, 2)) * stride + 0.1
        parts["segments"].append(np.stack([time - offsets[:, 0], time + offsets[:, 1]], axis=-1))
        parts["scores"].append(1 / (1 + np.exp(4.6 - np.abs(random.normal(0, 2 * LOGIT_SPREAD, count)))))
        parts["labels"].append(random.integers(0, 20, count))
    columns = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    rounded: dict[str, Any] = {k: v if k == "labels" else v.astype(np.float32) for k, v in columns.items()}
    np.savez(path, **rounded)
    return path


def write_detections(folder: Path, *, videos: int, labels: int, truths: int, each: int) -> Path:
    """An evaluation: `truths` actions and `each` detections in each of `videos` videos, half of them near a truth."""
    random = np.random.default_rng(each)
    names = [f"video_{index:04}" for index in range(videos)]
    database: dict[str, Any] = {}
    columns: dict[str, list[NDArray[Any]]] = {"video": [], "segment": [], "label": [], "score": []}
    for index, name in enumerate(names):
        start = random.uniform(0, 190, truths)
        segment = np.stack([start, start + random.exponential(4.0, truths) + 0.5], axis=-1)
        label = random.choice(random.integers(0, labels, 2), truths)
        listed = zip(segment.tolist(), label.tolist(), strict=True)
        annotated = [{"segment": each, "label": LABELS[one], "label_id": one} for each, one in listed]
        database[name] = {"subset": "Test", "fps": 30.0, "duration": 240.0, "annotations": annotated}
        near = random.integers(0, truths, each)
        moved = segment[near] + random.normal(0, 0.8, (each, 2))
        anywhere = random.uniform(0, 190, each)
        loose = np.stack([anywhere, anywhere + random.exponential(4.0, each) + 0.5], axis=-1)
        hits = (random.random(each) < 0.5) & (moved[:, 1] > moved[:, 0])
        columns["video"].append(np.full(each, index))
        columns["segment"].append(np.where(hits[:, None], moved, loose))
        columns["label"].append(np.where(hits, label[near], random.choice(label, each)))
        columns["score"].append(random.random(each) * np.where(hits, 1.0, 0.7))
    for number in range(labels):  # every label has a truth
        lonely = {"segment": [200.0, 210.0], "label": LABELS[number], "label_id": number}
        database[names[number % videos]]["annotations"].append(lonely)
    folder.mkdir(parents=True, exist_ok=True)
    joined: dict[str, Any] = {key: np.concatenate(parts) for key, parts in columns.items()}
    np.savez(folder / "detections.npz", **joined)
    (folder / "videos.json").write_text(json.dumps(names))
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    return folder


def listed(segments: NDArray[Any], scores: NDArray[Any], labels: NDArray[Any]) -> list[list[float]]:
    """Detections as rows (label, start, end, score) in an order that does not hang on near-ties."""
    rows = np.column_stack([labels, segments, scores]).astype(np.float64)
    ordered: list[list[float]] = np.round(rows[np.lexsort(rows.T[::-1])], 6).tolist()
    return ordered


QUANTILES: Mapping[str, tuple[int, ...]] = {
    "Test": (
        *(109, 250, 354, 505, 576, 728, 797, 892, 960, 1091),
        *(1226, 1324, 1383, 1534, 1611, 1702, 1842, 2202, 3094, 5028, 12547),
    ),
    "Validation": (
        *(63, 228, 275, 383, 503, 609, 756, 841, 965, 1019),
        *(1134, 1260, 1340, 1429, 1572, 1712, 2059, 2301, 3337, 5240, 10567),
    ),
}
"""Lengths of THUMOS14's videos in steps of 4 frames at 30 fps, at every twentieth part of the split."""


def sampled_lengths(split: str, count: int, annotations: Path | None = None) -> list[int]:
    """A systematic sample of a split's lengths: the middles of `count` equal parts of the videos by length.

    From the durations in the annotation file, or without one between `QUANTILES`.
    """
    places = (np.arange(count) + 0.5) / count
    if annotations is None:
        known = QUANTILES[split]
        return [round(x) for x in np.interp(places, np.linspace(0, 1, len(known)), known)]
    videos = json.loads(annotations.read_text())["database"].values()
    durations = sorted(video["duration"] for video in videos if video["subset"] == split)
    if not durations:
        raise ValueError(f"{annotations}: no video in split {split!r}")
    lengths = [max(int((seconds * 30 - 16) / 4) + 1, 1) for seconds in durations]
    return [lengths[int(place * len(lengths))] for place in places]
