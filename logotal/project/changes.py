"""What an `init` changed in a project: videos, actions and labels that came, went or moved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from logotal.formats.annotations import VideoTruth
from logotal.formats.label_file import said
from logotal.timeline import Action
from logotal.words import amount

NAMED = 3
"""Things of a kind that are named; the rest is counted."""


@dataclass(frozen=True)
class Changes:
    """What is another than before: names of videos and labels, and a few words for each action.

    A video moved if its split changed, an action if its times did.
    """

    videos_added: tuple[str, ...] = ()
    videos_gone: tuple[str, ...] = ()
    videos_moved: tuple[str, ...] = ()
    actions_added: tuple[str, ...] = ()
    actions_gone: tuple[str, ...] = ()
    actions_moved: tuple[str, ...] = ()
    labels_added: tuple[str, ...] = ()
    labels_gone: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """A sentence for each kind of change: how many, and the first of them."""
        found = []
        for field, things in vars(self).items():
            if things:
                noun, _, what = field.partition("s_")
                more = f" and {len(things) - NAMED:,} more" if len(things) > NAMED else ""
                found.append(f"{amount(len(things), noun)} {what}: {', '.join(things[:NAMED])}{more}")
        return found


def changes_between(before: Mapping[str, VideoTruth], after: Sequence[VideoTruth]) -> Changes:
    """What changed from the videos of a project to those that it has now."""
    now = {video.id: video for video in after}
    actions: dict[str, list[str]] = {"added": [], "gone": [], "moved": []}
    for name in dict.fromkeys([*before, *now]):
        for kind, words in _actions(*(videos[name].actions if name in videos else () for videos in (before, now))):
            actions[kind].append(f"{name}: {words}")
    labels, new_labels = (_labels(videos.values()) for videos in (before, now))
    return Changes(
        tuple(name for name in now if name not in before),
        tuple(name for name in before if name not in now),
        tuple(
            f"{name} ({before[name].split} to {video.split})"
            for name, video in now.items()
            if name in before and before[name].split != video.split
        ),
        tuple(actions["added"]),
        tuple(actions["gone"]),
        tuple(actions["moved"]),
        tuple(sorted(new_labels - labels)),
        tuple(sorted(labels - new_labels)),
    )


def _labels(videos: Iterable[VideoTruth]) -> set[str]:
    return {action.label for video in videos for action in video.actions}


def _actions(before: Sequence[Action], after: Sequence[Action]) -> Iterator[tuple[str, str]]:
    """The kind of each change in a video, and the action in a few words."""
    came = list((Counter(after) - Counter(before)).elements())
    for action in (Counter(before) - Counter(after)).elements():
        overlapping = [each for each in came if _alike(each, action) and _touch(each, action)]
        if overlapping:
            best = min(overlapping, key=lambda each: abs(each.start - action.start) + abs(each.end - action.end))
            came.remove(best)
            yield "moved", f"{said(action)} to {best.start:g}-{best.end:g} s"
        else:
            yield "gone", said(action)
    yield from (("added", said(action)) for action in came)


def _alike(a: Action, b: Action) -> bool:
    return (a.label, a.subject) == (b.label, b.subject)


def _touch(a: Action, b: Action) -> bool:
    return max(a.start, b.start) <= min(a.end, b.end) + 1.0


NONE = Changes()
"""Those of a project that is new."""
