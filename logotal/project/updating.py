"""An update of a project: its videos keep their splits, groups and ignored spans, and new ones are assigned."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.places import ANNOTATIONS
from logotal.project.dividing import Divided, LookedAt, classes_of_groups, given_split, truth_of
from logotal.project.earlier import Earlier, Said, Span
from logotal.project.splitting import TRAINING, VALIDATION, split_groups
from logotal.project.writing import LABEL_FILES
from logotal.words import amount, few

ANEW = "or start over with --overwrite"


def said_of(one: LookedAt, group: str) -> Said:
    """What the label files say of a video; a video that is a group of its own is in none."""
    return Said(given_split(one), group if group != one.file.id else None, truth_of(one, group).ignored)


def keep_and_divide(
    looked: Sequence[LookedAt], said: Mapping[str, Said], earlier: Earlier, *, held_back: float, seed: int
) -> Divided:
    """The videos as the project has them, and new ones where their group is, as the label files say, or dealt out.

    Args:
        looked: the videos.
        said: what the label files say of each, by id.
        earlier: the project.
        held_back: the part of all videos that is to be evaluated on.
        seed: gives another split of the new videos.

    Raises:
        InputError: the label files contradict the project, or a group would be torn apart.
    """
    notes: list[str] = []
    truths = [_kept(truth_of(one, ""), said[one.file.id], earlier, notes) for one in looked]
    of_group = _splits_of_groups(truths)
    new = [truth for truth in truths if not truth.split]
    given = {truth.id: split for truth in new if (split := said[truth.id].split)}
    if len(_named_splits(said)) > 1:  # a single name says nothing, as where a project is new
        for truth in new:
            _put(truth, given.get(truth.id, of_group.get(str(truth.group), earlier.training)), of_group)
    elif any(str(truth.group) not in of_group for truth in new):
        dealt, more = _dealt(truths, of_group, earlier, held_back, seed)
        of_group |= dealt
        notes += more
    videos = tuple(truth if truth.split else replace(truth, split=of_group[str(truth.group)]) for truth in truths)
    notes += _new_notes(videos, {truth.id for truth in new}, earlier)
    return Divided(videos, earlier.training, earlier.evaluation, tuple(notes))


def _kept(truth: VideoTruth, now: Said, earlier: Earlier, notes: list[str]) -> VideoTruth:
    """A video with the split, the group and the ignored spans that it keeps; a new one has no split."""
    before = earlier.videos.get(truth.id)
    if before is None:
        return replace(truth, group=now.group or truth.id)
    then = earlier.said[truth.id]
    if now.split not in (None, before.split, then.split):
        raise InputError(
            f"video {truth.id!r}: the label files now name the split {now.split!r}, the project has it in "
            f"{before.split!r}; correct the label files, or 'subset' in {ANNOTATIONS}, {ANEW}"
        )
    group = before.group or truth.id
    own = None if group == truth.id else group
    if now.group not in (None, own, then.group):
        if own == then.group:
            group = str(now.group)
        else:
            notes.append(f"{truth.id}: stays in group {group!r} of {ANNOTATIONS}; the label files say {now.group!r}")
    return replace(truth, split=before.split, group=group, ignored=_merged(before.ignored, then.ignored, now.ignored))


def _merged(kept: Iterable[Span], then: Iterable[Span], now: Iterable[Span]) -> tuple[Span, ...]:
    """The spans of the project, with what label files say in addition and without what they say no more."""
    gone, come = set(then) - set(now), set(now) - set(then)
    return tuple(sorted((set(kept) - gone) | come))


def remembered(said: Mapping[str, Said], earlier: Earlier | None) -> dict[str, Said]:
    """What label files say, or said of a group or a split when they still did."""
    if earlier is None:
        return dict(said)
    return {
        name: replace(now, split=now.split or then.split, group=now.group or then.group)
        for name, now in said.items()
        for then in [earlier.said.get(name, Said())]
    }


def further_keys(said: Mapping[str, Said], earlier: Earlier | None) -> dict[str, dict[str, Any]]:
    """The keys of videos that only `init` reads, and those that a person added."""
    own = {name: {LABEL_FILES: told} if (told := each.to_json()) else {} for name, each in said.items()}
    return {name: {**(earlier.more.get(name, {}) if earlier else {}), **keys} for name, keys in own.items()}


def _splits_of_groups(truths: Iterable[VideoTruth]) -> dict[str, str]:
    """The split of each group of the videos that have one."""
    first: dict[str, VideoTruth] = {}
    for truth in truths:
        if not truth.split:
            continue
        other = first.setdefault(str(truth.group), truth)
        if other.split != truth.split:
            raise InputError(
                f"group {truth.group!r}: {other.id!r} is in {other.split!r} and {truth.id!r} in {truth.split!r}, and "
                f"no split may tear a group apart; correct the groups, or 'subset' in {ANNOTATIONS}, {ANEW}"
            )
    return {group: truth.split for group, truth in first.items()}


def _named_splits(said: Mapping[str, Said]) -> set[str]:
    return {each.split for each in said.values() if each.split}


def _put(truth: VideoTruth, split: str, of_group: dict[str, str]) -> None:
    """Puts a new video where the label files say, which must be where its group is."""
    if (other := of_group.setdefault(str(truth.group), split)) != split:
        raise InputError(
            f"video {truth.id!r}: the label files name the split {split!r}, its group {truth.group!r} is in {other!r}, "
            f"and no split may tear a group apart; correct the split or the group, {ANEW}"
        )


def _dealt(
    truths: Sequence[VideoTruth], of_group: Mapping[str, str], earlier: Earlier, held_back: float, seed: int
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The splits of the groups that have none; those of other splits than the two that count take no part."""
    theirs = {TRAINING: earlier.training, VALIDATION: earlier.evaluation}
    ours = {name: split for split, name in theirs.items()}
    part = [truth for truth in truths if of_group.get(str(truth.group), earlier.training) in ours]
    actions = classes_of_groups(part, lanes=earlier.data is not None and earlier.data.subjects == "lanes")
    sizes = Counter(str(truth.group) for truth in part)
    fixed = {group: ours[of_group[group]] for group in sorted(sizes) if group in of_group}
    splits = split_groups(actions, sizes, held_back=held_back, seed=seed, fixed=fixed)
    return {group: theirs[splits.of_group[group]] for group in sizes if group not in fixed}, splits.notes


def _new_notes(videos: Sequence[VideoTruth], new: set[str], earlier: Earlier) -> list[str]:
    """Where new videos went, and those of which nobody says the group though others have one."""
    notes = []
    for split in dict.fromkeys(video.split for video in videos if video.id in new):
        names = [video.id for video in videos if video.id in new and video.split == split]
        notes.append(f"{amount(len(names), 'new video')} in {split!r}: {few(names)}; the others keep their splits")
        if split not in (earlier.training, earlier.evaluation):
            notes.append(f"the recipe trains on {earlier.training!r} and evaluates on {earlier.evaluation!r}, no other")
    alone = [video.id for video in videos if video.id in new and video.group == video.id]
    if alone and any(video.group not in (None, video.id) for video in earlier.videos.values()):
        notes.append(f"new videos without a group, each a group of its own: {few(alone)}")
    return notes
