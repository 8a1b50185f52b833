"""Which labels may be wrong: where they and detections of networks that have not learned from them contradict.

Each detection is given the share of equally scored ones that are right, learned on other videos (isotonic regression of
right on score), and each label the share of its actions that are found. How likely labels are wrong is then Bayes' rule
on what else would have to be true: that a sure detection is wrong, or that an action was missed which is mostly found.
Before anything is seen, one label in twenty is taken to be wrong. A video whose times are all shifted or scaled is one
doubt, not one for each of its actions; so is a video in which nothing was labelled.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import binom

from logotal.evaluation.ignored import SHARE, ignored_share
from logotal.evaluation.moved_times import moved
from logotal.evaluation.tiou import shared, tiou_of
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline
from logotal.words import amount

NEAR = 0.3
"""tIoU from which on a detection and a label mean the same action."""
OVERLAP = 0.25
"""Of detections of a label that overlap by more than this share of the shorter one, the best counts."""
CANDIDATES = 10
"""Detections that are looked at, for each label and for ten more; weaker ones are never sure."""
SURE = 0.5
"""How likely a detection has to be right before it speaks against a label."""
PARTS = 10
"""Groups of videos: how sure the detections in one are, the others say."""
FEW = 10
"""Labels with fewer actions do not tell how sure their own scores are: all labels together do."""
WRONG = 0.05
"""Share of labels that are wrong, before anything is seen."""
HARDLY = 0.1
"""Up to this share of its actions found, a label was not learned."""


@dataclass(frozen=True)
class Doubt:
    """A reason to look at labels again.

    >>> Doubt("missing", "match", 3.0, 4.5, "serve", 0.9, "serve, not labelled").to_json()["strength"]
    0.9

    Attributes:
        kind: `missing`, an action that nobody labelled; `not found`, a label where no network sees anything; `label`,
            an action that looks like another label; `empty`, a video without labels in which much happens; `times`, a
            video whose times are all shifted or scaled; `unlearned`, a label that no network finds anywhere.
        video: its id; none for a label in all videos.
        start: in seconds; none for a whole video.
        end: likewise.
        label: that is proposed where `missing` or `label`, else that is doubted; none for all of a video.
        strength: from 0 to 1, about how likely the labels are wrong.
        sentence: what speaks against them.
    """

    kind: str
    video: str | None
    start: float | None
    end: float | None
    label: str | None
    strength: float
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """All of it, in types that JSON has."""
        return vars(self) | {"strength": round(self.strength, 3)}


@dataclass(frozen=True)
class _Pair:
    """A video's labels and what was detected in it, the surest first; `taken` is the label that each takes, if any."""

    video: VideoTruth
    found: tuple[Action, ...]
    taken: tuple[int | None, ...]

    def own(self, index: int) -> float:
        """How sure the detection is that takes a label; 0 if none does."""
        return self.found[self.taken.index(index)].score if index in self.taken else 0.0


Recalls = Mapping[str, tuple[int, int]]
"""How many actions of a label are found for sure, and how many there are."""


def find_doubts(videos: Sequence[VideoTruth], timelines: Iterable[Timeline]) -> list[Doubt]:
    """All doubts about the labels of videos, the strongest first.

    Args:
        videos: with their labels; events without length are widened.
        timelines: what networks that have not learned from a video detected in it.
    """
    lines = {line.video: line for line in timelines}
    pairs = _with_surety([_paired(video, lines[video.id]) for video in videos if video.id in lines])
    recalls = _recalls(pairs)
    doubts = [each for label in recalls if (each := _unlearned(label, *recalls[label]))]
    for pair in pairs:
        if not pair.video.actions:
            doubts += _of_empty(pair)
        elif times := _of_times(pair, recalls):
            doubts.append(times)
        else:
            doubts += _of_actions(pair, recalls)
    return sorted(doubts, key=lambda doubt: (-doubt.strength, doubt.video or "", doubt.start or 0.0))


def _paired(video: VideoTruth, line: Timeline) -> _Pair:
    """The best detections of each place, and for each the free label of its kind that it overlaps most."""
    found: list[Action] = []
    surest = sorted(line, key=lambda each: -each.score)[: CANDIDATES * (len(video.actions) + CANDIDATES)]
    for action in surest:
        rivals = (each for each in found if each.label == action.label)
        if all(shared(action, each) <= OVERLAP * min(action.duration, each.duration) for each in rivals):
            found.append(action)
    free, taken = set(range(len(video.actions))), list[int | None]()
    for action in found:
        near = ((tiou_of(action, video.actions[i]), i) for i in free if video.actions[i].label == action.label)
        overlap, best = max(near, default=(0.0, 0))
        taken.append(best if overlap >= NEAR else None)
        free -= {best} if overlap >= NEAR else set()
    return _Pair(video, tuple(found), tuple(taken))


