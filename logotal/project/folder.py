"""A project folder opened: what its recipe says of the data, and where its videos lie."""

from dataclasses import dataclass
from pathlib import Path

from logotal.config import DataConfig
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.whole import is_file
from logotal.places import RECIPE
from logotal.recipes import read_recipe
from logotal.words import command


@dataclass(frozen=True)
class Project:
    """What a project's recipe says of its data, where they are, and the video file of each annotated video."""

    data: DataConfig
    annotations: Path
    features: Path
    videos: dict[str, Path]


def open_project(folder: Path) -> Project:
    """The project in a folder.

    Raises:
        InputError: its recipe is unusable or does not say where annotations and features lie, or a video is gone.
    """
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
            raise InputError(
                f"{annotations}: video {name!r} has no 'file'; make the project anew with `{command('init', project)}`"
            )
        files[name] = project / entry["file"]
        if not is_file(files[name]):
            raise InputError(
                f"{files[name]}: no such video; {annotations} says that {name!r} lies there; put it back, or take it "
                f"out of the project with `{command('init', project)}`"
            )
    return files
