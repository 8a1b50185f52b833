"""The files of a project: written whole, the same for the same videos and labels, and never over somebody else's.

`annotations.json` first and `recipe.yaml` last: a folder with both is a whole project.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import dumps
from logotal.files.remote import refuse_remote
from logotal.files.target import keep_copy
from logotal.files.text import open_plain
from logotal.files.whole import write_together
from logotal.formats.annotations import VideoTruth, action_entry, video_head
from logotal.formats.database_labels import OURS
from logotal.formats.options import Options
from logotal.places import ANNOTATIONS, RECIPE

VERSION = f"{OURS} 1"
READING = "reading"
"""The key of what a person said about the label files."""
HELD_BACK = "held_back"
"""The key of the part that a person wants to be held back."""
FILE, LABEL_FILES = "file", "label_files"
"""The keys of a video that say where it lies, and what the label files said of its split, group and ignored spans."""


def annotations_text(
    videos: Sequence[VideoTruth],
    files: Mapping[str, Path],
    *,
    out: Path,
    options: Options | None = None,
    held_back: float | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """ActivityNet JSON, a video and an action a line; `files` says where each video lies.

    What a person said about the label files (`options`) and the part to hold back stands there too, so that the next
    `init` need not be told; `more` are further keys of videos.

    Raises:
        InputError: a path or a label is not valid text.
    """
    blocks = []
    for video in videos:
        entry: dict[str, Any] = {FILE: _relative(files[video.id], out), **video_head(video)}
        head = dumps(entry | dict((more or {}).get(video.id, {})))[:-1]
        actions = ",\n   ".join(dumps(action_entry(action)) for action in video.actions)
        listed = f"[\n   {actions}]" if actions else "[]"
        blocks.append(f'  {dumps(video.id)}: {head},\n  "annotations": {listed}}}')
    body = ",\n".join(blocks)
    given = {READING: options.given() if options else None, HELD_BACK: held_back}
    told = "".join(f" {dumps(key)}: {dumps(value)},\n" for key, value in given.items() if value not in (None, {}))
    text = f'{{"version": {dumps(VERSION)},\n{told} "database": {{\n{body}\n}}}}\n'
    try:
        text.encode()
    except UnicodeEncodeError as error:
        bad = error.object[max(error.start - 30, 0) : error.end + 10]
        raise InputError(f"a video or label is not valid text, found {bad!r}; rename it") from error
    return text


def refuse_foreign(out: Path) -> None:
    """Makes sure that nothing of the user's would be written over.

    Raises:
        InputError: `out` is no folder here, or its annotations.json is not ours.
    """
    refuse_remote(out, "a project folder")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: expected a folder for the project, found a file; name another with --out")
    path = out / ANNOTATIONS
    if path.exists() and not is_ours(path):
        raise InputError(
            f"{path}: not made by `logotal init`, so it is left alone; name another folder for the project with --out"
        )


def is_ours(path: Path) -> bool:
    """Whether a file of annotations was written here.

    Raises:
        InputError: it is a pipe, a socket, a device or a folder.
    """
    try:
        with open_plain(path) as file:
            return re.match(rf'\s*{{\s*"version"\s*:\s*"{OURS}'.encode(), file.read(256)) is not None
    except OSError:
        return False


def write_project(out: Path, annotations: str, recipe: str | None, *, overwrite: bool) -> bool:
    """Writes what changed, and says whether there was anything to write.

    Args:
        out: the folder.
        annotations: the text of the annotations.
        recipe: that of the recipe; None leaves the one that is there.
        overwrite: replaces the recipe too; copies of both stay beside them.

    Where the recipe is gone, a copy of the annotations stays beside them: they may hold edits.

    Raises:
        InputError: a recipe lies there without its annotations and `overwrite` is not given, or nothing can be written.
    """
    texts = {out / ANNOTATIONS: annotations} | ({} if recipe is None else {out / RECIPE: recipe})
    held = {path: path.read_bytes() for path in texts if path.is_file()}
    if all(_is_same(held.get(path), text) for path, text in texts.items()):
        return False
    if (out / RECIPE) in held and not overwrite:
        raise InputError(
            f"{out}: holds a {RECIPE} that is not of this project; replace it with --overwrite (a copy stays beside "
            "it), or name another folder with --out"
        )
    if overwrite or (out / RECIPE) not in held:
        for path in held:
            keep_copy(path)
    write_together({path: text.encode() for path, text in texts.items()})
    return True


def _is_same(held: bytes | None, text: str) -> bool:
    """Whether a file says what a text says; a person may have written the same JSON on other lines."""
    if held is None or held == text.encode():
        return held is not None
    try:
        return bool(json.loads(held) == json.loads(text))
    except ValueError:
        return False


def _relative(path: Path, out: Path) -> str:
    """Where a file lies, as seen from the project."""
    try:
        return Path(os.path.relpath(path.resolve(), out.resolve())).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()
