"""What to label next in a project: its unlabelled videos, in the order in which a model would learn most from them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.data.features import FeatureFolder
from logotal.errors import InputError
from logotal.evaluation.unanswered import is_unanswered
from logotal.evaluation.worth import Stretch, most_useful
from logotal.formats.edited import EditedVideo, read_edited
from logotal.places import APP, EDITED, is_project
from logotal.project.folder import Project, open_project
from logotal.project.video_files import find_video_files
from logotal.runs.detect import Detections, detect
from logotal.runs.extract import extract
from logotal.runs.load import load
from logotal.tables import Table
from logotal.timeline import Timeline
from logotal.video.files import SUFFIXES, walk
from logotal.words import amount


@dataclass(frozen=True)
class NextToLabel:
    """Stretches of the unlabelled videos of a project, the most useful first.

    >>> stretch = Stretch("match", 61.5, 121.5, 4.2, "7 actions found, 5 of them unsure")
    >>> print(NextToLabel((stretch,)).tables(most=20)[0])
    1 video to label, the most useful first
    video  from - to s   why
    match  61.5 - 121.5  7 actions found, 5 of them unsure

    `timelines` are what the model shows there, and nobody has answered yet.
    """

    stretches: tuple[Stretch, ...]
    timelines: tuple[Timeline, ...] = ()

    def tables(self, most: int) -> list[Table]:
        """A row for each of the most useful."""
        rows = [[each.video, f"{each.start:.1f} - {each.end:.1f}", each.reason] for each in self.stretches[:most]]
        title = f"{amount(len(self.stretches), 'video')} to label, the most useful first"
        return [Table([["video", "from - to s", "why"], *rows], title, words=3)]

    def to_json(self) -> list[dict[str, Any]]:
        """All of them, in types that JSON has."""
        return [asdict(stretch) for stretch in self.stretches]


def next_to_label(
    project: str | Path, run: str | Path | None = None, *, progress: Progress = silent, say: Say = silent
) -> NextToLabel:
    """Ranks the videos of a project that are not labelled by what a model detects in them; features are made once.

    Args:
        project: a project folder.
        run: another run than the project's own.
        progress: callback(videos done, videos in all), features first, then detection.
        say: callback(sentence): what could not be looked at.

    Raises:
        InputError: it is no project, has no model yet, or every video is labelled.
    """
    place = Path(project)
    if not is_project(place):
        raise InputError(f"{place}: expected a project; make one of your videos and labels with `logotal init`")
    model = place if run is None else run
    load(model)  # that there is none is said before long work
    opened = open_project(place)
    edited = read_edited(place / APP / EDITED).videos if (place / APP / EDITED).is_file() else {}
    videos = _unlabelled(place, opened, edited)
    if not videos:
        raise InputError(f"{place}: every video here is labelled; put further ones into the folder, and ask again")
    features = FeatureFolder(opened.features)
    missing = {file: name for name, file in videos.items() if file is not None and name not in features}
    failed = extract(place, also=missing, progress=progress).failed if missing else []
    names = {features.path(name): name for name in videos if name in features}
    found = Detections({})
    if names:  # the annotations know the frame rates of videos that were begun
        found = detect(list(names), model, annotations=opened.annotations, progress=progress, say=say)
    left_out = [*(str(outcome.error) for outcome in failed), *found.failed.values()]
    if not found:
        raise InputError(left_out[0])
    for sentence in left_out:
        say(f"left out: {sentence}")
    of_videos = {names[path]: line for path, line in found.timelines.items()}
    lines = [
        _unanswered(replace(line, video=name, file=videos[name]), edited.get(name)) for name, line in of_videos.items()
    ]
    return NextToLabel(tuple(most_useful(lines)), tuple(lines))


def _unlabelled(project: Path, opened: Project, edited: Mapping[str, EditedVideo]) -> dict[str, Path | None]:
    """The ids of the videos that are not labelled, and their files; features alone may be there of some."""
    begun = {name for name, video in edited.items() if not video.is_labelled}
    known = opened.videos | {name: project / video.file for name, video in edited.items()}
    videos: dict[str, Path | None] = {name: known[name] for name in sorted(begun)}
    if any(path.suffix.lower() in SUFFIXES for path in walk(project)):
        ids = {path.resolve(): name for name, path in known.items()}
        videos |= {file.id: file.path for file in find_video_files(project, ids) if file.id not in known}
    features = FeatureFolder(opened.features)
    return videos | {name: None for name in features.videos() if name not in known and name not in videos}


def _unanswered(line: Timeline, video: EditedVideo | None) -> Timeline:
    """What nobody has answered yet of the detections in a video."""
    if video is None:
        return line
    return replace(line, actions=tuple(action for action in line if is_unanswered(action, video)))
