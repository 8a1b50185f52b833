"""Annotations of data sets in ActivityNet's JSON (`database`), in which HACS and FineAction are published too.

Layout: `{"database": {video: {"subset": ..., "duration": ..., "annotations": [{"segment": [s, s], "label": ...}]}}}`,
as in the files of http://activity-net.org, https://github.com/hangzhaomit/HACS-dataset and
https://deeperaction.github.io/datasets/fineaction.html; times are seconds.
"""

from logotal.formats.annotations import read_annotations
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels, said

OURS = "logotal init"
"""How the version of our own annotations begins."""


def _claims(source: Source) -> bool:
    return "database" in source.object


def _labels(source: Source) -> LabelFile:
    """All that annotations can say, splits, groups and ignored spans too."""
    path = source.path
    if str(source.object.get("version")).startswith(OURS):
        raise NotLabelsError(f"{path}: made by `logotal init`, not a source of labels")
    videos = [
        VideoLabels(
            (video.id,),
            path,
            tuple(FoundAction.of(action, f"{path}: {video.id}, {said(action)}") for action in video.actions),
            video.split,
            video.group,
            video.duration,
            video.ignored,
        )
        for video in read_annotations(path).videos.values()
    ]
    return LabelFile(path, "ActivityNet", tuple(videos))


DATABASE = Form("ActivityNet, HACS and FineAction JSON", _claims, _labels, (".json",))
