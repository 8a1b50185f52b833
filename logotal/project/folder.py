"""A project folder: what lies where in it. Commands that are given one find the rest by themselves.

annotations.json, recipe.yaml   `logotal init` writes them
features/                       `logotal extract PROJECT`
run/                            `logotal train PROJECT`
timelines.html                  `logotal detect PROJECT`
"""

from pathlib import Path

from logotal.errors import InputError
from logotal.json_file import read_json

RECIPE = "recipe.yaml"
RUN = "run"


def is_project(folder: str | Path) -> bool:
    """Whether a folder is a project and not a run, which has a config.yaml."""
    return (Path(folder) / RECIPE).is_file() and not (Path(folder) / "config.yaml").is_file()


def run_folder(path: str | Path) -> Path:
    """The run in a project folder; the path itself where it is none."""
    return Path(path) / RUN if is_project(path) else Path(path)


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
