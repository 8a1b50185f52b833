"""What folds of the rendered videos found and missed, and a page of pictures of errors: for docs/few-labels.md.

python -m benchmarks.found_and_missed --folder F     after `python -m benchmarks.few_labels rendered --folder F`
"""

import argparse
import base64
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from benchmarks.few_labels import DEEP, POSED, PROPOSED
from benchmarks.ways import in_path
from logotal.app.pictures import pictures_at
from logotal.evaluation.detections import read_detections
from logotal.evaluation.tiou import tiou_of
from logotal.formats.annotations import Annotations, VideoTruth, read_annotations
from logotal.report.charts.svg import timeline_svg
from logotal.report.sheet import Section, paragraph, picture, sheet, write_page
from logotal.timeline import Action, Timeline
from logotal.training.fit_operating_point import cross_fitted

TIOU = 0.5
MOST, ROW = 3, 5
"""Videos that are drawn, and pictures side by side."""

Errors = Sequence[tuple[str, Action]]
"""Whether each is missed or false, and the action."""


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("found_and_missed.html"))
    arguments = parser.parse_args()
    truth = read_annotations(arguments.folder / "annotations.json")
    print("| | figures | actions | missed | false |\n|---|---:|---:|---:|---:|")
    for way in (DEEP, POSED):
        runs = arguments.folder / "folds" / in_path(f"{way}, {PROPOSED}") / "0"
        shown = as_shown(truth, sorted(runs.glob("*of5")))
        wrong = {name: wrongly(truth.videos[name], shown[name]) for name in sorted(shown)}
        for figures in (1, 2):
            names = [name for index, name in enumerate(wrong) if figures == (2 if index % 4 == 2 else 1)]
            kinds = [kind for name in names for kind, _ in wrong[name]]
            actions = sum(len(truth.videos[name].actions) for name in names)
            print(f"| {way} | {figures} | {actions} | {kinds.count('missed')} | {kinds.count('false')} |")
    worst = sorted(wrong, key=lambda name: (-len(wrong[name]), name))[:MOST]
    sections = [
        Section(name, list(drawn(truth.videos[name], shown[name], wrong[name], arguments.folder))) for name in worst
    ]
    write_page(arguments.out, sheet("Found and missed", sections), overwrite=True)


def as_shown(truth: Annotations, runs: Sequence[Path]) -> dict[str, Timeline]:
    """What would be shown of each video, detected and cut by what has learned from the other folds alone."""
    parts = [read_detections(run / "detections.json") for run in runs]
    lines = [line for part in parts for line in part]
    names = [{line.video for line in part} for part in parts]
    shown = cross_fitted([truth.videos[line.video] for line in lines], lines, truth.labels, names, tiou=TIOU)
    assert shown is not None
    return {line.video: line for line in shown}


def wrongly(video: VideoTruth, shown: Timeline) -> list[tuple[str, Action]]:
    """The actions that only the truth or only the detections have, by time."""
    missed = [("missed", action) for action in alone(video.actions, shown.actions)]
    false = [("false", action) for action in alone(shown.actions, video.actions)]
    return sorted(missed + false, key=lambda each: each[1].start + each[1].end)


def drawn(video: VideoTruth, shown: Timeline, wrong: Errors, folder: Path) -> Iterator[str]:
    """The timeline of a video above its truth, and the middle of each error side by side."""
    truth = Timeline(video.id, video.actions, video.duration)
    yield picture(timeline_svg(Timeline(video.id, shown.actions, video.duration), truth))
    middles = [(action.start + action.end) / 2 for _, action in wrong]
    images = list(pictures_at(next((folder / "videos").glob(f"{video.id}.*")), middles))
    beside = np.concatenate(images + [np.full_like(images[0], 255)] * (ROW - len(images)), axis=1)
    buffer = io.BytesIO()
    PIL.Image.fromarray(beside).save(buffer, "JPEG", quality=90)
    yield f'<img src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}" alt="">'
    yield paragraph("; ".join(f"{kind}: {one.label}, {one.start:.1f} to {one.end:.1f} s" for kind, one in wrong))


def alone(some: Sequence[Action], others: Sequence[Action]) -> list[Action]:
    """The actions that no other of their label overlaps by a tIoU of half."""
    return [
        one for one in some if not any(other.label == one.label and tiou_of(one, other) >= TIOU for other in others)
    ]


if __name__ == "__main__":
    main()
