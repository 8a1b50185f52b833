"""The split of each video: as the label files say it, or else dealt out by groups."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logotal.data.subjects import with_classes
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.formats.label_file import VideoLabels
from logotal.project.checking import Checked
from logotal.project.splitting import TRAINING, VALIDATION, name_splits, split_groups
from logotal.project.video_files import VideoFile
from logotal.video.probe import VideoInfo
from logotal.words import few


@dataclass(frozen=True)
class LookedAt:
    """A video with its labels, what the file itself says, and the actions that can be."""

    file: VideoFile
    entries: tuple[VideoLabels, ...]
    info: VideoInfo
    checked: Checked


@dataclass(frozen=True)
class Divided:
    """The videos with their splits, the names of the two splits that count, and sentences about them."""

    videos: tuple[VideoTruth, ...]
    training: str
    evaluation: str
    notes: tuple[str, ...]


def divide(
    looked: Sequence[LookedAt], groups: Mapping[str, str], *, held_back: float, seed: int, lanes: bool = False
) -> Divided:
    """The videos with their splits; no group is torn apart.

    Args:
        looked: the videos.
        groups: the group of each, by id.
        held_back: the part to evaluate on, where the label files name no splits.
        seed: gives another split.
        lanes: each label of each subject is to be in both splits, not only each label.

    Raises:
        InputError: label files contradict each other, tear a group apart, or name splits that say nothing.
    """
    truths = [truth_of(one, groups[one.file.id]) for one in looked]
    given = {one.file.id: given_split(one) for one in looked}
    names = {name for name in given.values() if name}
    if (named := name_splits(names, "the label files")) is not None:
        return _asgiven_split(truths, given, named)
    dealt = _dealt(truths, held_back, seed, lanes=lanes)
    if not names:
        return dealt
    note = f"the label files name a single split, {names.pop()!r}; the videos are split anew"
    return replace(dealt, notes=(*dealt.notes, note))


def _asgiven_split(truths: Sequence[VideoTruth], given: Mapping[str, str | None], named: tuple[str, str]) -> Divided:
    """The splits of the label files; a video without one goes where its group is, and else to training."""
    of_group: dict[str | None, str] = {}
    for truth in truths:
        name = given[truth.id]
        if name and (other := of_group.setdefault(truth.group, name)) != name:
            raise InputError(
                f"group {truth.group!r}: the label files put its videos into {other!r} and {name!r}, "
                "and no split may tear a group apart; correct the splits or the groups"
            )
    videos = tuple(replace(truth, split=of_group.get(truth.group, named[0])) for truth in truths)
    notes = [f"the splits are those of the label files: trained on {named[0]!r}, evaluated on {named[1]!r}"]
    if without := [truth.id for truth in truths if not given[truth.id]]:
        notes.append(f"without a split in the label files: {few(without)}; they go with their group, or to training")
    return Divided(videos, *named, tuple(notes))


def classes_of_groups(truths: Sequence[VideoTruth], *, lanes: bool) -> dict[str, Counter[str]]:
    """How often each class is in the videos of each group."""
    found: dict[str, Counter[str]] = {}
    for truth in truths:
        actions = with_classes(truth.actions) if lanes else truth.actions
        found.setdefault(str(truth.group), Counter()).update(action.label for action in actions)
    return found


def _dealt(truths: Sequence[VideoTruth], held_back: float, seed: int, *, lanes: bool) -> Divided:
    actions = classes_of_groups(truths, lanes=lanes)
    sizes = Counter(str(truth.group) for truth in truths)
    splits = split_groups(actions, sizes, held_back=held_back, seed=seed)
    videos = tuple(replace(truth, split=splits.of_group[str(truth.group)]) for truth in truths)
    return Divided(videos, TRAINING, VALIDATION, splits.notes)


def given_split(one: LookedAt) -> str | None:
    """The split that the label files name for a video.

    Raises:
        InputError: they name several.
    """
    names = sorted({entry.split for entry in one.entries if entry.split})
    if len(names) > 1:
        raise InputError(f"video {one.file.id!r}: label files name the splits {', '.join(names)}; keep one")
    return names[0] if names else None


def truth_of(one: LookedAt, group: str) -> VideoTruth:
    """What the label files say of a video; it has no split yet."""
    duration = round(one.info.duration, 6)
    spans = {(max(start, 0.0), min(end, duration)) for entry in one.entries for start, end in entry.ignored}
    ignored = tuple(sorted(span for span in spans if span[0] < span[1]))
    return VideoTruth(one.file.id, "", one.checked.actions, duration, float(one.info.fps), group, ignored)
