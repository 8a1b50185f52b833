"""The video files below a folder, and what each is called."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from logotal.errors import InputError
from logotal.files.remote import refuse_remote
from logotal.video.files import SUFFIXES, walk


@dataclass(frozen=True)
class VideoFile:
    """A video file; `relative` is its path below the folder of videos, `id` a name that no other has, and for files."""

    id: str
    path: Path
    relative: PurePosixPath


def find_video_files(folder: Path, known: Mapping[Path, str] | None = None) -> tuple[VideoFile, ...]:
    """The videos in a folder and in the folders below it, in order.

    An id is the file's name without its suffix; where several files would share it, with the folders before it and, if
    need be, with the suffix: `day1__cam2`. A file that has an id keeps it, whatever lies beside it now.

    Args:
        folder: the videos.
        known: the ids that files have already, by their resolved path.

    Raises:
        InputError: there is no such folder, no video in it, or a name that cannot be an id.
    """
    refuse_remote(folder, "a folder of videos")
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected the one with the videos")
    paths = [path for path in walk(folder) if path.suffix.lower() in SUFFIXES]
    if not paths:
        raise InputError(f"{folder}: no videos here or below; expected files ending in {', '.join(sorted(SUFFIXES))}")
    relatives = [PurePosixPath(path.relative_to(folder).as_posix()) for path in paths]
    spelled = [_ids(relative) for relative in relatives]
    counts = Counter(name.casefold() for names in spelled for name in set(names))
    kept = {path: known[same] for path in paths if (same := path.resolve()) in known} if known else {}
    counts.update(name.casefold() for name in kept.values())
    videos: dict[str, VideoFile] = {}
    for path, relative, names in zip(paths, relatives, spelled, strict=True):
        # In any case: two files whose features differ in case alone are one file on many disks.
        name = kept.get(path) or next((name for name in names if counts[name.casefold()] == 1), names[-1])
        if not name.isprintable():
            raise InputError(f"{path}: expected a name of printable characters, found {name!r}; rename the file")
        other = videos.setdefault(name.casefold(), VideoFile(name, path, relative))
        if other.path != path:
            raise InputError(f"{other.path} and {path} would both be called {name!r}; rename one")
    return tuple(videos.values())


def _ids(relative: PurePosixPath) -> tuple[str, str, str]:
    """What a video may be called, the shortest first."""
    long = "__".join((*relative.parts[:-1], relative.stem))
    return relative.stem, long, long + relative.suffix
