"""Training and validation: whole groups, every label in both where that can be, the same on every machine.

Labels are dealt out from the rarest on: each of its groups goes to the split that lacks most of the label. Training
comes first: what only one group shows stays there, for nobody can learn from the validation split.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from logotal.errors import InputError
from logotal.words import few

TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Splits:
    """The split of each group, and sentences about what could not be had."""

    of_group: Mapping[str, str]
    notes: tuple[str, ...] = ()


def split_groups(
    actions: Mapping[str, Mapping[str, int]],
    sizes: Mapping[str, int],
    *,
    held_back: float,
    seed: int,
    fixed: Mapping[str, str] | None = None,
) -> Splits:
    """Which groups are trained on and which are held back.

    Args:
        actions: the number of actions per label, for every group.
        sizes: the number of videos of every group.
        held_back: the part of actions and of videos to hold back, in [0, 1).
        seed: gives another split of the same quality.
        fixed: the split of groups that have one already, and keep it.

    Raises:
        InputError: `held_back` is not in [0, 1).
    """
    if not 0 <= held_back < 1:
        raise InputError(f"expected a part from 0 to below 1 to hold back, found {held_back:g}")
    fixed = fixed or {}
    if held_back == 0:
        splits = {group: fixed.get(group, TRAINING) for group in sorted(sizes)}
        nothing = VALIDATION not in splits.values()
        return Splits(splits, ("nothing is held back, so nothing can be evaluated",) if nothing else ())
    deal = _Deal(actions, sizes, held_back, seed, fixed)
    deal.deal()
    deal.mend()
    return Splits({group: deal.split[group] for group in sorted(sizes)}, tuple(deal.notes()))


def name_splits(given: Collection[str], where: str) -> tuple[str, str] | None:
    """The split to train on and the one to evaluate on, of those that label files name; None for a single one.

    >>> name_splits(["val", "test", "train"], "labels.json"), name_splits(["Test", "Validation"], "thumos14.json")
    (('train', 'val'), ('Validation', 'Test'))

    Raises:
        InputError: the names do not say which is which.
    """
    if len(given) < 2:
        return None
    kinds = {word: sorted(name for name in given if name.lower().startswith(word)) for word in ("train", "val", "test")}
    kinds["val"] += sorted(name for name in given if name.lower().startswith("dev"))
    order = [names for names in kinds.values() if names]
    if len(order) < 2 or any(len(names) > 1 for names in order):
        raise InputError(
            f"{where}: expected splits called training, validation or test, "
            f"found {', '.join(map(repr, sorted(given)))}; rename them"
        )
    return order[0][0], order[1][0]


class _Deal:
    """Groups on their way into the two splits."""

    def __init__(
        self,
        actions: Mapping[str, Mapping[str, int]],
        sizes: Mapping[str, int],
        held_back: float,
        seed: int,
        fixed: Mapping[str, str],
    ) -> None:
        self.fixed = fixed
        self.actions = {group: {label: n for label, n in actions.get(group, {}).items() if n} for group in sizes}
        self.sizes, self.held_back = sizes, held_back
        self.order = sorted(sizes, key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest())
        self.holders: dict[str, list[str]] = {}
        for group in self.order:
            for label in self.actions[group]:
                self.holders.setdefault(label, []).append(group)
        self.split: dict[str, str] = {}
        self.held: Counter[str] = Counter()
        """Groups in validation, per label."""
        self.groups_held = 0
        self.needed = {
            split: Counter({label: part * self._count(label) for label in self.holders})
            for split, part in ((TRAINING, 1 - held_back), (VALIDATION, held_back))
        }
        videos = sum(sizes.values())
        self.videos_needed = {TRAINING: (1 - held_back) * videos, VALIDATION: held_back * videos}

    def deal(self) -> None:
        """Gives every group a split."""
        for group, split in self.fixed.items():
            self._put(group, split)
        labels = sorted(self.holders, key=lambda label: (len(self.holders[label]), self._count(label), label))
        for label in labels:
            # The fullest first: what is left then evens out.
            for group in sorted(self.holders[label], key=lambda each: -self.actions[each][label]):
                if group not in self.split:
                    self._put(group, self._poorer(group, label))
        for group in self.order:
            if group not in self.split:
                self._put(group, self._poorer(group, None))

    def mend(self) -> None:
        """Moves groups into validation for labels that it lacks, and where it is empty any that training can spare."""
        for label in sorted(self.holders, key=lambda label: (len(self.holders[label]), label)):
            if not self.held[label] and (free := [g for g in self.holders[label] if self._may_leave(g)]):
                self._put(min(free, key=lambda group: self.sizes[group]), VALIDATION)
        if VALIDATION not in self.split.values() and (free := [g for g in self.order if self._may_leave(g)]):
            self._put(min(free, key=lambda group: self.sizes[group]), VALIDATION)

    def notes(self) -> list[str]:
        """What could not be had."""
        if VALIDATION not in self.split.values():
            cause = "every group has a label that no other has"
            if len(self.sizes) == 1:
                cause = "there is only one group"
            elif self.fixed:
                cause = "videos keep their splits and no new one can be spared"
            return [f"nothing is held back, for {cause}: nothing can be evaluated until more videos are labelled"]
        unseen = sorted(label for label in self.holders if self.held[label] == len(self.holders[label]))
        single = sorted(label for label in self.holders if len(self.holders[label]) == 1 and label not in unseen)
        missing = sorted(label for label in self.holders if label not in single and not self.held[label])
        notes = []
        if single:
            notes.append(f"only one group has {few(single, most=10)}: trained on, never evaluated")
        if unseen:
            notes.append(f"only videos that are held back have {few(unseen, most=10)}: evaluated, never trained on")
        if missing and self.fixed:
            notes.append(f"no video that is held back has {few(missing, most=10)}: trained on, never evaluated")
        elif missing:
            notes.append(f"training cannot spare a group with {few(missing, most=10)}: trained on, never evaluated")
        part = sum(self.sizes[g] for g, split in self.split.items() if split == VALIDATION) / sum(self.sizes.values())
        if not self.fixed and part > 1.5 * self.held_back + 0.05:
            notes.append(
                f"{part:.0%} of the videos are held back in place of {self.held_back:.0%}: "
                "groups are kept whole, and every label is to be evaluated"
            )
        return notes

    def _count(self, label: str) -> int:
        return sum(self.actions[group][label] for group in self.holders[label])

    def _poorer(self, group: str, label: str | None) -> str:
        """The split that lacks most of a label, or of videos."""
        if not self._may_leave(group):
            return TRAINING
        lacks = {
            split: (0.0 if label is None else self.needed[split][label], self.videos_needed[split])
            for split in (TRAINING, VALIDATION)
        }
        return VALIDATION if lacks[VALIDATION] > lacks[TRAINING] else TRAINING

    def _may_leave(self, group: str) -> bool:
        """Whether training keeps, or can still get, every label and a group without this one."""
        if group in self.fixed or self.split.get(group) == VALIDATION:
            return False
        return len(self.sizes) - self.groups_held > 1 and all(
            self.held[label] + 2 <= len(self.holders[label]) for label in self.actions[group]
        )

    def _put(self, group: str, split: str) -> None:
        if (before := self.split.get(group)) is not None:
            self._take(group, before, -1)
        self.split[group] = split
        self._take(group, split, 1)

    def _take(self, group: str, split: str, sign: int) -> None:
        self.videos_needed[split] -= sign * self.sizes[group]
        self.groups_held += sign * (split == VALIDATION)
        for label, count in self.actions[group].items():
            self.needed[split][label] -= sign * count
            self.held[label] += sign * (split == VALIDATION)
