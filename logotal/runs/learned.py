"""What a run has learned from, which is never scored (law 11), whatever happened to the annotations since.

videos.json of a run holds the videos that it was trained on and those that were held out of its training, each with
its group: `{"learned_from": {"video_1": "person 3"}, "held_out": {"video_2": null}}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel

from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import EXACT, parsed_model
from logotal.files.text import is_there
from logotal.files.whole import write_whole
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.places import VIDEOS

UNKNOWN = "it is not known what this model has learned from: make sure that none of these videos was among it"


class _Content(BaseModel):
    """The file."""

    model_config = EXACT
    learned_from: dict[str, str | None]
    held_out: dict[str, str | None]


@dataclass(frozen=True)
class Learned:
    """The videos that a run was trained on, and those that were held out, each with its group where it has one.

    >>> learned = Learned({"v1": "Ann", "v2": None}, {})
    >>> learned.reason(VideoTruth("v3", "validation", group="Ann"))
    "the model has learned from other videos of group 'Ann'"
    """

    videos: Mapping[str, str | None]
    held_out: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, training: Sequence[VideoTruth], held_out: Sequence[VideoTruth]) -> "Learned":
        """What a training on some videos learns from."""
        return cls({video.id: video.group for video in training}, {video.id: video.group for video in held_out})

    def reason(self, video: VideoTruth) -> str | None:
        """Why a video must not be scored; None where it may be."""
        if video.id in self.videos:
            return "the model has learned from it"
        if video.group is not None and video.group in self.videos.values():
            return f"the model has learned from other videos of group {video.group!r}"
        return None

    def among(self, videos: Sequence[VideoTruth]) -> tuple[str, ...]:
        """The ids of those of some videos that must not be scored."""
        return tuple(video.id for video in videos if self.reason(video) is not None)

    def without(self, annotations: Annotations, split: str) -> tuple[Annotations, tuple[str, ...]]:
        """The annotations without the videos of a split that must not be scored, and a sentence for each of them.

        Raises:
            InputError: no video of the split is left.
        """
        listed = annotations.split(split)
        reasons = {video.id: reason for video in listed if (reason := self.reason(video)) is not None}
        if len(reasons) == len(listed):
            raise InputError(
                f"{annotations.source}: the model has learned from all {len(listed)} videos of split {split!r}, or "
                "from others of their groups; score it on videos that it has not seen (--split NAME)"
            )
        videos = {name: video for name, video in annotations.videos.items() if name not in reasons}
        left_out = tuple(f"{name}: {reason}; it is not scored" for name, reason in reasons.items())
        return replace(annotations, videos=videos), left_out

    def write(self, folder: Path) -> None:
        """Writes videos.json into a run folder."""
        content = {"learned_from": dict(self.videos), "held_out": dict(self.held_out)}
        write_whole(folder / VIDEOS, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_learned(folder: Path) -> Learned | None:
    """What the run in a folder has learned from; None where it does not say, as a converted checkpoint.

    Raises:
        InputError: its file is not as expected.
    """
    path = folder / VIDEOS
    if not is_there(path):
        return None
    content = parsed_model(read_json(path), path, _Content, cure="copy it from where the run was trained")
    return Learned(content.learned_from, content.held_out)
