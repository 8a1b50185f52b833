"""A project, or a folder of videos, becomes the store that the editor works on."""

import os
from dataclasses import replace
from pathlib import Path

from logotal.app.store import LabelStore
from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.files.whole import is_file
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.formats.edited import EditedVideo, Marked
from logotal.places import ANNOTATIONS
from logotal.project.folder import project_videos
from logotal.project.video_files import find_video_files
from logotal.project.writing import is_ours
from logotal.video.probe import probe


def open_store(project: Path, *, progress: Progress = silent, say: Say = silent) -> LabelStore:
    """The labels of a project; a folder of videos without one becomes a project with its first round.

    What `logotal init` read from label files is taken over the first time. Videos that came since are added.

    Args:
        project: a project folder, or a folder of videos.
        progress: callback(videos looked at, videos that are new).
        say: callback(sentence): videos that cannot be read.

    Raises:
        InputError: there is no such folder, no video in it, or what lies there is not as logotal writes it.
    """
    if not project.is_dir():
        raise InputError(f"{project}: no such folder; expected a project, or the folder with your videos")
    store = LabelStore(project)
    annotations = project / ANNOTATIONS
    labelled: dict[str, VideoTruth] = {}
    files: dict[str, Path] = {}
    if is_ours(annotations):
        labelled, files = dict(read_annotations(annotations).videos), project_videos(project, annotations)
    known = {name: (project / video.file) for name, video in store.videos.items()}
    files = known | files
    ids = {file.resolve(): name for name, file in files.items()}
    folder = videos_folder(project, list(files.values()))
    if folder is not None:
        files |= {file.id: file.path for file in find_video_files(folder, ids)}
    new = {name: file for name, file in files.items() if name not in store.videos}
    added = {}
    for done, (name, file) in enumerate(new.items(), start=1):
        try:
            added[name] = new_video(file, labelled.get(name), project)
        except InputError as error:
            say(f"left out: {error}")
        progress(done, len(new))
    if added:
        store.put_videos(added)
        store.save()
    if not store.videos:
        raise InputError(f"{project}: no video here that can be read; expected the folder with your videos")
    return store


def videos_folder(project: Path, files: list[Path]) -> Path | None:
    """Where new videos are looked for: the folder that holds all videos; None where that is no folder of its own."""
    if not files:
        return project
    folder = Path(os.path.commonpath([file.resolve().parent for file in files]))
    return None if folder == folder.parent or folder == Path.home() else folder


def file_of(project: Path, video: EditedVideo) -> Path:
    """Where a video lies.

    Raises:
        InputError: it does not lie there any more.
    """
    path = project / video.file
    if not is_file(path):
        raise InputError(f"{path}: no such video any more; put it back, and load the page again")
    return path


def made_of(video: Path, folder: Path, name: str, suffix: str = "") -> Path:
    """Where something that is made of a video lies; elsewhere once the video file is another one."""
    stat = video.stat()
    return folder / f"{name}-{stat.st_size}-{stat.st_mtime_ns}{suffix}"


def new_video(file: Path, truth: VideoTruth | None, project: Path) -> EditedVideo:
    """A video with what is known of it already.

    Raises:
        InputError: it cannot be read.
    """
    info = probe(file)
    duration = round(info.duration, 6)
    place = Path(os.path.relpath(file.resolve(), project.resolve())).as_posix()
    actions = [
        Marked.of_file(f"f{number}", replace(action, start=min(action.start, duration), end=min(action.end, duration)))
        for number, action in enumerate(truth.actions if truth else ())
    ]
    ignored = [[start, min(end, duration)] for start, end in (truth.ignored if truth else ()) if start < duration]
    labelled = [[0.0, duration]] if truth else []
    return EditedVideo(
        file=place, duration=duration, fps=float(info.fps), actions=actions, labelled=labelled, ignored=ignored
    )
