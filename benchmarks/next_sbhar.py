"""SBHAR as a set of short videos: the training recordings in pieces of a minute, with the six transitions alone."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from logotal.formats.annotations import VideoTruth, action_entry, read_annotations, video_head
from logotal.places import ANNOTATIONS, FEATURES
from logotal.timeline import Action

SECONDS = 60.0
STEP, CLIP = 0.5, 1.0
"""Seconds between the features of the set, and that each of them sees."""
TRANSITION = "-to-"
"""What the names of the six labels hold that a linear model can localize: activities last longer than it sees."""


def in_pieces(data: Path, folder: Path) -> dict[str, object]:
    """Writes the pieces, and returns the settings that name them."""
    (folder / FEATURES).mkdir(exist_ok=True)
    entries = {}
    for video in read_annotations(data / ANNOTATIONS).videos.values():
        features = np.load(data / FEATURES / f"{video.id}.npy")
        pieces = round(len(features) * STEP / SECONDS) if video.split == "training" else 1
        edges = np.linspace(0, len(features), pieces + 1).round().astype(int)
        for number, (first, behind) in enumerate(pairwise(edges)):
            piece = _piece(video, number, first * STEP, (behind - 1) * STEP + CLIP)
            np.save(folder / FEATURES / f"{piece.id}.npy", features[first:behind])
            entries[piece.id] = video_head(piece) | {"annotations": [action_entry(each) for each in piece.actions]}
    (folder / ANNOTATIONS).write_text(json.dumps({"database": entries}))
    return {"features": folder / FEATURES, "annotations": folder / ANNOTATIONS}


def _piece(video: VideoTruth, number: int, begin: float, end: float) -> VideoTruth:
    """A piece with the transitions of which at least half lies in it."""
    actions = []
    for each in video.actions:
        start, stop = max(each.start, begin) - begin, min(each.end, end) - begin
        if TRANSITION in each.label and stop - start >= each.duration / 2:
            actions.append(Action(start, stop, each.label))
    return replace(video, id=f"{video.id}_{number:02}", actions=tuple(actions), duration=end - begin, group=video.id)
