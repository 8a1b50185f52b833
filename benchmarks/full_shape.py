"""Trains one epoch of the thumos14 recipe at full shape, on made-up features for the real annotations.

Made-up 2048-d features, as long as the real videos are, for all 200 + 212 annotated videos; then a whole evaluation.
It shows that a full-size run fits into memory and how long it takes; the numbers it prints mean nothing.

    python benchmarks/full_shape.py --annotations thumos14.json --folder /tmp/full_shape
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from logotal.commands.allocator import keep_freed_memory
from logotal.commands.evaluate import evaluate
from logotal.formats.annotations import read_annotations
from logotal.recipes import read_recipe
from logotal.runs.train import train


def make_features(annotations: Path, folder: Path, *, channels: int = 2048) -> int:
    """Writes features (T, C) of noise, half precision, for every annotated video; returns the number of steps."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = 0
    for index, video in enumerate(read_annotations(annotations).videos.values()):
        assert video.duration is not None
        assert video.fps is not None
        length = max(int((video.duration * video.fps - 16) / 4) + 1, 1)
        noise = np.random.default_rng(index).standard_normal((length, channels), dtype=np.float32)
        np.save(folder / f"{video.id}.npy", noise.astype(np.float16))
        steps += length
    return steps


def main() -> None:
    """Makes the features, trains, evaluates, prints time and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    keep_freed_memory()
    steps = make_features(arguments.annotations, arguments.folder / "features")
    print(f"{steps:,} steps of features")
    overrides = {
        "data": {"features": arguments.folder / "features", "annotations": arguments.annotations},
        "training": {"epochs": 1, "warmup_epochs": 1},
        "inference": {"batch_size": 2},
    }
    started = time.monotonic()
    run = train(read_recipe("thumos14", overrides), arguments.folder / "run", say=print)
    trained = time.monotonic()
    report("training", trained - started)
    evaluate(run.folder)
    report("evaluation", time.monotonic() - trained)


def report(what: str, seconds: float) -> None:
    """Prints how long something took, and the most memory that the process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}: {seconds:.0f} s, peak memory {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    main()
