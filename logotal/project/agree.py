"""How well two label files agree, or two people in one file.

>>> agree("ann.csv", "bob.csv").whole.f1                                      # doctest: +SKIP
>>> agree("both.json", annotators=("ann", "bob")).whole.kappa                 # doctest: +SKIP
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from logotal.errors import InputError
from logotal.evaluation.agreement import Agreement, agreement
from logotal.formats.label_file import LabelFile, VideoLabels, timelines_of
from logotal.formats.labels import read_labels
from logotal.formats.options import Options
from logotal.project.label_files import check_used
from logotal.project.matching import match
from logotal.project.video_files import VideoFile
from logotal.ranges import check_range
from logotal.timeline import Timeline
from logotal.video.files import SUFFIXES


def agree(
    first: str | Path,
    second: str | Path | None = None,
    *,
    annotators: Sequence[str] = (),
    options: Options | None = None,
    tiou: float = 0.5,
    tolerance: float = 0.5,
) -> Agreement:
    """How well two label files agree about the videos that both name; no video file is needed.

    Args:
        first: a label file of any form.
        second: the file of the other annotator; the first again if absent.
        annotators: whose annotations count, in the first and in the second.
        options: what a person says about both files.
        tiou: from which on two actions are the same.
        tolerance: seconds within which two moments are the same.

    Raises:
        InputError: a file is not as expected, counts frames that only its video makes seconds, or no video is in both.
    """
    check_range("--tiou", tiou, above=0, most=1)
    check_range("--tolerance", tolerance, least=0)
    paths = (Path(first), Path(first if second is None else second))
    if len(annotators) not in (0, 2):
        raise InputError(f"--annotators: expected two names, the first and the second, found {len(annotators)}")
    if second is None and len(set(annotators)) < 2:
        raise InputError(f"{first}: expected a second label file, or two people in this one: --annotators ANN BOB")
    told = options or Options()
    each = [replace(told, annotator=name) for name in annotators] or [told, told]
    mine, theirs = (read_labels(path, said) for path, said in zip(paths, each, strict=True))
    if annotators:
        for file, said in zip((mine, theirs), each, strict=True):
            check_used(Options(annotator=said.annotator), [file], prefixed=True)
    check_used(told, [mine, theirs], prefixed=True)
    return agreement(*_of_the_same_videos(mine, theirs, told.prefix), tiou=tiou, tolerance=tolerance)


def _of_the_same_videos(
    mine: LabelFile, theirs: LabelFile, prefix: str | None
) -> tuple[list[Timeline], list[Timeline]]:
    """The timelines of both files; what both say of one video bears one name, however each of them calls it."""
    if len(mine.videos) == len(theirs.videos) == 1 and not (mine.videos[0].named and theirs.videos[0].named):
        (own,), (other,) = mine.videos, theirs.videos
        name = (own if own.named else other).names[0]
        mine, theirs = (replace(file, videos=(replace(file.videos[0], names=(name,)),)) for file in (mine, theirs))
    files = {entry.names[0]: _as_file(entry.names[0]) for entry in mine.videos}
    matches = match(theirs.videos, list(files.values()), theirs.path.parent, prefix)
    renamed = [replace(entry, names=(name,)) for name, entries in matches.videos.items() for entry in entries]
    called = [replace(entry, names=(files[entry.names[0]].id,)) for entry in mine.videos]
    return _timelines(mine, called), _timelines(theirs, [*renamed, *matches.unmatched])


def _as_file(name: str) -> VideoFile:
    """The video that a label file means, as if it lay there: without the word that Label Studio puts before uploads."""
    *parents, last = [part for part in name.replace("\\", "/").split("/") if part] or [name]
    word = re.sub(r"^[0-9a-f]{8}-(?=.)", "", last)
    relative = PurePosixPath(*parents, word)
    suffixed = relative.suffix.lower() in SUFFIXES
    return VideoFile(str(relative.with_suffix("") if suffixed else relative), Path(name), relative)


def _timelines(file: LabelFile, entries: Sequence[VideoLabels]) -> list[Timeline]:
    """A timeline a video, whatever number of entries speak of it."""
    found: dict[str, Timeline] = {}
    for timeline in timelines_of(replace(file, videos=tuple(entries))):
        before = found.get(timeline.video)
        actions = (*(before or ()), *timeline)
        known = timeline.duration if before is None else before.duration or timeline.duration
        found[timeline.video] = Timeline(timeline.video, actions, known)
    return list(found.values())
