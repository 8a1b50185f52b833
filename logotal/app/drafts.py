"""Drafts: what the model of the last round found, and what of it nobody has answered yet."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from logotal.evaluation.unanswered import is_unanswered
from logotal.files.json import read_json
from logotal.files.model import Count, Each, Listed, parsed_model
from logotal.files.whole import write_whole
from logotal.formats.edited import FROZEN, EditedVideo, Rejected
from logotal.places import APP, WORK
from logotal.timeline import Action, Timeline


class Draft(Rejected):
    """An action that a model found."""

    score: Annotated[float, Field(ge=0, le=1, description="a score from 0 to 1")]

    @property
    def action(self) -> Action:
        """The same as an action."""
        return Action(self.start, self.end, self.label, self.score)


class Drafts(BaseModel):
    """The drafts of each video, by id, and the number of the round that made them."""

    model_config = FROZEN
    number: Count = 0
    videos: dict[str, Annotated[Listed[Draft], Each("draft")]] = {}

    @property
    def labels(self) -> set[str]:
        """The labels that the model knows and has found."""
        return {draft.label for listed in self.videos.values() for draft in listed}

    def open_in(self, name: str, video: EditedVideo) -> list[Draft]:
        """The drafts that no marked action and no rejection answers, and that lie where nobody has looked."""
        return [draft for draft in self.videos.get(name, ()) if is_unanswered(draft.action, video)]


def read_drafts(project: Path) -> Drafts:
    """The drafts of the last round; none before the first."""
    path = _path(project)
    return parsed_model(read_json(path), path, Drafts) if path.is_file() else Drafts()


def write_drafts(project: Path, number: int, found: Iterable[Timeline]) -> None:
    """Keeps what a round found."""
    videos = {
        line.video: [Draft(start=each.start, end=each.end, label=each.label, score=each.score) for each in line]
        for line in found
    }
    write_whole(_path(project), Drafts(number=number, videos=videos).model_dump_json().encode())


def _path(project: Path) -> Path:
    return project / APP / WORK / "drafts.json"
