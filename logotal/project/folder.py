"""A project folder: what lies where in it. Commands that are given one find the rest by themselves.

annotations.json, recipe.yaml   `logotal init` writes them
features/                       `logotal extract PROJECT`
run/                            `logotal train PROJECT`
timelines.html                  `logotal detect PROJECT`
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logotal.errors import InputError
from logotal.files.json import read_json

if TYPE_CHECKING:
    from logotal.config import DataConfig

RECIPE = "recipe.yaml"
RUN = "run"


def is_project(folder: str | Path) -> bool:
    """Whether a folder is a project and not a run, which has a config.yaml."""
    return (Path(folder) / RECIPE).is_file() and not (Path(folder) / "config.yaml").is_file()


def run_folder(path: str | Path) -> Path:
    """The run in a project folder; the path itself where it is none."""
    return Path(path) / RUN if is_project(path) else Path(path)


@dataclass(frozen=True)
class Project:
    """What a project's recipe says of its data, where they are, and the video file of each annotated video."""

    data: "DataConfig"
    annotations: Path
    features: Path
    videos: dict[str, Path]


def open_project(folder: Path) -> Project:
    """The project in a folder.

    Raises:
        InputError: its recipe is unusable or does not say where annotations and features lie, or a video is gone.
    """
    from logotal.recipes import read_recipe  # noqa: PLC0415 - which looks for projects by this module

    data = read_recipe(str(folder)).data
    if data.annotations is None or data.features is None:
        raise InputError(f"{folder / RECIPE}: expected data.annotations and data.features to be set")
    return Project(data, data.annotations, data.features, project_videos(folder, data.annotations))


def project_videos(project: Path, annotations: Path) -> dict[str, Path]:
    """The video file of each annotated video, by id.

    Raises:
        InputError: the annotations do not say where a video lies, or it does not lie there any more.
    """
    content = read_json(annotations)
    database = content.get("database") if isinstance(content, dict) else None
    if not isinstance(database, dict):
        raise InputError(f"{annotations}: expected the 'database' of videos that `logotal init` writes")
    files = {}
    for name, entry in database.items():
        if not (isinstance(entry, dict) and isinstance(entry.get("file"), str)):
            raise InputError(f"{annotations}: video {name!r} has no 'file'; make the project anew with `logotal init`")
        files[name] = project / entry["file"]
        if not files[name].is_file():
            raise InputError(f"{files[name]}: no such video; {annotations} says that {name!r} lies there")
    return files
