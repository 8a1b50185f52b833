"""The small copies of videos that a page plays where browsers cannot play the videos themselves."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.files.whole import write_whole
from logotal.places import COPIES
from logotal.video.playable import write_playable


def write_copies(
    files: Mapping[str, Path], folder: Path, *, progress: Progress = silent, say: Say = silent
) -> dict[str, Path]:
    """Writes a copy of each video, and returns where they lie; a video that cannot be copied is said and has none.

    Args:
        files: where each video lies.
        folder: for the copies; an earlier one of such copies, or a new one.
        progress: callback(copies done, copies in all).
        say: callback(sentence).

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    if folder.exists() and not (folder / COPIES).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: the copies of videos belong there, found something else; choose another page name")
    made: dict[str, Path] = {}
    names = _names(list(files))
    # First of all: by this file, what lies in the folder is known for copies and not for videos of the user's.
    origins = {names[video]: str(file) for video, file in files.items()}
    write_whole(folder / COPIES, (json.dumps(origins, indent=1, ensure_ascii=False) + "\n").encode())
    for done, (video, file) in enumerate(files.items()):
        try:
            write_playable(file, folder / names[video], progress=partial(_part, progress, done, len(files)))
            made[video] = folder / names[video]
        except InputError as error:
            say(f"no copy: {error}")
        progress(done + 1, len(files))
    return made


def _names(videos: list[str]) -> dict[str, str]:
    """A file name for each video, no two alike even where case does not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for video in videos:
        stem = "".join("_" if letter in '/\\:*?"<>|' or letter < " " else letter for letter in video)[:60]
        number = 1
        while (name := f"{stem}-{number}.mp4" if number > 1 else f"{stem}.mp4").casefold() in taken:
            number += 1
        taken.add(name.casefold())
        names[video] = name
    return names


def _part(progress: Progress, done: int, total: int, seconds: float, about: int) -> None:
    """Reports the part of a copy that is done besides the whole ones."""
    progress(done + min(seconds / about, 1.0) if about else done, total)
