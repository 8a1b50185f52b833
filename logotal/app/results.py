"""The results of rounds: what a model found, missed and got wrong in videos that it has not learned from."""

from pathlib import Path

from pydantic import BaseModel

from logotal.files.json import read_json
from logotal.files.model import Count, parsed_model
from logotal.files.whole import write_whole
from logotal.formats.edited import FROZEN
from logotal.places import APP, WORK

KINDS_OF_PAGES = ("report", "diagnosis")
"""The pages about a round: its numbers and its best and worst videos; its errors."""


class Fate(BaseModel):
    """How a label fares: its actions, and how many of the model's are right and wrong."""

    model_config = FROZEN
    label: str
    actions: Count
    found: Count
    missed: Count
    wrong: Count


class Place(BaseModel):
    """A place where the model and the labels disagree."""

    model_config = FROZEN
    video: str
    start: float
    label: str
    sentence: str


class Round(BaseModel):
    """The result of a round; without `measure` there were too few videos to score any.

    `learned` are the videos that the model has learned from; `f1` and `map` are fractions.
    """

    model_config = FROZEN
    number: Count
    time: str
    network: str
    actions: Count
    videos: Count
    minutes: float
    drafts: Count
    learned: list[str]
    measure: str | None = None
    f1: float | None = None
    map: float | None = None
    found: Count = 0
    missed: Count = 0
    wrong: Count = 0
    per_label: list[Fate] = []
    advice: list[str] = []
    places: list[Place] = []


def rounds(project: Path) -> list[Round]:
    """The results of the rounds so far, the oldest first."""
    paths = [rounds_folder(project) / f"{number}.json" for number in numbers_in(rounds_folder(project))]
    return [parsed_model(read_json(path), path, Round) for path in paths]


def numbers_in(folder: Path) -> list[int]:
    """The numbers of the JSON files that are called by one, rising."""
    return sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal())


def write_round(project: Path, result: Round) -> None:
    """Keeps the result of a round."""
    write_whole(rounds_folder(project) / f"{result.number}.json", result.model_dump_json(indent=1).encode())


def page_of(project: Path, number: int, kind: str) -> Path:
    """Where a page about a round lies, one of `KINDS_OF_PAGES`."""
    return rounds_folder(project) / str(number) / f"{kind}.html"


def pages_of(project: Path, number: int) -> list[str]:
    """Which pages there are about a round."""
    return [kind for kind in KINDS_OF_PAGES if page_of(project, number, kind).is_file()]


def rounds_folder(project: Path) -> Path:
    """Where the results lie, and the runs of earlier rounds."""
    return project / APP / WORK / "rounds"
