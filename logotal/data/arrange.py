"""The annotations as a configuration takes them; training, evaluation, `check` and `ablate` all come by here.

In this order: events without length become segments (`data.widen_points`), labels that are no class become ignored
spans (`data.ignored_labels`), each label of each subject becomes a class (`data.subjects`), then splits are joined,
and a cross-validation, a share and what is held out choose them (`splits`).
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from logotal.config import DataConfig
from logotal.data.splits import folded, held_out, joined, shared
from logotal.data.subjects import in_lanes
from logotal.errors import InputError, did_you_mean
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action


def arrange(annotations: Annotations, config: DataConfig) -> Annotations:
    """The annotations as the data section of a configuration takes them.

    Raises:
        InputError: an ignored label does not occur, a label and a subject make no class, or the splits that are asked
            for cannot be made.
    """
    arranged = ignore_labels(widen_points(annotations, config.widen_points), config.ignored_labels)
    if config.subjects == "lanes":
        arranged = in_lanes(arranged)
    return held_out(shared(folded(joined(arranged, config), config), config), config)


def ignore_labels(annotations: Annotations, labels: Sequence[str]) -> Annotations:
    """The annotations in which the actions of some labels are ignored spans, and these labels no classes.

    Where they lie is neither action nor background (THUMOS14: Ambiguous). One without length ignores nothing.

    Raises:
        InputError: a label does not occur, or no other is left.
    """
    if not labels:
        return annotations
    for label in labels:
        if label not in annotations.labels:
            cure = did_you_mean(label, annotations.labels)
            raise InputError(f"{annotations.source}: data.ignored_labels names {label!r}, which does not occur; {cure}")
    kept = tuple(label for label in annotations.labels if label not in labels)
    if not kept:
        raise InputError(f"{annotations.source}: data.ignored_labels names all labels; leave one to be learned")
    videos = {name: _without_labels(video, frozenset(labels)) for name, video in annotations.videos.items()}
    return replace(annotations, labels=kept, videos=videos)


def _without_labels(video: VideoTruth, labels: frozenset[str]) -> VideoTruth:
    spans = tuple((action.start, action.end) for action in video.actions if action.label in labels)
    actions = tuple(action for action in video.actions if action.label not in labels)
    return replace(video, actions=actions, ignored=video.ignored + tuple(span for span in spans if span[0] < span[1]))


def widen_points(annotations: Annotations, seconds: float) -> Annotations:
    """The annotations, in which events without length last `seconds` around their time.

    Near the ends of the video they last less, down to a half, so that their times stay the middles as far as that goes.
    0 changes nothing. An event outside its video stays as it is, to be left out by name.
    """
    if not seconds:
        return annotations
    videos = {
        name: replace(video, actions=tuple(_widened(action, seconds, video.duration) for action in video.actions))
        for name, video in annotations.videos.items()
    }
    return replace(annotations, videos=videos)


def moments(annotations: Annotations, config: DataConfig) -> tuple[str, ...]:
    """The labels that happen at one time: those named, or all of whose actions are so in the file.

    Raises:
        InputError: one that is named does not occur.
    """
    if config.moments is not None:
        for label in config.moments:
            if label not in annotations.labels:
                cure = did_you_mean(label, annotations.labels)
                raise InputError(f"data.moments names {label!r}, which does not occur; {cure}")
        return config.moments
    actions = [action for video in annotations.videos.values() for action in video.actions]
    lasting = {action.label for action in actions if not action.is_moment}
    return tuple(sorted({action.label for action in actions} - lasting))


def _widened(action: Action, seconds: float, duration: float | None) -> Action:
    if not action.is_moment:
        return action
    last = math.inf if duration is None else duration
    at = min(max(action.start, 0.0), last)
    if abs(at - action.start) >= seconds / 2:
        return action
    half = min(seconds / 2, max(min(at, last - at), seconds / 4))
    return replace(action, start=max(at - half, 0.0), end=min(at + half, last))
