"""A project folder opened: what its recipe says of the data, and where its videos lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, with_config
from typing_extensions import TypedDict

from logotal.config import DataConfig
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import STRICT, Each, parsed_model
from logotal.files.whole import is_file
from logotal.places import RECIPE
from logotal.recipes import read_recipe
from logotal.words import command


@with_config(STRICT)
class _Video(TypedDict):
    file: Annotated[str, Field(description="where the video lies")]


class _Annotations(BaseModel):
    """What this module reads of the annotations that `logotal init` writes."""

    model_config = STRICT

    database: Annotated[dict[str, _Video], Each("video")]


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
    cure = f"make the project anew with `{command('init', project)}`"
    content = parsed_model(read_json(annotations), annotations, _Annotations, cure=cure)
    files = {}
    for name, entry in content.database.items():
        files[name] = project / entry["file"]
        if not is_file(files[name]):
            raise InputError(
                f"{files[name]}: no such video; {annotations} says that {name!r} lies there; put it back, or take it "
                f"out of the project with `{command('init', project)}`"
            )
    return files
