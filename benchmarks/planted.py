"""Faults planted in the labels of a project before anything is learned: how many are among the first doubts.

python -m benchmarks.planted PROJECT --folder F                     the network that the project has
python -m benchmarks.planted PROJECT --folder F --preset linear     in seconds

PROJECT has features and labels that are right, as the one of docs/own-videos.md. Each seed plants a fault in each of a
dozen videos, two of each kind, trains the folds on the faulty labels, and looks for the faults among the first twenty
doubts; then it looks for doubts about the right labels, by folds that learned from them. Runs that are there stay.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.measures import with_deviation
from logotal.evaluation.doubts import Doubt
from logotal.formats.annotations import Annotations, VideoTruth, action_entry, read_annotations, video_head
from logotal.recipes import read_recipe
from logotal.runs.doubts import doubts_of
from logotal.runs.trial import ALL_LABELS, Trial
from logotal.timeline import Action

FIRST = 20
"""Doubts that a person looks at."""
NEAR = 1.0
"""Seconds between a fault and the doubt about it, at most."""
LIKELY = 0.5
"""The strength from which a label is doubted more than not."""
EACH = 2
"""Videos with a fault of each kind."""


@dataclass(frozen=True)
class Fault:
    """A fault: the kind of doubt that names it, the video, and where in it, unless it is all of the video."""

    kind: str
    video: str
    time: float | None = None

    def is_named(self, doubt: Doubt) -> bool:
        """Whether a doubt is about this fault."""
        if (doubt.kind, doubt.video) != (self.kind, self.video):
            return False
        return self.time is None or doubt.start is None or abs(doubt.start - self.time) <= NEAR


Planted = tuple[VideoTruth, Fault]


def without_one(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """An action is not labelled."""
    first, *rest = video.actions
    return replace(video, actions=tuple(rest)), Fault("missing", video.id, first.start)


def otherwise(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """An action has another label."""
    first, *rest = video.actions
    other = labels[(labels.index(first.label) + 1) % len(labels)]
    return replace(video, actions=(replace(first, label=other), *rest)), Fault("label", video.id, first.start)


def too_fast(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """Times are counted at 30 frames a second in a video of 24."""
    return _moved(video, 24 / 30, 0.0)


def too_late(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """All times are 1.7 s late; what would lie behind the end is not labelled."""
    return _moved(video, 1.0, 1.7)


def _moved(video: VideoTruth, factor: float, shift: float) -> Planted:
    times = ((each, each.start * factor + shift, each.end * factor + shift) for each in video.actions)
    inside = tuple(replace(a, start=start, end=end) for a, start, end in times if end <= (video.duration or end))
    return replace(video, actions=inside), Fault("times", video.id)


def without_any(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """Nothing is labelled, as if nothing happened."""
    return replace(video, actions=()), Fault("empty", video.id)


def with_one_more(video: VideoTruth, labels: tuple[str, ...]) -> Planted:
    """An action is labelled in the widest gap, where nothing happens."""
    ordered = sorted(video.actions, key=lambda action: action.start)
    gaps = zip([0.0, *(a.end for a in ordered)], [*(a.start for a in ordered), video.duration or 0.0], strict=True)
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    like, middle = ordered[0], (begin + end) / 2
    half = min(like.duration, 0.8 * (end - begin)) / 2
    more = Action(middle - half, middle + half, like.label)
    return replace(video, actions=(*video.actions, more)), Fault("not found", video.id, more.start)


KINDS: tuple[Callable[[VideoTruth, tuple[str, ...]], Planted], ...] = (
    *(without_one, otherwise, too_fast),
    *(too_late, without_any, with_one_more),
)


def main() -> None:
    """Plants, trains, and prints a row for each seed and the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="for the faulty labels and the runs")
    parser.add_argument("--preset", help="another network than the project's")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    truth = read_annotations(read_recipe(arguments.project).data.annotations or "")
    found = [seed_of(arguments, truth, seed) for seed in arguments.seeds]
    shares, false, clean = zip(*found, strict=True)
    print(
        f"found {with_deviation(shares)} %; likely and false {with_deviation(false)}; "
        f"of right labels {with_deviation(clean)}"
    )


def seed_of(arguments: argparse.Namespace, truth: Annotations, seed: int) -> tuple[float, int, int]:
    """Faults that are found, in percent, and how many likely doubts are false: about faulty and about right labels."""
    videos, faults = plant(truth, seed)
    doubts = doubts_about(arguments, videos, f"faulty{seed}", seed)
    named = [fault for fault in faults if any(map(fault.is_named, doubts[:FIRST]))]
    likely = [doubt for doubt in doubts if doubt.strength > LIKELY]
    false = sum(not any(fault.is_named(doubt) for fault in faults) for doubt in likely)
    clean = sum(doubt.strength > LIKELY for doubt in doubts_about(arguments, truth.videos, f"right{seed}", seed))
    kinds = ", ".join(sorted(fault.kind for fault in named))
    print(
        f"seed {seed}: {len(named)} of {len(faults)} ({kinds}); likely {len(likely)}, {false} of them false; "
        f"of right labels {clean} likely",
        flush=True,
    )
    return 100 * len(named) / len(faults), false, clean


def plant(truth: Annotations, seed: int) -> tuple[Mapping[str, VideoTruth], list[Fault]]:
    """The videos with faults, each kind in `EACH` of those that have two actions at least."""
    random, videos, faults = np.random.default_rng(seed), dict(truth.videos), []
    able = [name for name, video in videos.items() if len(video.actions) > 1 and not video.ignored]
    drawn = random.permutation(len(able))[: EACH * len(KINDS)]
    for place, number in enumerate(drawn):
        name = able[number]
        videos[name], fault = KINDS[place % len(KINDS)](videos[name], truth.labels)
        faults.append(fault)
    return videos, faults


def doubts_about(
    arguments: argparse.Namespace, videos: Mapping[str, VideoTruth], name: str, seed: int
) -> Sequence[Doubt]:
    """What folds that learned from some labels hold against them."""
    folder = arguments.folder / (arguments.preset or "network") / name
    folder.mkdir(parents=True, exist_ok=True)
    entries = {
        each.id: video_head(each) | {"annotations": [*map(action_entry, each.actions)]} for each in videos.values()
    }
    (folder / "annotations.json").write_text(json.dumps({"database": entries}))
    given = {"data": ALL_LABELS | {"annotations": folder / "annotations.json"}, "training": {"seed": seed}}
    config = read_recipe(arguments.project, given, preset=arguments.preset)
    pooled = Trial.of(config, folder / "folds", 5).pooled(lambda part: None, print)
    return doubts_of(pooled.truth, pooled.timelines).doubts


if __name__ == "__main__":
    main()
