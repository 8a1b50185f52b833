"""Drafts: what the model of the last round found, and what of it nobody has answered yet."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.evaluation.tiou import tiou_of
from logotal.files.json import read_json
from logotal.files.whole import write_whole
from logotal.formats.edited import EditedVideo, Rejected
from logotal.places import APP, WORK
from logotal.timeline import Action, Timeline

SAME = 0.5
"""tIoU from which on a draft and an answer mean the same action."""
NEAR = 0.5
"""Seconds within which two moments do."""


@dataclass(frozen=True)
class Drafts:
    """The drafts of each video, by id, and the number of the round that made them."""

    number: int
    videos: Mapping[str, tuple[Action, ...]]

    def open_in(self, name: str, video: EditedVideo) -> list[Action]:
        """The drafts that no marked action and no rejection answers, and that lie where nobody has looked."""
        answers: Sequence[Rejected] = [*video.actions, *video.rejected]
        seen = [(start, end) for start, end in video.labelled]
        return [
            draft
            for draft in self.videos.get(name, ())
            if not any(_means(draft, answer) for answer in answers)
            and not any(start <= (draft.start + draft.end) / 2 <= end for start, end in seen)
        ]


def _means(draft: Action, answer: Rejected) -> bool:
    other = Action(answer.start, answer.end, answer.label)
    if draft.label != other.label:
        return False
    if draft.is_moment or other.is_moment:
        return abs(draft.start + draft.end - other.start - other.end) <= 2 * NEAR
    return tiou_of(draft, other) >= SAME


def read_drafts(project: Path) -> Drafts:
    """The drafts of the last round; none before the first."""
    path = _path(project)
    content: dict[str, Any] = read_json(path) if path.is_file() else {"number": 0, "videos": {}}
    return Drafts(
        content["number"],
        {name: tuple(Action(*numbers) for numbers in listed) for name, listed in content["videos"].items()},
    )


def write_drafts(project: Path, number: int, found: Iterable[Timeline]) -> None:
    """Keeps what a round found."""
    videos = {line.video: [[each.start, each.end, each.label, each.score] for each in line] for line in found}
    write_whole(_path(project), json.dumps({"number": number, "videos": videos}, ensure_ascii=False).encode())


def _path(project: Path) -> Path:
    return project / APP / WORK / "drafts.json"
