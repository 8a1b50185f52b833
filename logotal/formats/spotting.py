"""Events of E2E-Spot's data sets: moments as frames of videos, whose rate each video says.

Layout: https://github.com/jhong93/spot, data/: a list of `{"video": ..., "fps": ..., "events": [{"frame": ...,
"label": ...}]}`.
"""

from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.models import Frame, Others, modelled
from logotal.formats.moments import Clock, Moment


class _Event(Others):
    frame: Frame
    label: str


class _Video(Others):
    video: str
    fps: float | None = None
    num_frames: Frame | None = None
    events: list[_Event]


def _claims(source: Source) -> bool:
    listed = source.json
    return (
        isinstance(listed, list)
        and bool(listed)
        and all(isinstance(item, dict) and {"video", "events"} <= set(item) for item in listed)
    )


def _labels(source: Source) -> LabelFile:
    videos = []
    for i, item in enumerate(source.json):
        where = f"{source.path}: video {i}"
        video = modelled(_Video, item, where)
        actions = []
        for k, event in enumerate(video.events):
            moment = Moment(round(event.frame / video.fps, 6)) if video.fps else Moment(event.frame, Clock.FRAMES)
            actions.append(FoundAction(moment, moment, event.label, f"{where}, event {k}"))
        duration = video.num_frames / video.fps if video.fps and video.num_frames else None
        videos.append(VideoLabels((video.video,), source.path, tuple(actions), duration=duration))
    return LabelFile(source.path, "events", tuple(videos))


SPOTTING = Form("E2E-Spot JSON", _claims, _labels, (".json",))
