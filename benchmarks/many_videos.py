"""Time and memory against the number of videos: what grows faster than it, would not do for 100,000.

    python -m benchmarks.many_videos                    up to 100,000 videos, init and --dry-run up to 10,000
    python -m benchmarks.many_videos --most 10000

Each command runs by itself, as a user runs it. Videos and features are hard links to a few small files, so that the
disk holds them. Of time and of memory the growth is fitted as a power of the number of videos, on what a command needs
besides what it needs for ten.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from logotal.video.writer import write_video

SMALLEST, STEPS, LINKS = 10, 4, 30_000
"""Videos that a command is compared with; sizes that are tried, evenly on a logarithmic scale; links to one file."""
LABELS = ("jump", "run", "sit")
RECIPE = """\
model: {width: 64, levels: 4}
data: {fps: 30, clip_stride: 4, clip_frames: 16, training_split: training, evaluation_split: validation}
"""
OPENING, MOST_OPENED = ("init", "extract --dry-run"), 10_000
"""Commands that open each video, and the most that they are given."""


@dataclass(frozen=True)
class Cost:
    """What a command needed: seconds, and MiB at most."""

    seconds: float
    mebibytes: float


def annotations(count: int) -> dict[str, object]:
    """Five actions in each of so many videos of 40 s, a fifth of the videos to evaluate on."""
    rng = np.random.default_rng(0)
    starts = rng.uniform(0, 30, (count, 5)).round(2).tolist()
    database = {
        f"video_{number:06}": {
            "subset": "validation" if number % 5 == 0 else "training",
            "duration": 40.0,
            "annotations": [
                {"segment": [start, start + 4], "label": LABELS[k % 3]} for k, start in enumerate(of_video)
            ],
        }
        for number, of_video in enumerate(starts)
    }
    return {"database": database}


def detections(truth: dict[str, object]) -> dict[str, object]:
    """Ten detections in each video."""
    rng = np.random.default_rng(1)
    database = truth["database"]
    assert isinstance(database, dict)
    results = {}
    for name in database:
        starts, scores = rng.uniform(0, 30, 10).round(2).tolist(), rng.uniform(0, 1, 10).round(4).tolist()
        results[name] = [
            {"segment": [start, start + 4], "label": LABELS[k % 3], "score": score}
            for k, (start, score) in enumerate(zip(starts, scores, strict=True))
        ]
    return {"version": "VERSION 1.3", "results": results, "external_data": {}}


def linked(folder: Path, count: int, suffix: str, make: Callable[[Path], object]) -> None:
    """So many files of one content."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"video_{number:06}{suffix}"
        if number % LINKS == 0:
            make(path)
            source = path
        else:
            os.link(source, path)


def material(folder: Path, count: int, *, videos: bool) -> None:
    """All that the commands read."""
    truth = annotations(count)
    (folder / "annotations.json").write_text(json.dumps(truth))
    (folder / "detections.json").write_text(json.dumps(detections(truth)))
    (folder / "recipe.yaml").write_text(RECIPE)
    features = np.random.default_rng(2).normal(size=(300, 8)).astype(np.float32)
    linked(folder / "features", count, ".npy", lambda path: np.save(path, features))
    if videos:
        frames = np.zeros((50, 32, 32, 3), np.uint8)
        linked(folder / "videos", count, ".mp4", lambda path: write_video(path, frames, fps=25))
        rows = [f"video_{number:06}.mp4,0.2,1.4,{LABELS[number % 3]}\n" for number in range(count)]
        (folder / "videos" / "labels.csv").write_text("video,start,end,label\n" + "".join(rows))


def commands(folder: Path) -> dict[str, list[str]]:
    """What is measured, by name."""
    truth, data = str(folder / "annotations.json"), ["--data.features", str(folder / "features")]
    return {
        "check": ["check", str(folder / "recipe.yaml"), *data, "--data.annotations", truth],
        "suggest": ["suggest", truth, "--fps", "30", "--clip-frames", "16"],
        "evaluate": ["evaluate", str(folder / "detections.json"), "--annotations", truth, "--split", "validation"],
        "init": ["init", str(folder / "videos"), "--backbone", "mobilenetv2"],
        "extract --dry-run": ["extract", str(folder / "videos"), "--dry-run"],  # of the project that init made
    }


def cost(arguments: Sequence[str]) -> Cost:
    """What a command needs.

    Raises:
        SystemExit: it failed.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, "-m", "logotal", *arguments], stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(arguments)} failed: {said.read().decode()[-2000:]}")
    return Cost(time.monotonic() - began, used.ru_maxrss / 1024)


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The power of the size with which values grow, beyond what the smallest size needs."""
    grown = [max(value - values[0], 1e-3) for value in values[1:]]
    return float(np.polyfit(np.log(sizes[1 : len(values)]), np.log(grown), 1)[0])


def table(sizes: Sequence[int], costs: dict[str, list[Cost]]) -> str:
    """A row for each command."""
    header = "| command | " + " | ".join(f"{size:,}" for size in sizes) + " | time grows as | memory grows as |"
    rows = [header, "|---|" + "---:|" * (len(sizes) + 2)]
    for name, found in costs.items():
        cells = [f"{each.seconds:.1f} s, {each.mebibytes:,.0f} MiB" for each in found]
        cells += [""] * (len(sizes) - len(found))
        powers = [
            f"n^{exponent(sizes, [getattr(each, key) for each in found]):.2f}" for key in ("seconds", "mebibytes")
        ]
        rows.append(f"| `{name}` | {' | '.join(cells)} | {' | '.join(powers)} |")
    return "\n".join(rows)


def main() -> None:
    """Measures all sizes, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000)
    arguments = parser.parse_args()
    larger = np.geomspace(arguments.most / 10 ** ((STEPS - 1) / 2), arguments.most, STEPS).round().astype(int).tolist()
    sizes, costs = [SMALLEST, *larger], dict[str, list[Cost]]()
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            material(folder, size, videos=size <= MOST_OPENED)
            for name, command in commands(folder).items():
                if name not in OPENING or size <= MOST_OPENED:
                    costs.setdefault(name, []).append(cost(command))
                    print(f"{size:,} videos, {name}: {costs[name][-1]}", flush=True)
    print(table(sizes, costs))


if __name__ == "__main__":
    main()
