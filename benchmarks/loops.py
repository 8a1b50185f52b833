"""Plain loops: what one writes first, in Python alone. They are rivals where nobody's package can be run."""

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import material
from benchmarks.worker import Job, Once

Prepared = tuple[Once, dict[str, Any]]
Segment = tuple[float, float]


def tiou(a: Segment, b: Segment) -> float:
    """Temporal intersection over union."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / (a[1] - a[0] + b[1] - b[0] - shared)


def suppress(candidates: str, keep: int) -> Prepared:
    """Gaussian soft-NMS, class by class."""
    loaded = np.load(candidates)
    given = list(zip(loaded["segments"].tolist(), loaded["scores"].tolist(), loaded["labels"].tolist(), strict=True))

    def once() -> dict[str, Any]:
        kept = []
        for wanted in sorted({label for *_, label in given}):
            left = [[segment, score] for segment, score, label in given if label == wanted]
            for _ in range(keep):
                if not left:
                    break
                best = max(left, key=lambda one: one[1])
                left.remove(best)
                kept.append((best[0], best[1], wanted))
                for other in left:
                    other[1] *= math.exp(-(tiou(best[0], other[0]) ** 2) / 0.5)
                left = [other for other in left if other[1] >= 0.001]
        kept = sorted(kept, key=lambda one: -one[1])[:keep]
        segments, scores, labels = zip(*kept, strict=True)
        return {"found": material.listed(np.array(segments), np.array(scores), np.array(labels))}

    return once, {}


def evaluate(folder: str, tious: list[float], every: int = 1) -> Prepared:
    """MAP and recall@1x and @5x with dictionaries and lists."""
    loaded = np.load(Path(folder) / "detections.npz")
    names: list[str] = json.loads((Path(folder) / "videos.json").read_text())
    columns = [loaded[key][::every].tolist() for key in ("video", "segment", "label", "score")]
    detections = list(zip(*columns, strict=True))

    def once() -> dict[str, Any]:
        database = json.loads((Path(folder) / "annotations.json").read_text())["database"]
        truths: dict[int, dict[str, list[Segment]]] = defaultdict(lambda: defaultdict(list))
        for name, video in database.items():
            for action in video["annotations"]:
                truths[action["label_id"]][name].append(tuple(action["segment"]))
        found: dict[int, list[tuple[float, str, Segment]]] = defaultdict(list)
        for video, segment, label, score in detections:
            found[label].append((score, names[video], segment))
        for listed in found.values():
            listed.sort(reverse=True, key=lambda one: one[0])
        means, recalls = [], []
        for threshold in tious:
            means.append(np.mean([_precision(truths[label], found[label], threshold) for label in truths]))
            recalls += [np.mean([_recall(truths[n], found[n], threshold, k) for n in truths]) for k in (1, 5)]
        return {"numbers": [float(x) for x in (*means, *recalls)]}

    return once, {"detections": len(detections)}


def _precision(truth: dict[str, list[Segment]], found: list[tuple[float, str, Segment]], threshold: float) -> float:
    taken: set[tuple[str, int]] = set()
    precision, hits = [], []
    for rank, (_, video, segment) in enumerate(found, start=1):
        free = [(tiou(segment, one), i) for i, one in enumerate(truth.get(video, ())) if (video, i) not in taken]
        best = max(free, default=(0.0, -1))
        if best[0] >= threshold:
            taken.add((video, best[1]))
            hits.append(rank)
            precision.append(len(hits) / rank)
    area, highest = 0.0, 0.0
    for value in reversed(precision):
        highest = max(highest, value)
        area += highest
    return area / sum(map(len, truth.values()))


def _recall(
    truth: dict[str, list[Segment]], found: list[tuple[float, str, Segment]], threshold: float, k: int
) -> float:
    listed: dict[str, list[Segment]] = defaultdict(list)
    for _, video, segment in found:
        if len(listed[video]) < k * len(truth.get(video, ())):
            listed[video].append(segment)
    covered = sum(
        any(tiou(one, segment) >= threshold for segment in listed[video])
        for video, each in truth.items()
        for one in each
    )
    return covered / sum(map(len, truth.values()))


JOBS: dict[str, Job] = {"suppress": suppress, "evaluate": evaluate}