def _with_surety(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The same; how likely each detection is right, by the videos of other parts, instead of its score."""
    parts = min(PARTS, len(pairs))
    fits = [_fits([pair for i, pair in enumerate(pairs) if i % parts != part]) for part in range(parts)]
    return [_as_sure(pair, fits[index % parts]) for index, pair in enumerate(pairs)]


Fits = Mapping[str | None, Callable[[Sequence[float]], Sequence[float]]]
"""From scores of a label to how likely they are right; None for labels with few actions."""


def _as_sure(pair: _Pair, fits: Fits) -> _Pair:
    found = list(pair.found)
    keys = [each.label if each.label in fits else None for each in found]
    for key in set(keys):
        mine = [i for i, its in enumerate(keys) if its == key]
        for i, sure in zip(mine, fits[key]([found[i].score for i in mine]), strict=True):
            found[i] = replace(found[i], score=float(sure))
    return replace(pair, found=tuple(found))


def _fits(pairs: Sequence[_Pair]) -> Fits:
    """What the detections of videos say about scores; a wrong one with the best score is added: none is quite sure."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - takes a second to import

    actions = Counter(action.label for pair in pairs for action in pair.video.actions)
    rows = [
        (each.label, each.score, taken is not None)
        for pair in pairs
        for each, taken in zip(pair.found, pair.taken, strict=True)
    ]
    fits: dict[str | None, Callable[[Sequence[float]], Sequence[float]]] = {None: lambda scores: [0.0] * len(scores)}
    for label in (None, *(label for label, count in actions.items() if count >= FEW)):
        mine = [(score, right) for name, score, right in rows if label in (None, name)]
        if mine:
            scores, right = zip(*mine, (max(score for score, _ in mine), False), strict=True)
            fits[label] = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, right).predict
    return fits


def _recalls(pairs: Sequence[_Pair]) -> Recalls:
    found, all_of = Counter[str](), Counter[str]()
    for pair in pairs:
        for index, action in enumerate(pair.video.actions):
            all_of[action.label] += 1
            found[action.label] += pair.own(index) >= SURE
    return {label: (found[label], count) for label, count in all_of.items()}


def _miss(recalls: Recalls, label: str) -> float:
    """How likely an action of a label is not found, though it is there."""
    found, count = recalls[label]
    return (count - found + 1) / (count + 2)


def _likely(*evidence: float) -> float:
    """How likely labels are wrong: each piece of evidence is how many times more often it is seen where they are."""
    odds = WRONG / (1 - WRONG) * math.prod(evidence)
    return odds / (1 + odds)


def _against(surety: float) -> float:
    """The evidence of a detection that would have to be wrong."""
    return surety / max(1 - surety, 1e-3)


def _unlearned(label: str, found: int, count: int) -> Doubt | None:
    if found > HARDLY * count or count < FEW / 2:
        return None
    sentence = f"{found} of {amount(count, 'action')} are found: labelled in different ways, or too few"
    return Doubt("unlearned", None, None, None, label, 0.5, sentence)


def _of_times(pair: _Pair, recalls: Recalls) -> Doubt | None:
    """One doubt for a video whose times fit after they were shifted or scaled."""
    sure = [each for each in pair.found if each.score >= SURE]
    found = moved(pair.video.actions, sure)
    if found is None:
        return None
    mean = sum(_miss(recalls, action.label) for action in pair.video.actions) / found.count
    so_few = float(binom.cdf(found.before, found.count, 1 - mean))  # as they are found now, if they were right
    strength = _likely(1 / max(so_few * found.by_chance, 1e-9))
    return Doubt("times", pair.video.id, None, None, None, strength, found.sentence)


def _of_empty(pair: _Pair) -> Iterator[Doubt]:
    sure = [each.score for each in pair.found if each.score >= SURE]
    if len(sure) > 1:
        sentence = f"nothing is labelled, and {len(sure)} actions are found that are likely right"
        yield Doubt("empty", pair.video.id, None, None, None, _likely(*map(_against, sure)), sentence)


def _of_actions(pair: _Pair, recalls: Recalls) -> Iterator[Doubt]:
    """Actions that are missing, not found, or look like another label."""
    video, unlike = pair.video, set[int]()
    for each, taken in zip(pair.found, pair.taken, strict=True):
        if taken is not None or each.score < SURE or _is_ignored(each, video):
            continue
        near = ((tiou_of(each, action), i) for i, action in enumerate(video.actions) if pair.own(i) < SURE)
        overlap, index = max(near, default=(0.0, 0))
        if overlap >= NEAR:
            unlike.add(index)
            labelled = video.actions[index].label
            strength = _likely(_against(each.score), 1 / _miss(recalls, labelled))
            sentence = f"labelled {labelled}, looks like {each.label}"
            yield Doubt("label", video.id, each.start, each.end, each.label, strength, sentence)
        else:
            strength = _likely(_against(each.score))
            yield Doubt("missing", video.id, each.start, each.end, each.label, strength, f"{each.label}, not labelled")
    for index, action in enumerate(video.actions):
        if index not in unlike and pair.own(index) < SURE:
            found, count = recalls[action.label]
            strength = _likely(1 / _miss(recalls, action.label), (1 - pair.own(index)))
            sentence = f"{action.label} is not found here, elsewhere {found} of {count} are"
            yield Doubt("not found", video.id, action.start, action.end, action.label, strength, sentence)


def _is_ignored(action: Action, video: VideoTruth) -> bool:
    return bool(ignored_share(np.array([[action.start, action.end]]), video.ignored)[0] >= SHARE)
