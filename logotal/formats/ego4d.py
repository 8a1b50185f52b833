"""Ego4D moment queries: labels of clips, in seconds of the clip and of the video that it was cut from.

Layout: https://ego4d-data.org/docs/data/annotations-schemas/ (moments_{train,val}.json). Labels that are not `primary`
do not belong to the benchmark; they are left out by name, and are no background. Where several people annotated a clip,
it is asked who counts; with `all` everybody does, as OpenTAD reads them.
"""

from dataclasses import replace

from logotal.formats.form import Form, Source
from logotal.formats.label_file import NO_LABEL, FoundAction, LabelFile, LeftOut, VideoLabels, ask
from logotal.formats.models import Others, modelled
from logotal.formats.moments import Moment

ALL = "all"
NOT_PRIMARY = "is not primary, so it is neither an action nor background"


class _Label(Others):
    start_time: float
    end_time: float
    label: str | None = None
    primary: bool = True


class _Annotation(Others):
    annotator_uid: str = ""
    labels: tuple[_Label, ...] = ()


class _Clip(Others):
    clip_uid: str
    video_start_sec: float = 0.0
    video_end_sec: float | None = None
    annotations: tuple[_Annotation, ...] = ()


class _Video(Others):
    video_uid: str
    split: str | None = None
    clips: tuple[_Clip, ...] = ()


class _File(Others):
    videos: list[_Video]


def _claims(source: Source) -> bool:
    listed = source.object.get("videos")
    return (
        isinstance(listed, list)
        and bool(listed)
        and all(isinstance(item, dict) and {"video_uid", "clips"} <= set(item) for item in listed)
    )


def _labels(source: Source) -> LabelFile:
    left_out: list[LeftOut] = []
    videos = []
    for video in modelled(_File, source.object, source.path).videos:
        for clip in video.clips:
            where = f"{source.path}: clip {clip.clip_uid}"
            labels = _of_one(clip, source, where)
            good = [each for each in labels if each.label and each.primary]
            other = [each for each in labels if each not in good]
            left_out += [LeftOut(where, NO_LABEL if not each.label else NOT_PRIMARY) for each in other]
            whole = _entry(video.video_uid, good, other, source, clip.video_start_sec)
            cut = _entry(clip.clip_uid, good, other, source, 0.0)
            videos.append(replace(cut, split=video.split, otherwise=replace(whole, split=video.split)))
    return LabelFile(source.path, "Ego4D", tuple(videos), tuple(left_out))


def _of_one(clip: _Clip, source: Source, where: str) -> list[_Label]:
    """The labels of the annotator that counts."""
    wanted = source.options.annotator
    offered = [each.annotator_uid for each in clip.annotations if each.labels]
    if wanted in offered or wanted == ALL:
        source.use("annotator", offered)
        return [label for each in clip.annotations if wanted in (ALL, each.annotator_uid) for label in each.labels]
    if len(offered) > 1:
        raise ask(where, f"labels of {len(offered)} annotators", "--annotator", [*offered, ALL])
    return [label for each in clip.annotations for label in each.labels]


def _entry(name: str, good: list[_Label], other: list[_Label], source: Source, origin: float) -> VideoLabels:
    """What is said of a video or clip that begins so many seconds before the clip."""
    actions, unlabelled = (
        tuple(
            FoundAction(
                Moment(round(origin + each.start_time, 6)),
                Moment(round(origin + each.end_time, 6)),
                each.label or "",
                f"{source.path}: {name}, {each.start_time:g} s of the clip",
            )
            for each in listed
        )
        for listed in (good, other)
    )
    return VideoLabels((name,), source.path, actions, unlabelled=unlabelled)


EGO4D = Form("Ego4D moment queries JSON", _claims, _labels, (".json",))
