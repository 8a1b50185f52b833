"""Orders in which videos might be labelled, by what a model finds in them: those that `benchmarks.next` compares."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logotal.evaluation.tiou import tiou_of
from logotal.evaluation.worth import doubt, most_useful
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline

SAME = 0.3
"""The tIoU from which two models mean one action."""


@dataclass(frozen=True)
class Asked:
    """What may be known when the next videos are chosen: what the model shows in the others, and what is labelled."""

    shown: Sequence[Timeline]
    labelled: Sequence[VideoTruth]
    looks: Mapping[str, NDArray[np.float64]]
    random: np.random.Generator
    by_others: Callable[[], Sequence[Sequence[Timeline]]]
    """What other models show in the same videos; they are trained when they are asked for."""


def by_chance(asked: Asked) -> list[str]:
    """Any order."""
    return [asked.shown[i].video for i in asked.random.permutation(len(asked.shown))]


def as_the_command(asked: Asked) -> list[str]:
    """What `logotal next` says."""
    return [stretch.video for stretch in most_useful(asked.shown)]


def rare_first(asked: Asked) -> list[str]:
    """The same, but doubt counts twice where a label has less than half as many actions as labels have on average."""
    counted = Counter(action.label for video in asked.labelled for action in video.actions)
    rare = {label for label, count in counted.items() if count < counted.total() / (2 * len(counted))}
    worth = {
        line.video: sum(doubt(action) * (1 + (action.label in rare)) for action in line) / (line.duration or 1.0)
        for line in asked.shown
    }
    return sorted(worth, key=lambda video: -worth[video])


def most_found(asked: Asked) -> list[str]:
    """Where the model finds most, per minute, each by its score."""
    expected = {line.video: sum(action.score for action in line) / (line.duration or 1.0) for line in asked.shown}
    return sorted(expected, key=lambda video: -expected[video])


def least_alike(asked: Asked) -> list[str]:
    """Always the video whose mean features are farthest from those of all that come before it."""
    order: list[str] = []
    apart = {line.video: np.inf for line in asked.shown}
    last = [video.id for video in asked.labelled]
    while apart:
        for video, before in apart.items():
            near = min(float(np.linalg.norm(asked.looks[video] - asked.looks[other])) for other in last)
            apart[video] = min(before, near)
        last = [max(apart, key=lambda video: apart[video])]
        order += last
        del apart[last[0]]
    return order


def models_disagree(asked: Asked) -> list[str]:
    """Where models that have learned from other draws of the labels show something else, or with another score."""
    return _by_difference(asked, lambda action, same: abs(action.score - (same.score if same else 0.0)))


def boundaries_disagree(asked: Asked) -> list[str]:
    """Where such models draw the boundaries of the same actions differently."""
    return _by_difference(asked, lambda action, same: 1.0 - tiou_of(action, same) if same else 0.0)


def _by_difference(asked: Asked, differ: Callable[[Action, Action | None], float]) -> list[str]:
    """The videos by how much the actions of each model differ from the same of all others, per second."""
    models = [asked.shown, *asked.by_others()]
    worth = {}
    for lines in zip(*models, strict=True):
        pairs = [(one, other) for one in lines for other in lines if other is not one]
        apart = sum(differ(action, _same(action, other)) for one, other in pairs for action in one)
        worth[lines[0].video] = apart / (lines[0].duration or 1.0)
    return sorted(worth, key=lambda video: -worth[video])


def _same(action: Action, line: Timeline) -> Action | None:
    """What another model shows of an action, if it does."""
    near = [other for other in line if other.label == action.label and tiou_of(action, other) >= SAME]
    return max(near, key=lambda other: tiou_of(action, other), default=None)


ORDERS: dict[str, Callable[[Asked], list[str]]] = {
    "random": by_chance,
    "next": as_the_command,
    "rare twice": rare_first,
    "most found": most_found,
    "least alike": least_alike,
    "models disagree": models_disagree,
    "boundaries disagree": boundaries_disagree,
}
