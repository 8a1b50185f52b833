"""The files of a project: written whole, the same for the same videos and labels, and never over somebody else's.

`annotations.json` first and `recipe.yaml` last: a folder with both is a whole project.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import dumps, read_json
from logotal.files.whole import write_together
from logotal.formats.annotations import VideoTruth
from logotal.formats.database_labels import OURS
from logotal.formats.options import Options, stored_options
from logotal.places import ANNOTATIONS, RECIPE

VERSION = f"{OURS} 1"
READING = "reading"
"""The key of what a person said about the label files."""


def annotations_text(
    videos: Sequence[VideoTruth], files: Mapping[str, Path], *, out: Path, options: Options | None = None
) -> str:
    """ActivityNet JSON, a video and an action a line; `files` says where each video lies.

    What a person said about the label files (`options`) stands there too, so that the next `init` need not be told.

    Raises:
        InputError: a path or a label is not valid text.
    """
    blocks = []
    for video in videos:
        entry: dict[str, Any] = {"file": _relative(files[video.id], out), "subset": video.split, "group": video.group}
        entry |= {"duration": video.duration, "fps": video.fps}
        if video.ignored:
            entry["ignored"] = [list(span) for span in video.ignored]
        head = dumps(entry)[:-1]
        actions = ",\n   ".join(
            dumps({"segment": [action.start, action.end], "label": action.label}) for action in video.actions
        )
        listed = f"[\n   {actions}]" if actions else "[]"
        blocks.append(f'  {dumps(video.id)}: {head},\n  "annotations": {listed}}}')
    body = ",\n".join(blocks)
    given = options.given() if options else {}
    told = f' "{READING}": {dumps(given)},\n' if given else ""
    text = f'{{"version": {dumps(VERSION)},\n{told} "database": {{\n{body}\n}}}}\n'
    try:
        text.encode()
    except UnicodeEncodeError as error:
        bad = error.object[max(error.start - 30, 0) : error.end + 10]
        raise InputError(f"a video or label is not valid text, found {bad!r}; rename it") from error
    return text


def read_options(out: Path) -> Options:
    """What a person said about the label files of the project in a folder, when it was made.

    Raises:
        InputError: the annotations of the project cannot be read.
    """
    path = out / ANNOTATIONS
    if not is_ours(path):
        return Options()
    content = read_json(path)
    return stored_options(content.get(READING, {}), f"{path}: {READING!r}")


def refuse_foreign(out: Path) -> None:
    """Makes sure that nothing of the user's would be written over.

    Raises:
        InputError: `out` is no folder, or its annotations.json is not ours.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: expected a folder for the project, found a file; name another with --out")
    path = out / ANNOTATIONS
    if path.exists() and not is_ours(path):
        raise InputError(
            f"{path}: not made by `logotal init`, so it is left alone; name another folder for the project with --out"
        )


def is_ours(path: Path) -> bool:
    """Whether a file of annotations was written here."""
    try:
        with path.open("rb") as file:
            return file.read(256).startswith(f'{{"version": "{OURS}'.encode())
    except OSError:
        return False


def write_project(out: Path, annotations: str, recipe: str, *, overwrite: bool) -> bool:
    """Writes the two files, and says whether there was anything to write.

    Raises:
        InputError: the folder holds another project and `overwrite` is not given, or it cannot be written.
    """
    contents = {out / ANNOTATIONS: annotations.encode(), out / RECIPE: recipe.encode()}
    held = {path: path.read_bytes() for path in contents if path.is_file()}
    if held == contents:
        return False
    # Annotations without a recipe are those of an interrupted call.
    if (out / RECIPE) in held and not overwrite:
        differs = " and ".join(path.name for path, content in contents.items() if held.get(path) != content)
        raise InputError(
            f"{out}: holds a project already, and its {differs} would change; "
            "replace it with --overwrite, or name another folder with --out"
        )
    write_together(contents)
    return True


def _relative(path: Path, out: Path) -> str:
    """Where a file lies, as seen from the project."""
    try:
        return Path(os.path.relpath(path.resolve(), out.resolve())).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()
