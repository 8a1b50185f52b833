"""How long videos are: measured in their files, or read in annotations."""

from collections.abc import Sequence
from pathlib import Path

from logotal.callbacks import Progress, Say
from logotal.data.names import match_names
from logotal.formats.annotations import read_annotations
from logotal.importing.grids import Length
from logotal.places import ANNOTATIONS, is_project
from logotal.video.files import find_videos
from logotal.video.probe import probe
from logotal.words import amount, few


def known_lengths(
    videos: Sequence[Path], annotations: Path | None, say: Say, progress: Progress
) -> tuple[dict[str, Length], list[Path]]:
    """The lengths of videos by id, and the files that say them; what a video file measures rules.

    Ids are those of the annotations where there are some; elsewhere the names of the video files.

    Raises:
        InputError: there are no such files, or one is no video.
    """
    lengths: dict[str, Length] = {}
    read: list[Path] = []
    if annotations is not None:
        read.append(annotations / ANNOTATIONS if is_project(annotations) else annotations)
        truth = read_annotations(read[0])
        lengths = {video.id: Length(video.duration, video.fps) for video in truth.videos.values()}
    if videos:
        files = {path.stem: path for path in find_videos(videos)}
        match = match_names(files, lengths) if lengths else None
        for done, (name, path) in enumerate(files.items(), start=1):
            video = name if match is None else match.videos.get(name)
            if video is not None:
                info = probe(path)
                lengths[video] = Length(info.duration, float(info.fps))
            progress(done, len(files))
        if match is not None and match.unmatched:
            say(f"left out {amount(len(match.unmatched), 'video file')} not in the annotations: {few(match.unmatched)}")
        read += files.values()
    return lengths, read
