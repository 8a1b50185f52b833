"""Splits that the annotation file does not have: the parts of a cross-validation, and what is held out of training.

Both move whole groups (`VideoTruth.group`): two videos of one person, match or day look so alike that a model which
has seen one of them is not tested by the other. A video without a group is one by itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from logotal.config import DataConfig
from logotal.errors import InputError
from logotal.formats.annotations import Annotations, VideoTruth

HELD_OUT = "held-out"
"""The split that `data.hold_out` makes of a part of the training split."""

Group = tuple[str, str]


def group_of(video: VideoTruth) -> Group:
    """What no split may tear apart: the video's group, or the video alone."""
    return ("video", video.id) if video.group is None else ("group", video.group)


def joined(annotations: Annotations, config: DataConfig) -> Annotations:
    """The annotations with the videos of the evaluation split in the training split, if that is set."""
    if not config.join_splits:
        return annotations
    videos = {
        name: replace(video, split=config.training_split) if video.split == config.evaluation_split else video
        for name, video in annotations.videos.items()
    }
    return replace(annotations, videos=videos)


def learns_from(config: DataConfig, split: str) -> bool:
    """Whether training takes the videos of another split too, so that none there can score what it has learned."""
    return config.join_splits and config.fold is None and split == config.evaluation_split


def folded(annotations: Annotations, config: DataConfig) -> Annotations:
    """The annotations with the splits of a cross-validation, if one is set (`data.fold`).

    Every n-th group of the training split, from the k-th on, comes into the evaluation split. The videos that were
    there come into none: what is chosen by cross-validation must not have seen them.

    Raises:
        InputError: the training split has fewer videos, or groups of videos, than there are parts.
    """
    if config.fold is None:
        return annotations
    (part, parts), training = config.fold, annotations.split(config.training_split)
    groups = list(_grouped(training))
    if len(groups) < parts:
        counted = f"{len(training)} videos" + (f" in {len(groups)} groups" if len(groups) < len(training) else "")
        found = f"split {config.training_split!r} has {counted}"
        raise InputError(f"{annotations.source}: {found}, too few for {parts} folds")
    evaluated = set(groups[part::parts])
    videos = {
        video.id: replace(video, split=config.evaluation_split)
        if video.split == config.training_split and group_of(video) in evaluated
        else video
        for video in annotations.videos.values()
        if video.split != config.evaluation_split
    }
    return replace(annotations, videos=videos)


def shared(annotations: Annotations, config: DataConfig) -> Annotations:
    """The annotations with a part of the training split alone, if one is set (`data.share`); one group at least."""
    if config.share is None:
        return annotations
    part, seed = config.share
    groups = _grouped(annotations.split(config.training_split))
    order = sorted(groups, key=lambda group: sha256("\0".join((str(seed), *group)).encode()).digest())
    dropped = {video.id for group in order[max(1, round(part * len(order))) :] for video in groups[group]}
    return replace(annotations, videos={k: v for k, v in annotations.videos.items() if k not in dropped})


def held_out(annotations: Annotations, config: DataConfig) -> Annotations:
    """The annotations with a part of the training split in the split `HELD_OUT`, if one is set (`data.hold_out`).

    Which groups these are follows from their names alone, not from the order of the file. They are roughly that share
    of the videos, first of all such that show labels which nothing held out has yet; a label stays in training
    wherever another choice allows it, and either part has a group at least.

    Raises:
        InputError: there are no two groups to share out, or the file has a split of that name already.
    """
    if not config.hold_out:
        return annotations
    if HELD_OUT in annotations.splits():
        raise InputError(f"{annotations.source}: has a split {HELD_OUT!r} itself; rename it, or set data.hold_out 0")
    training = [video for video in annotations.split(config.training_split) if video.id not in config.exclude]
    groups = _grouped(training)
    if len(groups) < 2:
        found = f"split {config.training_split!r} has {len(groups)} ({len(training)} videos)"
        raise InputError(
            f"{annotations.source}: data.hold_out {config.hold_out:g} needs at least 2 groups of videos, one to train "
            f"on and one to hold out, but {found}; annotate more groups, or set data.hold_out 0"
        )
    chosen = _choose(groups, wanted=max(round(config.hold_out * len(training)), 1))
    videos = {
        video.id: replace(video, split=HELD_OUT)
        if video.split == config.training_split and group_of(video) in chosen
        else video
        for video in annotations.videos.values()
    }
    return replace(annotations, videos=videos)


def _choose(groups: Mapping[Group, Sequence[VideoTruth]], *, wanted: int) -> set[Group]:
    """The groups to hold out, about `wanted` videos: at least one group, and never all."""
    order = sorted(groups, key=lambda group: sha256("\0".join(group).encode()).digest())
    labels = {group: _labels(groups[group]) for group in order}
    left = Counter(label for group in order for label in labels[group])  # groups to train on, for each label
    chosen: set[Group] = set()
    seen: set[str] = set()
    taken = 0
    for new_labels_only in (True, False):
        for group in order:
            brings_nearer = len(groups[group]) < 2 * (wanted - taken)
            spares_labels = all(left[label] > 1 for label in labels[group])
            useful = group not in chosen and (not new_labels_only or not labels[group] <= seen)
            if useful and brings_nearer and spares_labels and len(chosen) < len(order) - 1:
                chosen.add(group)
                taken += len(groups[group])
                seen |= labels[group]
                left.subtract(labels[group])
    if not chosen:  # groups are too big, or each has a label of its own
        lost = {group: sum(left[label] == 1 for label in labels[group]) for group in order}
        chosen.add(min(order, key=lambda group: (lost[group], len(groups[group]))))
    return chosen


def _labels(videos: Sequence[VideoTruth]) -> set[str]:
    """The labels that can be learned from some videos; events without length teach nothing."""
    return {action.label for video in videos for action in video.actions if action.duration > 0}


def _grouped(videos: Sequence[VideoTruth]) -> dict[Group, list[VideoTruth]]:
    """The videos by group, in order of first appearance."""
    groups: dict[Group, list[VideoTruth]] = {}
    for video in videos:
        groups.setdefault(group_of(video), []).append(video)
    return groups
