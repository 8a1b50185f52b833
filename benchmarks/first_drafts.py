"""From a folder of videos to drafts that are worth correcting: the first two rounds of `logotal app`, timed.

python -m benchmarks.first_drafts --folder F    some minutes for each seed, on an idle machine

Eight rendered videos of some 22 seconds. In the first round five of them are marked, in the second two more; the drafts
of what is left are compared with the truth. Marking itself takes a person's time, which nothing here measures.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measures import with_deviation
from logotal.app.drafts import read_drafts
from logotal.app.jobs import NETWORKS
from logotal.app.opening import new_video, open_store
from logotal.app.results import rounds
from logotal.app.rounds import play_round
from logotal.callbacks import Progress, silent
from logotal.demo.rendered import LABELS, write_rendered
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import Annotations, read_annotations
from logotal.timeline import Timeline

FIRST, SECOND, ALL = 5, 7, 8


class Steps:
    """The seconds that each step of a round took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.name = ""
        self.began = time.monotonic()

    def begin(self, name: str) -> Progress:
        """Begins a step, which ends the one before."""
        now = time.monotonic()
        if self.name:
            self.seconds[self.name] = self.seconds.get(self.name, 0.0) + now - self.began
        self.name, self.began = name, now
        return silent


def main() -> None:
    """Plays the rounds of each seed and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for videos and projects; must be new")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the videos")
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS), metavar="NETWORK")
    arguments = parser.parse_args()
    print("| network, round | actions marked | features, s | learning, s | drafts, s | F1 | drafts right |")
    print("|---|---|---|---|---|---|---|")
    for network in arguments.networks:
        found = [list(play(arguments.folder / network / str(seed), seed, network)) for seed in arguments.seeds]
        for number, rows in enumerate(zip(*found, strict=True), start=1):
            print(
                f"| {network}, round {number} | {' | '.join(map(with_deviation, zip(*rows, strict=True)))} |",
                flush=True,
            )


def play(project: Path, seed: int, network: str) -> Iterator[list[float]]:
    """The numbers of both rounds."""
    write_rendered(project, training=ALL, validation=0, seed=seed)
    (project / "annotations.json").rename(project.with_suffix(".json"))
    truth = read_annotations(project.with_suffix(".json"))
    names = sorted(truth.videos)
    for number, (first, last) in enumerate([(0, FIRST), (FIRST, SECOND)], start=1):
        store = open_store(project)
        places = {name: project / store.video(name).file for name in names[first:last]}
        store.put_videos({name: new_video(file, truth.videos[name], project) for name, file in places.items()})
        store.save()
        steps = Steps()
        play_round(project, number, NETWORKS[network], steps.begin, silent)
        steps.begin("end")
        done = next(each for each in rounds(project) if each.number == number)
        seconds = [steps.seconds[name] for name in ("extract", "train", "detect")]
        yield [done.actions, *seconds, 100 * (done.f1 or 0.0), 100 * share_right(project, truth)]


def share_right(project: Path, truth: Annotations) -> float:
    """The share of the drafts that are right at tIoU 0.5."""
    videos = read_drafts(project).videos
    drafts = [Timeline(name, tuple(each.action for each in found)) for name, found in videos.items()]
    return segment_f1([truth.videos[name] for name in videos], drafts, LABELS).micro.precision


if __name__ == "__main__":
    main()
