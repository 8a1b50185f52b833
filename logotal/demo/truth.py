"""The annotation file of a data set that is made up."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from logotal.files.whole import write_whole
from logotal.places import ANNOTATIONS
from logotal.timeline import Timeline


def write_truth(
    folder: Path, timelines: Iterable[Timeline], labels: Sequence[str], *, fps: float, version: str
) -> None:
    """Writes annotations.json; videos are called SPLIT_NUMBER."""
    database = {
        timeline.video: {
            "subset": timeline.video.split("_")[0],
            "duration": timeline.duration,
            "fps": fps,
            "annotations": [
                {"label": a.label, "label_id": labels.index(a.label), "segment": [a.start, a.end]} for a in timeline
            ],
        }
        for timeline in timelines
    }
    text = json.dumps({"version": version, "database": database}, indent=1)
    write_whole(folder / ANNOTATIONS, f"{text}\n".encode())
