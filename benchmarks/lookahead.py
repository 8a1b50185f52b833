"""What a short lookahead costs: the actions that `logotal watch` tells, for several values of its `--lookahead`.

python -m benchmarks.lookahead demo/run        a run whose evaluation videos have features

For each lookahead: how late an action is told at most, beyond half of the longest action (what computing takes comes on
top), and how the actions that are shown compare with the labels; in the last row those of `logotal detect`.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from logotal.data.selection import make_grid, open_source
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.inference.predictor import Predictor
from logotal.inference.streaming import StreamingDetector
from logotal.runs.load import load_run
from logotal.runs.provenance import read_provenance
from logotal.runs.split import detect_split
from logotal.timeline import Timeline

LOOKAHEADS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    predictor, provenance, whole = load_run(run), read_provenance(run), detect_split(run)
    longest = provenance.longest_action if provenance else None
    truths = [video for video in whole.annotations.videos.values() if video.split == whole.split]
    labels = whole.annotations.labels
    print(f"{len(truths)} videos, {sum(len(video.actions) for video in truths)} actions, longest {longest} s")
    print("| lookahead | told after the end, at most | F1 at tIoU 0.5 |\n|---:|---:|---:|")
    for lookahead in LOOKAHEADS:
        found, late = watched(predictor, truths, lookahead, longest)
        print(f"| {lookahead:g} s | half + {late:.1f} s | {100 * segment_f1(truths, found, labels).micro.f1:.1f} |")
    shown = (predictor.pipeline.shown(timeline) for timeline in whole.timelines)
    print(f"| `detect` | - | {100 * segment_f1(truths, shown, labels).micro.f1:.1f} |")


def watched(
    predictor: Predictor, truths: Iterable[VideoTruth], lookahead: float, longest: float | None
) -> tuple[list[Timeline], float]:
    """What is told of each video, a feature at a time; the seconds beyond half of the longest action."""
    data, found, late = predictor.config.data, [], 0.0
    features = open_source(data, predictor.config.model.input_channels).features
    for video in truths:
        rows = features.read(video.id)
        grid = make_grid(data, length=len(rows), fps=video.fps, duration=video.duration, where=video.id)
        stream = StreamingDetector(predictor, grid, lookahead=lookahead, longest=longest)
        told = [action for row in rows for action in stream.push(row[None])] + stream.finish(video.duration)
        found.append(Timeline(video.id, tuple(told), video.duration))
        late = max(late, stream.latency - stream.half * stream.grid.clip_stride / stream.grid.fps)
    return found, late


if __name__ == "__main__":
    main()
