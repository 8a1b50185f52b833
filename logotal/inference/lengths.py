"""Seconds by label: actions of one label that lie close become one, and what is too short is left out.

A detector may find one action in two pieces, or something that is too short for its label; both look wrong to a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from logotal.errors import InputError, did_you_mean
from logotal.timeline import Action

Seconds = Mapping[str, float]
"""Seconds by label; 0 for labels that are absent."""

Wanted = float | Seconds | None
"""What a user says instead: seconds for all labels, for the labels that are named, or nothing."""


def joined(actions: Iterable[Action], gap: Seconds) -> list[Action]:
    """The actions; those of one label that lie closer than its `gap` seconds are one, with the highest of their scores.

    Actions that touch or overlap lie closer than any gap. A label with a gap of 0 stays as it is.

    >>> joined([Action(0, 2, "run", 0.5), Action(2.5, 4, "run", 0.8), Action(9, 10, "run")], {"run": 1.0})[0]
    Action(start=0, end=4, label='run', score=0.8)
    """
    found: list[Action] = []
    last: dict[str, int] = {}
    for action in sorted(actions, key=lambda each: (each.start, each.end)):
        allowed, place = gap.get(action.label, 0.0), last.get(action.label)
        if allowed > 0 and place is not None and round(action.start - found[place].end, 6) < allowed:
            before = found[place]
            found[place] = replace(before, end=max(before.end, action.end), score=max(before.score, action.score))
        else:
            last[action.label] = len(found)
            found.append(action)
    return found


def without_short(actions: Iterable[Action], shortest: Seconds) -> list[Action]:
    """The actions that last at least the `shortest` seconds of their label."""
    return [action for action in actions if action.duration >= shortest.get(action.label, 0.0)]


def instead(own: Seconds, wanted: Wanted, labels: Iterable[str]) -> Seconds:
    """The seconds of some labels: those that a user wants, else their own."""
    if wanted is None or isinstance(wanted, Mapping):
        return {**own, **(wanted or {})}
    return dict.fromkeys(labels, wanted)


def check_wanted(wanted: Wanted, labels: Sequence[str], name: str) -> None:
    """Makes sure that what a user says can be meant; `name` it, for the error.

    Raises:
        InputError: seconds below 0 or without an end, or a label that the model does not have.
    """
    by_label = wanted if isinstance(wanted, Mapping) else {} if wanted is None else {"": wanted}
    for label, seconds in by_label.items():
        if label not in labels and by_label is wanted:
            raise InputError(f"{name}: the model has no label {label!r}; {did_you_mean(label, labels)}")
        check_seconds(seconds, name)


def check_seconds(seconds: float, name: str) -> None:
    """Raises an InputError unless a number of seconds is finite and not below 0."""
    if not 0 <= seconds < float("inf"):  # no comparison holds for nan
        raise InputError(f"{name} must be seconds, 0 or more, found {seconds:g}")


def parse_wanted(words: Sequence[str], name: str) -> Wanted:
    """What options say: SECONDS for all labels, or LABEL=SECONDS for some of them.

    >>> parse_wanted(["0.5"], "--min-duration"), parse_wanted(["run=2", "jump=0.3"], "--min-duration")
    (0.5, {'run': 2.0, 'jump': 0.3})

    Raises:
        InputError: it is neither.
    """
    if not words:
        return None
    pairs = [word.rpartition("=") for word in words]
    try:
        numbers = [float(number) for _, _, number in pairs]
    except ValueError:
        numbers = []
    whole = [not equals for _, equals, _ in pairs]
    if numbers and (not any(whole) or len(words) == 1):
        return numbers[0] if whole[0] else {label: each for (label, _, _), each in zip(pairs, numbers, strict=True)}
    raise InputError(f"{name}: expected SECONDS for all labels, or LABEL=SECONDS for each, found {' '.join(words)!r}")
